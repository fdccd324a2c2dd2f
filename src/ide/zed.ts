/**
 * Zed. A server's program is `lsp.NAME.binary` with `path` and `arguments`; which servers a language has is
 * `languages.NAME.language_servers`, where `!NAME` leaves one out and `...` stands for the rest:
 * https://zed.dev/docs/configuring-languages. The names are those of Zed's own adapters:
 * https://zed.dev/docs/languages/python, /typescript, /rust, /go, /deno.
 *
 * @module
 */
import { configDirectory, type Editor } from "./editor.ts";
import { changeJson, type JsonChange, jsonValue } from "./json_settings.ts";

/** Servers that Zed has adapters for: languages that they are not the first choice of, and what is left out there. */
const KNOWN: Readonly<Record<string, { languages: readonly string[]; instead: readonly string[] }>> = {
  "pylsp": { languages: ["Python"], instead: ["basedpyright", "pyright"] },
  "pyright-langserver": { languages: ["Python"], instead: ["basedpyright", "pylsp"] },
  "typescript-language-server": { languages: ["TypeScript", "TSX", "JavaScript"], instead: ["vtsls"] },
  "rust-analyzer": { languages: [], instead: [] },
  "gopls": { languages: [], instead: [] },
  "deno": { languages: ["TypeScript", "TSX", "JavaScript"], instead: ["vtsls", "typescript-language-server"] },
};

function zedName(program: string): string {
  return program.replace(/-langserver$/, "");
}

export const zed: Editor = {
  name: "Zed",
  file: (host) => `${configDirectory(host)}/zed/settings.json`,
  takes: ({ program }) => Object.hasOwn(KNOWN, program),
  change(text, servers, what) {
    let changed = text.trim() === "" ? "{}\n" : text;
    for (const { program, command: [path, ...args] } of servers) {
      const { languages, instead } = KNOWN[program]!;
      const name = zedName(program);
      const changes: JsonChange[] = [{ path: ["lsp", name, "binary"], value: { path, arguments: args }, what }];
      const order = [name, ...instead.map((it) => `!${it}`), "..."];
      for (const language of languages) {
        const key = ["languages", language, "language_servers"];
        // A list of the person's own stays: it names the server or it leaves it out.
        if (what === "remove" || jsonValue(changed, key) === undefined) changes.push({ path: key, value: order, what });
      }
      changed = changeJson(changed, changes);
    }
    return changed;
  },
  notes: (servers) => servers.some(({ program }) => program === "deno") ? ["deno: needs Zed's extension for Deno"] : [],
};
