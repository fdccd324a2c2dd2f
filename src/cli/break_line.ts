/**
 * Lines that are broken at blanks.
 *
 * @module
 */

/** However narrow a terminal says it is. */
const LEAST = 20;

/** A line as lines of at most so many columns; a longer word stands alone. */
export function broken(line: string, columns: number): string[] {
  const lines: string[] = [];
  for (let rest = line;;) {
    if (rest.length <= columns) return [...lines, rest];
    const at = rest.lastIndexOf(" ", columns);
    const end = at > 0 ? at : rest.indexOf(" ", columns);
    if (end < 0) return [...lines, rest];
    lines.push(rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
}

/** A text of some lines, each broken; what does not fit beside the first word goes on under `indent` blanks. */
export function hanging(text: string, columns: number, indent: number): string {
  return text.split("\n").map((line) => {
    const own = /^ */.exec(line)![0];
    const text = line.slice(own.length);
    const [first] = broken(text, Math.max(LEAST, columns - own.length));
    if (first === text) return line;
    const rest = broken(text.slice(first!.length + 1), Math.max(LEAST, columns - own.length - indent));
    return [own + first, ...rest.map((it) => `${own}${" ".repeat(indent)}${it}`)].join("\n");
  }).join("\n");
}
