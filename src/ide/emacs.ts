/**
 * Emacs with Eglot: `eglot-server-programs`,
 * https://www.gnu.org/software/emacs/manual/html_node/eglot/Setting-Up-LSP-Servers.html
 *
 * @module
 */
import { configDirectory, type Editor, type Server } from "./editor.ts";
import { withBlock } from "./marked_block.ts";

/** Major modes of a language: the old one and that of tree-sitter. */
const MODES: Readonly<Record<string, readonly string[]>> = {
  javascript: ["js-mode", "js-ts-mode"],
  javascriptreact: ["js-jsx-mode"],
  typescriptreact: ["tsx-ts-mode"],
  rust: ["rust-mode", "rust-ts-mode", "rustic-mode"],
};

export const emacs: Editor = {
  name: "Emacs",
  file(host) {
    // Emacs takes the first that is there: (emacs) Find Init.
    const places = [`${host.home}/.emacs`, `${host.home}/.emacs.el`, `${host.home}/.emacs.d/init.el`];
    return places.find(isThere) ?? `${configDirectory(host)}/emacs/init.el`;
  },
  change(text, servers, what) {
    const kept = new Map([...text.matchAll(/^ {3}.* ; silo (\S+)\n/gm)].map(([line, tool]) => [tool!, line]));
    for (const server of servers) {
      if (what === "add") kept.set(server.tool, entryOf(server));
      else kept.delete(server.tool);
    }
    if (kept.size === 0) return withBlock(text, ";;", undefined);
    const entries = [...kept].sort(([a], [b]) => a < b ? -1 : 1).map(([, entry]) => entry);
    return withBlock(
      text,
      ";;",
      `(with-eval-after-load 'eglot\n  (dolist (server '(\n${entries.join("")}   ))\n` +
        `    (add-to-list 'eglot-server-programs server)))\n`,
    );
  },
  notes: () => ["start it in a buffer with M-x eglot, or add eglot-ensure to the mode's hook"],
};

function entryOf({ tool, languages, command }: Server): string {
  const modes = languages.flatMap((it) => MODES[it] ?? [`${it}-mode`, `${it}-ts-mode`]);
  return `   ((${modes.join(" ")}) . (${command.map((it) => JSON.stringify(it)).join(" ")})) ; silo ${tool}\n`;
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
