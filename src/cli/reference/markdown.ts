/**
 * The command reference, `docs/commands.md`. Pure.
 *
 * @module
 */
import type { Entry } from "./entries.ts";

export function markdownReference(program: Entry, entries: readonly Entry[]): string {
  const table = entries.map(({ name, description }) => `- [${name}](#${anchor(name)}): ${escaped(description)}`);
  return [
    "# Commands",
    "Made from what `silo help` prints: `scripts/write-reference` writes it anew.",
    `\`\`\`text\n${program.notes}\n\`\`\``,
    table.join("\n"),
    ...entries.flatMap(section),
  ].join("\n\n") + "\n";
}

function section({ name, help }: Entry): string[] {
  return [`## ${name}`, `\`\`\`text\n${help.trim()}\n\`\`\``];
}

function anchor(name: string): string {
  return name.replaceAll(" ", "-");
}

function escaped(text: string): string {
  return text.replaceAll(/[<>*_]/g, (sign) => `\\${sign}`);
}
