/** Keys of objects as text: the same few come again and again. @module */

/** Longer ones are nobody's. */
export const MAX_KEY_BYTES = 32;
const SLOTS = 4_096;
const slots: (string | undefined)[] = new Array(SLOTS).fill(undefined);

/**
 * The key that stands from `start` to `end`, which has no escapes.
 *
 * @param decode what makes text of it when it has not been met.
 */
export function internedKey(bytes: Uint8Array, start: number, end: number, decode: () => string): string {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (hash * 31 + bytes[at]!) & (SLOTS - 1);
  const known = slots[hash];
  if (known !== undefined && known.length === end - start) {
    let at = start;
    while (at < end && known.charCodeAt(at - start) === bytes[at]) at++;
    if (at === end) return known;
  }
  const text = decode();
  if (text.length === end - start) slots[hash] = text; // else it is not ASCII
  return text;
}
