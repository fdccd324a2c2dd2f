/**
 * The caches' own housekeeping: after a tool has ended, once a day, in bounded time. Imports nothing until it is due.
 *
 * @module
 */
import type { Host } from "../host.ts";

/** How long it may take, milliseconds. */
const LIMIT_MS = 300;
const EVERY_MS = 24 * 60 * 60 * 1000;

/** What is beyond the limits goes. Never throws; `silo cache gc` does the same and says what is wrong. */
export async function collectAtEnd(host: Host): Promise<void> {
  const end = host.monotonic() + LIMIT_MS;
  const stamp = `${host.siloHome}/state/collected`;
  try {
    if (Math.abs(host.now() - Deno.statSync(stamp).mtime!.getTime()) < EVERY_MS) return;
  } catch { /* never done yet */ }
  try {
    Deno.writeTextFileSync(stamp, ""); // first: what fails is not tried by every run
    const [{ collectEntries }, { cacheLimits }] = await Promise.all([import("./collect.ts"), import("./limits.ts")]);
    await collectEntries(host, await cacheLimits(host), { dryRun: false, isLate: () => host.monotonic() > end });
  } catch { /* see above */ }
}
