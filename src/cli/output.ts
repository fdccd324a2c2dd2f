/**
 * Writing silo's own words.
 *
 * @module
 */

/** Writes text whole, waiting where the stream is not ready. A reader that is gone is no error: nobody misses it. */
export function writeAll(to: { writeSync(data: Uint8Array): number }, text: string): void {
  const data = new TextEncoder().encode(text);
  for (let at = 0; at < data.length;) {
    try {
      at += to.writeSync(data.subarray(at));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) return;
    }
  }
}
