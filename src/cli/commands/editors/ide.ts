/** `silo ide EDITOR` */
import { EXIT, reasonOf, SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import type { Editor, Server } from "../../../ide/editor.ts";
import { emacs } from "../../../ide/emacs.ts";
import { helix } from "../../../ide/helix.ts";
import { lineDiff } from "../../../ide/line_diff.ts";
import { neovim } from "../../../ide/neovim.ts";
import { replaceSettings } from "../../../ide/replace_settings.ts";
import { vscode } from "../../../ide/vscode.ts";
import { wrapperPath, writeWrapper } from "../../../ide/wrapper.ts";
import { zed } from "../../../ide/zed.ts";
import { nearest } from "../../../nearest.ts";
import { siloProgram } from "../../../shims/silo_program.ts";
import { readInstalled } from "../../../tools/installed.ts";
import { availableTools, readDefinition } from "../../../tools/registry.ts";
import { writeAll } from "../../output.ts";

const EDITORS: Readonly<Record<string, Editor>> = { vscode, zed, neovim, helix, emacs };

export interface IdeOptions {
  readonly tool?: readonly string[];
  readonly remove?: boolean;
  readonly print?: boolean;
}

export async function ide(host: Host, name: string, options: IdeOptions): Promise<number> {
  const editor = editorOf(name);
  const what = options.remove ? "remove" : "add";
  const servers = serversFor(host, editor, options).filter((server) => editor.takes?.(server) ?? true);
  if (servers.length === 0) {
    throw new SiloError(`could not set ${editor.name} up: none of the tools has a language server that it can start`);
  }
  const file = editor.file(host);
  const before = read(file);
  let after: string;
  try {
    after = await editor.change(before, servers, what);
  } catch (error) {
    if (!(error instanceof SiloError)) throw error;
    throw new SiloError(`could not set ${editor.name} up: ${file}: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
  const say = (text: string) => writeAll(Deno.stdout, text);
  if (options.print) {
    say(after);
    return EXIT.OK;
  }
  if (what === "add") { for (const server of servers) writeWrapper(server); }
  if (after === before) {
    say(`${file}: nothing to change\n`);
    return EXIT.OK;
  }
  say(`${file}\n${lineDiff(before, after)}`);
  replaceSettings(file, after);
  const notes = what === "add" ? editor.notes?.(servers) ?? [] : [];
  if (notes.length > 0) say(`\n${notes.map((note) => `${note}\n`).join("")}`);
  return EXIT.OK;
}

function editorOf(name: string): Editor {
  const editor = Object.hasOwn(EDITORS, name) ? EDITORS[name] : undefined;
  if (editor !== undefined) return editor;
  const known = Object.keys(EDITORS);
  const guess = nearest(name, known);
  throw new SiloError(`could not set ${name} up: silo does not know how its settings are written`, {
    hint: guess ? `Did you mean ${guess}?` : `It knows ${known.join(", ")}.`,
  });
}

/** The tools that were named, else all that are installed; for --remove, all that there are. */
function serversFor(host: Host, editor: Editor, { tool: named, remove }: IdeOptions): Server[] {
  const tools = named ?? (remove ? availableTools(host) : [...readInstalled(host).keys()]);
  const servers = tools.flatMap((tool) => serverOf(host, tool) ?? []);
  const missing = named?.find((tool) => !servers.some((server) => server.tool === tool));
  if (missing !== undefined) {
    throw new SiloError(`could not set ${editor.name} up for ${missing}: no language server is known for it`, {
      hint: `Its definition can name one: [lsp] in ${host.siloHome}/registry/${missing}.toml`,
    });
  }
  if (servers.length > 0) return servers;
  throw new SiloError(`could not set ${editor.name} up: no tool with a language server is installed`, {
    hint: "For example: silo install python, or name a tool: --tool python",
  });
}

function serverOf(host: Host, tool: string): Server | undefined {
  const lsp = readDefinition(host, tool)?.lsp;
  const [program] = lsp?.command ?? [];
  if (lsp === undefined || program === undefined) return undefined;
  return {
    tool,
    program: program.slice(program.lastIndexOf("/") + 1),
    languages: lsp.languages,
    command: [siloProgram(), "lsp", tool],
    wrapper: wrapperPath(host, tool),
  };
}

function read(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return "";
    throw new SiloError(`could not read ${file}: ${reasonOf(cause)}`, { cause });
  }
}
