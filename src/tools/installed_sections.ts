/**
 * The list of installed tools, cut into one text a tool: a run parses the one that it means, however many there are.
 *
 * @module
 */

/** `[tools.NAME]`, `[tools."NAME"]`, `[tools.NAME.process]`, as silo writes them. */
const HEADER = /^\[tools\.(?:([A-Za-z0-9_-]+)|("(?:[^"\\\n]|\\.)*"))(?:\.[^\]\n]*)?\]$/gm;

/**
 * The TOML of each tool by its name, in order; undefined if the text is not as silo writes it: then all of it has to be
 * parsed. Silo writes every text on one line, so a line that looks like a header is one.
 */
export function toolSections(text: string): Map<string, string> | undefined {
  if (text.includes('"""') || text.includes("'''")) return undefined;
  const sections = new Map<string, string>();
  let [name, begin] = ["", 0];
  for (const { index, 1: bare, 2: quoted } of text.matchAll(HEADER)) {
    const next = bare ?? nameIn(quoted!);
    if (next === undefined) return undefined;
    if (next === name) continue;
    if (!close(index)) return undefined;
    [name, begin] = [next, index];
  }
  return close(text.length) ? sections : undefined;

  function close(end: number): boolean {
    const section = text.slice(begin, end);
    if (name === "") return /^(?:[ \t]*(?:#.*)?\r?\n)*$/.test(section);
    if (sections.has(name)) return false;
    sections.set(name, section);
    return true;
  }
}

/** What a quoted key stands for; undefined if it uses what JSON has not. */
function nameIn(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted);
  } catch {
    return undefined;
  }
}
