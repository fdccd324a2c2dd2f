/** `silo lsp|ide`: what their command lines look like. */
import type { Command } from "commander";
import type { Host } from "../../../host.ts";

type End = (work: Promise<number | void>) => Promise<void>;

const EXAMPLES = `
EDITOR is vscode, zed, neovim, helix or emacs. Only your own settings are written, never a project's; what is there,
comments included, stays.

Examples:
  silo ide neovim
  silo ide helix --tool python --tool rust
  silo ide zed --print
  silo ide vscode --remove
`;

export function describeEditorCommands(program: Command, host: Host, end: End): void {
  // Handled before commander is loaded; listed here for the help.
  program.command("lsp [flags...]").description("run a tool's language server in its sandbox, for an editor")
    .helpOption(false).usage("[flags] TOOL [args…]").action(() => {});
  program.command("ide").argument("<editor>").description("set an editor up to start language servers with silo")
    .option("--tool <tool>", "for this tool (repeatable; else for all that are installed)", collect)
    .option("--remove", "take back what silo has written")
    .option("--print", "print the settings as they would be, and write nothing")
    .addHelpText("after", EXAMPLES)
    .action((editor, options) => end(import("./ide.ts").then((it) => it.ide(host, editor, options))));
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
