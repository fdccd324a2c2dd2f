/** `silo config …`: the commands and their help. */
import type { Command } from "commander";
import type { Host } from "../../../host.ts";

type End = (work: Promise<number | void>) => Promise<void>;

const EXAMPLES = `
Changes are made in place: comments, order and all other lines of the file stay as they are. What you change here counts
as accepted by you (\`silo trust\`).

Examples:
  silo config network allow example.com '*.example.org' db.example.com:5432
  silo config network allow node registry.example.com     for one tool
  silo config network deny --global telemetry.example.com
  silo config network remove example.com
  silo config ports add node 5173
  silo config ports add 8080:80
`;

export function describeConfigCommands(program: Command, host: Host, end: End): void {
  const config = program.command("config").description("look at settings and change them")
    .usage("COMMAND …").addHelpText("after", EXAMPLES);
  const edits = () => import("./edits.ts");
  const network = config.command("network").description("say which hosts may be reached").usage("COMMAND …");
  scoped(network.command("allow").argument("<[tool] host...>").description("let hosts be reached"))
    .option("--private", "even at an address that is not public")
    .option("--install", "while tools are installed and built only")
    .action((words, options) => end(edits().then((it) => it.networkAllow(host, words, options))));
  scoped(network.command("deny").argument("<[tool] host...>").description("refuse hosts, whatever else allows them"))
    .action((words, options) => end(edits().then((it) => it.networkDeny(host, words, options))));
  scoped(network.command("remove").argument("<[tool] host...>").description("take rules about hosts away"))
    .action((words, options) => end(edits().then((it) => it.networkRemove(host, words, options))));
  const ports = config.command("ports").description("say which ports lead into the sandbox").usage("COMMAND …");
  scoped(ports.command("add").argument("<[tool] port...>").description("forward ports of this machine's loopback"))
    .action((words, options) => end(edits().then((it) => it.portsAdd(host, words, options))));
  scoped(ports.command("remove").argument("<[tool] port...>").description("forward them no longer"))
    .action((words, options) => end(edits().then((it) => it.portsRemove(host, words, options))));
}

/** The two flags of every edit. */
function scoped(command: Command): Command {
  return command
    .option("--tool <name>", "for this tool only")
    .option("--global", "in your own silo.toml instead of the project's");
}
