/**
 * Checks of the few messages that a run reads from the helper, by hand: zod would cost more time to load than the whole
 * start of silo. The full schemas are in `protocol.ts`.
 *
 * @module
 */
import type { Exit } from "../engine/backend.ts";

type Json = Record<string, unknown>;

/** `process/exited`; undefined if the message is malformed. */
export function exitOf(params: unknown): Exit | undefined {
  const exit = (params as Json | null)?.exit as Json | undefined;
  if (typeof exit !== "object" || exit === null) return undefined;
  if (isByte(exit.code)) return { code: exit.code };
  if (typeof exit.signal === "string" && isByte(exit.number) && exit.number > 0 && exit.number < 128) {
    return { signal: exit.signal, number: exit.number };
  }
  return undefined;
}

/** The process that a notification is about; undefined if the message is malformed. */
export function processOf(params: unknown): number | undefined {
  const process = (params as Json | null)?.process;
  return typeof process === "number" ? process : undefined;
}

/** The text of a field, or "". */
export function textField(params: unknown, name: string): string {
  const value = (params as Json | null)?.[name];
  return typeof value === "string" ? value : "";
}

/** The `timings` of `machine/start`; what is malformed is left out. */
export function timingsOf(result: unknown): { phase: string; milliseconds: number }[] {
  const timings = (result as Json | null)?.timings;
  if (!Array.isArray(timings)) return [];
  return timings.filter((entry) => typeof entry?.phase === "string" && typeof entry?.milliseconds === "number");
}

/** The `attempts` of `machine/start`; 1 if there is none. */
export function attemptsOf(result: unknown): number {
  const attempts = (result as Json | null)?.attempts;
  return typeof attempts === "number" ? attempts : 1;
}

function isByte(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}
