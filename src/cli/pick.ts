/**
 * A choice of one on a terminal, with the arrow keys. Never call it without one.
 *
 * @module
 */
import { isCancel, select } from "@clack/prompts";
import process from "node:process";
import { EXIT, SiloError } from "../errors.ts";

export interface Choice {
  readonly value: string;
  readonly label?: string | undefined;
  readonly hint?: string | undefined;
}

/**
 * Asks which it shall be.
 *
 * @throws {SiloError} if the question was left with Ctrl-C or Escape.
 */
export async function pick(question: string, choices: readonly Choice[], initial: string): Promise<string> {
  const answer = await select({
    message: question,
    options: choices.map(({ value, label = value, hint }) => ({
      value,
      label,
      ...(hint === undefined ? {} : { hint }),
    })),
    initialValue: initial,
    output: process.stderr, // stdout may be a pipe
    withGuide: false,
  });
  if (!isCancel(answer)) return answer;
  throw new SiloError("could not go on: nothing was chosen", { exitCode: EXIT.SIGNAL_BASE + 2 });
}
