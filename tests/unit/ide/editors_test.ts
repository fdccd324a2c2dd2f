import { equal, match, rejects, throws } from "node:assert/strict";
import { parse } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import type { Editor, Server } from "../../../src/ide/editor.ts";
import { emacs } from "../../../src/ide/emacs.ts";
import { helix } from "../../../src/ide/helix.ts";
import { lineDiff } from "../../../src/ide/line_diff.ts";
import { neovim } from "../../../src/ide/neovim.ts";
import { vscode } from "../../../src/ide/vscode.ts";
import { zed } from "../../../src/ide/zed.ts";

function server(tool: string, program: string, ...languages: string[]): Server {
  return {
    tool,
    program,
    languages,
    command: ["/opt/my silo/silo", "lsp", tool],
    wrapper: `/home/me/.silo/editors/${tool}`,
  };
}
const python = server("python", "pylsp", "python");
const rust = server("rust", "rust-analyzer", "rust");
const node = server("node", "typescript-language-server", "typescript", "typescriptreact");

/** Settings of a person, with comments and oddities. */
const SETTINGS: [string, Editor, string][] = [
  ["VS Code", vscode, '// mine\n{\n\t"editor.fontSize": 14, // large\n\t"rust-analyzer.check.command": "clippy",\n}\n'],
  ["Zed", zed, '{\n  // mine\n  "theme": "One Dark",\n  "lsp": { "gopls": { "settings": {} } },\n}\n'],
  [
    "Helix",
    helix,
    '# mine\n[[language]]\nname = "rust" # fast\nauto-format = false\n\n[language-server.other]\ncommand = "x"\n',
  ],
  ["Neovim", neovim, "-- mine\nvim.o.number = true\n"],
  ["Emacs", emacs, ";; mine\n(setq x 1)\n"],
];

for (const [name, editor, own] of SETTINGS) {
  for (const text of [own, ""]) {
    const which = text === "" ? "empty settings" : "settings";
    Deno.test(`${name}: adding to ${which} keeps every line, twice is once, and removing gives back what was there`, async () => {
      const once = await editor.change(text, [python, rust], "add");
      equal(await editor.change(once, [python, rust], "add"), once);
      for (const line of text.split("\n").filter((it) => /mine|large|fast/.test(it))) {
        equal(once.includes(line), true, line);
      }
      const removed = await editor.change(once, [python, rust], "remove");
      const layout = /\s|,(?=\s*[}\]])/g; // a trailing comma may go with what stood behind it
      equal(removed.replace(layout, "").replace(/^\{\}$/, ""), text.replace(layout, ""));
      equal(await editor.change(removed, [python, rust], "remove"), removed);
      const one = await editor.change(once, [python], "remove");
      equal(await editor.change(one, [rust], "remove"), removed);
    });
  }
}

Deno.test("VS Code: each extension gets the program under its own setting", async () => {
  const settings = parse(await vscode.change("", [python, rust, server("deno", "deno", "typescript")], "add"));
  equal(settings["rust-analyzer.server.path"], rust.wrapper);
  equal(settings["deno.path"], "/home/me/.silo/editors/deno");
  equal(settings["glspc.serverPath"], python.wrapper);
  equal(settings["glspc.languageId"], "python");
  match(vscode.notes!([python, node]).join("\n"), /one server: node/);
});

Deno.test("Zed: the server has its program, and comes before the others of the language", async () => {
  const settings = parse(await zed.change("", [python, node], "add"));
  equal(settings.lsp.pylsp.binary.path, "/opt/my silo/silo");
  equal(settings.lsp.pylsp.binary.arguments.join(" "), "lsp python");
  equal(settings.languages.Python.language_servers.join(" "), "pylsp !basedpyright !pyright ...");
  equal(settings.languages.TSX.language_servers[0], "typescript-language-server");
  equal(zed.takes!(server("x", "some-server", "x")), false);
});

Deno.test("Zed: a person's own list of servers is not touched", async () => {
  const own = '{ "languages": { "Python": { "language_servers": ["ruff"] } } }';
  const settings = parse(await zed.change(own, [python], "add"));
  equal(settings.languages.Python.language_servers.join(), "ruff");
});

Deno.test("Helix: the server stands before those that were named, and alone where none was", async () => {
  const own = '[[language]]\nname = "python"\nlanguage-servers = ["ruff"] # linter\n';
  // deno-lint-ignore no-explicit-any
  const document = parseToml(await helix.change(own, [python, node], "add")) as any;
  equal(document["language-server"]["silo-python"].command, "/opt/my silo/silo");
  equal(document["language-server"]["silo-python"].timeout, 300); // its own 20 seconds are no machine's start
  // deno-lint-ignore no-explicit-any
  const servers = Object.fromEntries(document.language.map((it: any) => [it.name, it["language-servers"].join()]));
  equal(JSON.stringify(servers), '{"python":"silo-python,ruff","typescript":"silo-node","tsx":"silo-node"}');
});

Deno.test("Helix: a language that was not there has a header of its own, so that a person can add to the file", async () => {
  const written = await helix.change("", [python, rust], "add");
  equal(written.match(/^\[\[language\]\]$/gm)!.length, 2);
  parseToml(`${written}\n[[language]]\nname = "nix"\n`);
});

Deno.test("settings that cannot be read are not written", async () => {
  throws(() => vscode.change("{ not json", [python], "add"), /not valid JSON/);
  throws(() => zed.change("[1]", [python], "add"), /not valid JSON/);
  await rejects(Promise.resolve().then(() => helix.change("= 1", [python], "add")));
  throws(() => neovim.change("-- >>> silo ide >>>\n", [python], "add"), /one of the lines/);
});

Deno.test("Neovim and Emacs get words in their own quotes", async () => {
  const odd = { ...python, command: ['/a "b"\\c/silo', "lsp", "python"] };
  match(await neovim.change("", [odd], "add"), /cmd = \{ "\/a \\"b\\"\\\\c\/silo", "lsp", "python" \}/);
  match(
    await emacs.change("", [odd], "add"),
    /\(python-mode python-ts-mode\) \. \("\/a \\"b\\"\\\\c\/silo" "lsp" "python"\)/,
  );
});

Deno.test("lineDiff() shows what changes with some lines around it", () => {
  const before = Array.from({ length: 20 }, (_, i) => `line ${i}`).join("\n");
  equal(lineDiff(before, before), "");
  const after = before.replace("line 10\n", "line ten\n").replace("line 19", "line 19\nline 20");
  equal(
    lineDiff(before, after),
    " line 7\n line 8\n line 9\n-line 10\n+line ten\n line 11\n line 12\n line 13\n…\n line 17\n line 18\n line 19\n+line 20\n",
  );
});
