/** The commands about tools and their shims, and their help. */
import type { Command } from "commander";
import type { Host } from "../../../host.ts";

type End = (work: Promise<number | void>) => Promise<void>;

export function describeToolCommands(program: Command, host: Host, end: End): void {
  program.command("install").argument("[tool[@version]]").description("install a tool, or repair it")
    .option("--from <source>", "registry or debian (where it is from already, else registry)")
    .option("--image <ref>", "any OCI image: REFERENCE, oci:DIR, oci-archive:FILE or docker-archive:FILE")
    .option("--name <name>", "with --image: what to call the tool (the image's last name)")
    .option("--shim <names>", "with --image: programs to run by name, NAME or NAME:COMMAND (repeatable)", collect)
    .option("--setup <file>", "with --image: a script that completes it, run once as root in a machine")
    .option("--cpus <n>", "with --image: number of processors of its runs")
    .option("--memory <mib>", "with --image: memory of its runs in MiB")
    .option("--network <hosts>", "with --image: hosts that it may reach, a,b:443,*.c (repeatable)", collect)
    .option("--force", "build again even what is there")
    .addHelpText("after", INSTALL_EXAMPLES)
    .action((tool, options) => end(import("../install.ts").then((it) => it.install(host, tool, options))));
  program.command("uninstall").argument("<tool>").description("remove a tool and free its disk space")
    .option("--keep-image", "leave its image for the next time")
    .addHelpText("after", "\nExamples:\n  silo uninstall python\n  silo uninstall --keep-image node\n")
    .action((tool, options) => end(import("../uninstall.ts").then((it) => it.uninstallCommand(host, tool, options))));
  program.command("list").description("show the installed tools")
    .option("--available", "show all tools that can be installed")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  silo list\n  silo list --available\n  silo list --json | jq -r '.[].name'\n")
    .action((options) => end(import("../list.ts").then((it) => it.list(host, options))));
  program.command("current").argument("[tool]").description("show what each tool is in this directory, and why")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  silo current\n  silo current python\n")
    .action((tool, options) => end(import("./current.ts").then((it) => it.current(host, tool, options))));
  program.command("reset").description("remove all that silo keeps: tools, images, caches, settings")
    .option("-y, --yes", "do not ask")
    .option("--keep-settings", "leave your own silo.toml")
    .addHelpText("after", "\nExamples:\n  silo reset\n  silo reset --yes --keep-settings\n")
    .action((options) => end(import("./reset.ts").then((it) => it.reset(host, options))));
  describeUse(program, host, end);
  describeShims(program, host, end);
}

function describeUse(program: Command, host: Host, end: End): void {
  const load = () => import("./use.ts");
  program.command("use").argument("<tool[@version]...>").description("name tools in the project's silo.toml")
    .option("--global", "in your own silo.toml: for every project that says nothing else")
    .option("--no-install", "do not install what is missing")
    .addHelpText("after", USE_EXAMPLES)
    .action((words, options) => end(load().then((it) => it.use(host, words, options))));
  program.command("unuse").argument("<tool...>").description("take tools out of the project's silo.toml again")
    .option("--global", "out of your own silo.toml")
    .addHelpText("after", "\nExamples:\n  silo unuse python\n  silo unuse --global node\n")
    .action((words, options) => end(load().then((it) => it.unuse(host, words, options))));
  program.command("pin").argument("<tool...>").description("let a tool's shims count in every directory")
    .addHelpText("after", PIN_EXAMPLES)
    .action((words) => end(load().then((it) => it.pin(host, words, true))));
  program.command("unpin").argument("<tool...>").description("let a tool's shims count only in projects that name it")
    .addHelpText("after", PIN_EXAMPLES)
    .action((words) => end(load().then((it) => it.pin(host, words, false))));
}

function describeShims(program: Command, host: Host, end: End): void {
  program.command("shim").argument("<tool>").argument("<action>", "add, remove or list")
    .argument("[names...]", "NAME, or NAME:COMMAND").passThroughOptions()
    .description("add, remove or list the programs that a tool puts on PATH").addHelpText("after", SHIM_EXAMPLES)
    .action((tool, action, names) => end(import("./shim.ts").then((it) => it.shim(host, tool, action, names))));
  program.command("shellenv").argument("[shell]").description("print what puts the shims on PATH: for eval")
    .addHelpText("after", SHELLENV_EXAMPLES)
    .action((shell) => end(import("./shellenv.ts").then((it) => it.shellenv(host, shell))));
  program.command("completions").argument("[shell]").argument("[words...]").passThroughOptions()
    .description("print the completions of a shell alone (shellenv has them too)").usage("SHELL")
    .addHelpText("after", COMPLETIONS_EXAMPLES)
    .action((shell, words) => end(import("./shellenv.ts").then((it) => it.completions(host, shell, words))));
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

const INSTALL_EXAMPLES = `
On a terminal, \`silo install python\` asks which version; elsewhere it takes the one that is current.

Examples:
  silo install python              the image that silo's own list names
  silo install python@3.12         another version of it
  silo install python --from debian           built here from Debian's packages, without a registry
  silo install --image ghcr.io/owner/tool:1   any image; \`silo tool\` runs what the image runs
  silo install --image python:3.13-alpine --name py --shim py:python3,pip
  silo install --image debian:13 --name jq --shim jq --setup ./install-jq.sh
  silo install --image oci-archive:tool.tar --network api.example.com

A registry's login is the one of \`docker login\`. Mirrors: [registries] in your own silo.toml.
`;

const USE_EXAMPLES = `
A tool that is not installed is installed, with shims that count only in projects that name it.

Examples:
  silo use python                  this project is for python
  silo use python@3.12 node@22     with these versions; several of one tool can be installed
  silo use --global node@22        where a project names no version
`;

const PIN_EXAMPLES = `
\`silo install\` pins: \`python\` is silo's in every directory. Unpinned, \`python\` is silo's in projects whose silo.toml
names it, and elsewhere the next python on PATH.

Examples:
  silo unpin python
  silo pin python
`;

const SHIM_EXAMPLES = `
Examples:
  silo shim python list
  silo shim python list --json
  silo shim python add ipython black mypy
  silo shim python add ipython:python -m IPython    \`ipython\` runs \`python -m IPython\`
  silo shim python remove ipython
`;

const SHELLENV_EXAMPLES = `
SHELL is bash, zsh, fish, csh, tcsh or pwsh; yours, if none is named. With the PATH come completions.

Examples:
  eval "$(silo shellenv)"                          in ~/.bashrc or ~/.zshrc
  silo shellenv fish | source                      in ~/.config/fish/config.fish
  eval \`silo shellenv tcsh\`                        in ~/.tcshrc
  silo shellenv pwsh | Out-String | Invoke-Expression
`;

const COMPLETIONS_EXAMPLES = `
SHELL is bash, zsh, fish, tcsh or pwsh.

Examples:
  silo completions bash > ~/.local/share/bash-completion/completions/silo
  silo completions fish > ~/.config/fish/completions/silo.fish
`;
