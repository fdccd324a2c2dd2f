/** The commands about running sandboxes, and their help. */
import type { Command } from "commander";
import type { Host } from "../../../host.ts";

type End = (work: Promise<number | void>) => Promise<void>;

export function describeMachineCommands(program: Command, host: Host, end: End): void {
  program.command("ps").alias("ls").description("show the sandboxes that run")
    .option("-q, --quiet", "print their names alone, for other commands")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  silo ps\n  silo ls -q\n  silo ps --json | jq '.[].memory'\n")
    .action((options) => end(import("./ps.ts").then((it) => it.ps(host, options))));
  program.command("rm").argument("[id...]").description("end sandboxes, with the silo that runs them")
    .option("--all", "all that are yours")
    .addHelpText("after", RM_EXAMPLES)
    .action((ids, options) => end(import("./rm.ts").then((it) => it.rm(host, ids, options))));
  program.command("exec").argument("<id>").argument("<command...>").passThroughOptions()
    .description("run another program in a sandbox that runs")
    .option("--user <who>", "who runs it: you (host), or the sandbox's root", "host")
    .option("--env <name=value>", "set a variable for it (repeatable)", collect)
    .option("--cwd <dir>", "where in the sandbox it begins")
    .addHelpText("after", EXEC_EXAMPLES)
    .action((id, words, options) => end(import("./exec.ts").then((it) => it.exec(host, id, words, options))));
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

const RM_EXAMPLES = `
ID is a name of \`silo ps\`, or the beginning of an id. What a sandbox has written in the project stays; all else is gone.

Examples:
  silo rm myproject-1 myproject-2
  silo rm $(silo ps -q)
  silo rm --all
`;

const EXEC_EXAMPLES = `
ID is a name of \`silo ps\`, or the beginning of an id. Everything after it is the program and its arguments.

Examples:
  silo exec myproject-1 bash
  silo exec myproject-1 ps aux
  silo exec --user root myproject-1 apt-get install -y strace
`;
