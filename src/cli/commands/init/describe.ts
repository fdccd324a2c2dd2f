/** `silo init` and its help. */
import type { Command } from "commander";
import type { Host } from "../../../host.ts";

const EXAMPLES = `
Finds the tools of this directory by their files (package.json, pyproject.toml, Cargo.toml, go.mod, deno.json), also a
little way down, asks on a terminal, and writes silo.toml.

Examples:
  silo init
  silo init --no-interactive                          what was found, without questions
  silo init --tool node --port 5173 --pass-env CI
`;

export function describeInit(program: Command, host: Host, end: (work: Promise<number | void>) => Promise<void>): void {
  program.command("init").description("write a silo.toml for this directory")
    .option("--tool <name>", "a tool to use, instead of what is found (repeatable)", collect)
    .option("--port <port>", "a port that leads into the sandbox (repeatable)", collect)
    .option("--pass-env <name>", "a variable that the tools may see (repeatable)", collect)
    .option("--no-interactive", "ask nothing")
    .addHelpText("after", EXAMPLES)
    .action((options) => end(import("./init.ts").then((it) => it.init(host, options))));
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
