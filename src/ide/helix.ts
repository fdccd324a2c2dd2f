/**
 * Helix: `[language-server.NAME]` with `command` and `args`, and `language-servers` of a `[[language]]`, in
 * `languages.toml`: https://docs.helix-editor.com/languages.html
 *
 * @module
 */
import { type Document, editToml, pruneTables, tableAt } from "../config/edit.ts";
import { configDirectory, type Editor } from "./editor.ts";

/** Helix's names where they are not the protocol's. */
const NAMES: Readonly<Record<string, string>> = { javascriptreact: "jsx", typescriptreact: "tsx", shellscript: "bash" };

/**
 * Helix gives a server up whose first answer takes 20 seconds: a machine that starts under emulation, or a server that is
 * still being installed, takes longer.
 */
const TIMEOUT_SECONDS = 300;

export const helix: Editor = {
  name: "Helix",
  file: (host) => `${configDirectory(host)}/helix/languages.toml`,
  async change(text, servers, what) {
    const added: string[] = [];
    const edited = await editToml(text, (document) => {
      for (const { tool, languages, command: [command, ...args] } of servers) {
        const name = `silo-${tool}`;
        if (what === "add") tableAt(document, ["language-server"])[name] = { command, args, timeout: TIMEOUT_SECONDS };
        else {
          delete tableAt(document, ["language-server"])[name];
          pruneTables(document, ["language-server"]);
        }
        for (const language of languages) {
          const known = NAMES[language] ?? language;
          if (!setServer(document, known, name, what)) added.push(languageTable(known, name));
        }
      }
    });
    return added.length === 0 ? edited : [edited.trimEnd(), ...added].filter((it) => it !== "").join("\n\n") + "\n";
  },
};

/** A language that the person has said nothing of, with a header of its own as Helix's manual writes them. */
function languageTable(language: string, server: string): string {
  return `[[language]]\nname = ${JSON.stringify(language)}\nlanguage-servers = [${JSON.stringify(server)}]`;
}

/**
 * Puts the server before the others that the person has named for the language, or takes it away. False if the language
 * has to be added first.
 */
function setServer(document: Document, language: string, server: string, what: "add" | "remove"): boolean {
  const list = Array.isArray(document.language) ? document.language as Document[] : [];
  const entry = list.find((it) => it.name === language);
  if (entry === undefined) return what === "remove";
  const servers = Array.isArray(entry["language-servers"]) ? entry["language-servers"] as unknown[] : [];
  const others = servers.filter((it) => it !== server);
  if (what === "add") {
    if (!servers.includes(server)) entry["language-servers"] = [server, ...others];
  } else if (others.length > 0) entry["language-servers"] = others;
  else delete entry["language-servers"];
  const kept = list.filter((it) => Object.keys(it).length > 1);
  if (kept.length > 0) document.language = kept;
  else delete document.language;
  return true;
}
