/**
 * A part of a file that is silo's own, between two lines that say so. Everything else in the file is the person's.
 *
 * @module
 */
import { SiloError } from "../errors.ts";

/** The text with the block replaced, added at its end, or (undefined) removed. */
export function withBlock(text: string, comment: string, block: string | undefined): string {
  const begin = `${comment} >>> silo ide >>>`;
  const end = `${comment} <<< silo ide <<<`;
  const lines = text.split("\n");
  const from = lines.indexOf(begin);
  const to = lines.indexOf(end);
  if ((from < 0) !== (to < 0) || to < from) {
    throw new SiloError(`could not change the file: one of the lines "${begin}" and "${end}" is missing`, {
      hint: "Restore it, or remove the other one.",
    });
  }
  const written = block === undefined ? [] : [begin, ...block.trimEnd().split("\n"), end];
  if (from >= 0) {
    // The empty line before it came with it.
    const before = block === undefined && from > 0 && lines[from - 1] === "" ? from - 1 : from;
    return [...lines.slice(0, before), ...written, ...lines.slice(to + 1)].join("\n");
  }
  if (block === undefined) return text;
  const kept = text === "" ? "" : text.endsWith("\n") ? `${text}\n` : `${text}\n\n`;
  return `${kept}${written.join("\n")}\n`;
}
