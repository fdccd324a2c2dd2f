/**
 * The examples under a command's help: commands, and what they are about in one column beside them.
 *
 * @module
 */
import { broken } from "./break_line.ts";

/** Between a command and its remark at least, and two before the command. */
const GAP = 2;
/** No command beside a remark is longer; one that is has its remark in the lines after it. */
const MAX_COMMAND = 44;

export function isExampleHeading(line: string): boolean {
  return /^Examples?:$/.test(line);
}

/** Lines such as `  silo list    what there is`: two blanks or more stand before the remark. */
export function layOutExamples(lines: readonly string[], columns: number): string[] {
  const rows = lines.map((line) => {
    const [command, remark] = line.trim().split(/ {2,}/);
    return { command: command!, remark };
  });
  const beside = rows.filter(({ command, remark }) => remark !== undefined && command.length <= MAX_COMMAND);
  const at = GAP + Math.max(0, ...beside.map(({ command }) => command.length)) + GAP;
  return rows.flatMap(({ command, remark }) => {
    const first = `${" ".repeat(GAP)}${command}`;
    if (remark === undefined) return [first];
    const told = broken(remark, columns - at);
    if (first.length + GAP > at) return [first, ...told.map((line) => " ".repeat(at) + line)];
    return told.map((line, i) => (i === 0 ? first : "").padEnd(at) + line);
  });
}

/** Those of a group's examples that are about one of its commands. */
export function examplesOf(text: string, command: string): string | undefined {
  const lines = text.split("\n").filter((line) => line.startsWith(`  ${command} `) || line === `  ${command}`);
  return lines.length === 0 ? undefined : `\nExamples:\n${lines.join("\n")}\n`;
}
