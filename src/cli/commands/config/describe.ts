/** `silo config …`: the commands and their help. */
import type { Command } from "commander";
import type { Host } from "../../../host.ts";

type End = (work: Promise<number | void>) => Promise<void>;

const EXAMPLES = `
Changes are made in place: comments, order and all other lines of the file stay as they are. What you change here counts
as accepted by you (\`silo trust\`).

Examples:
  silo config show node                                   what holds here, and which file says so
  silo config network allow example.com '*.example.org' db.example.com:5432
  silo config network allow node registry.example.com     for one tool
  silo config network deny --global telemetry.example.com
  silo config network remove example.com
  silo config ports add node 5173
  silo config ports add 8080:80
  silo config ports remove node 5173
  silo config paths
  silo config edit --global
  silo config default --global    what your own file can say
  silo config init
  silo config migrate .siloconf
  silo config schema > silo.schema.json
`;

export function describeConfigCommands(program: Command, host: Host, end: End): void {
  const config = program.command("config").description("look at settings and change them")
    .usage("COMMAND …").addHelpText("after", EXAMPLES);
  const files = () => import("./files.ts");
  config.command("show").argument("[tool]").description("show the merged settings, each value with its file")
    .option("--json", "print JSON")
    .action((tool, options) => end(import("./show.ts").then((it) => it.configShow(host, tool, options))));
  config.command("paths").description("show which files are read")
    .option("--json", "print JSON")
    .action((options) => end(files().then((it) => it.configPaths(host, options))));
  config.command("edit").description("open silo.toml in your editor; what you write counts as accepted")
    .option("--global", "your own silo.toml instead of the project's")
    .action((options) => end(files().then((it) => it.configEdit(host, options))));
  config.command("default").description("print a silo.toml with everything that can be said, as comments")
    .option("--global", "for your own file")
    .action((options) => end(files().then((it) => it.configDefault(host, options))));
  config.command("init").description("write a silo.toml with everything that can be said, as comments")
    .option("--local", "here (if nothing is said)")
    .option("--global", "in the silo home, for every project")
    .action((options) => end(files().then((it) => it.configInit(host, options))));
  config.command("migrate").argument("[file]").description("make a silo.toml of an older .siloconf or silo.jsonc")
    .option("--global", "your own settings")
    .action((file, options) => end(files().then((it) => it.configMigrate(host, file, options))));
  config.command("schema").description("print the JSON Schema of silo.toml, for editors")
    .option("--global", "of your own file")
    .action((options) => end(files().then((it) => it.configSchema(host, options))));
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
  scoped(ports.command("add").argument("<[tool] port...>").description("open ports of the sandbox on 127.0.0.1"))
    .action((words, options) => end(edits().then((it) => it.portsAdd(host, words, options))));
  scoped(ports.command("remove").argument("<[tool] port...>").description("open ports no longer"))
    .action((words, options) => end(edits().then((it) => it.portsRemove(host, words, options))));
}

/** The two flags of every edit. */
function scoped(command: Command): Command {
  return command
    .option("--tool <name>", "for this tool only")
    .option("--global", "in your own silo.toml instead of the project's");
}
