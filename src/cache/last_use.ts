/**
 * When an entry of a cache was used last: the time of the sidecar beside it, so that nothing has to be written.
 *
 * @module
 */

/** Times within this of each other count as the same: not every run has to write one, milliseconds. */
const GRAIN_MS = 10 * 60_000;

/** Notes that an entry is used now. Never throws: a silo home that cannot be written is told elsewhere. */
export function noteUse(path: string, now: number): void {
  try {
    const sidecar = `${path}.json`;
    const noted = Deno.statSync(sidecar).mtime?.getTime() ?? 0;
    if (Math.abs(now - noted) > GRAIN_MS) Deno.utimeSync(sidecar, new Date(now), new Date(now));
  } catch { /* no sidecar, nothing to note */ }
}
