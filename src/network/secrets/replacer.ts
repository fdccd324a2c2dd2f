/**
 * Replaces byte strings in a stream, also those that are cut by the borders of its pieces.
 *
 * @module
 */
import { concatenate } from "../../concatenate.ts";
export interface Replacement {
  readonly find: Uint8Array;
  readonly put: Uint8Array;
}

const EMPTY = new Uint8Array();

/**
 * The first match counts, and of those that begin at the same place the longest. What was put is not looked at again.
 * Bytes are held back only while they can be the beginning of a match.
 */
export class Replacer {
  /** By the first byte, longest first. */
  readonly #candidates: (Replacement[] | undefined)[] = new Array(256).fill(undefined);
  /** Whether a match can begin with a byte: what most bytes are asked. */
  readonly #begins = new Uint8Array(256);
  #held: Uint8Array = EMPTY;

  constructor(replacements: readonly Replacement[]) {
    for (const replacement of replacements) {
      const first = replacement.find[0];
      if (first === undefined) throw new RangeError("nothing to find");
      (this.#candidates[first] ??= []).push(replacement);
      this.#begins[first] = 1;
    }
    for (const list of this.#candidates) list?.sort((a, b) => b.find.length - a.find.length);
  }

  /** Whether bytes wait for what follows them. */
  get holds(): boolean {
    return this.#held.length > 0;
  }

  /** What can be said after these bytes; valid as long as `bytes` are. */
  push(bytes: Uint8Array): Uint8Array {
    return this.#replace(bytes, false);
  }

  /** The rest, at the end of the stream. */
  flush(): Uint8Array {
    return this.#replace(EMPTY, true);
  }

  #replace(bytes: Uint8Array, last: boolean): Uint8Array {
    const text = this.#held.length === 0 ? bytes : concatenate([this.#held, bytes]);
    this.#held = EMPTY;
    const parts: Uint8Array[] = [];
    let done = 0;
    let at = 0;
    while (at < text.length) {
      if (this.#begins[text[at]!] === 0) {
        at++;
        continue;
      }
      const found = this.#match(text, at, last);
      if (found === "more") break;
      if (found === undefined) {
        at++;
        continue;
      }
      parts.push(text.subarray(done, at), found.put);
      at += found.find.length;
      done = at;
    }
    if (at < text.length) this.#held = text.slice(at);
    const rest = text.subarray(done, at);
    return parts.length === 0 ? rest : concatenate([...parts, rest]);
  }

  /** `more` if it takes more bytes to tell. */
  #match(text: Uint8Array, at: number, last: boolean): Replacement | "more" | undefined {
    for (const candidate of this.#candidates[text[at]!]!) {
      const { find } = candidate;
      const length = Math.min(find.length, text.length - at);
      let same = 1;
      while (same < length && text[at + same] === find[same]) same++;
      if (same < length) continue;
      if (length === find.length) return candidate;
      if (!last) return "more";
    }
    return undefined;
  }
}

/** All of `bytes` at once. */
export function replaceAll(bytes: Uint8Array, replacements: readonly Replacement[]): Uint8Array {
  const replacer = new Replacer(replacements);
  return concatenate([replacer.push(bytes), replacer.flush()]);
}

/** The pieces of a stream, replaced; each is valid until the next is asked for. */
export async function* replacePieces(
  pieces: AsyncIterable<Uint8Array>,
  replacements: readonly Replacement[],
): AsyncGenerator<Uint8Array> {
  const replacer = new Replacer(replacements);
  for await (const piece of pieces) {
    const out = replacer.push(piece);
    // An empty chunk would end the body.
    if (out.length > 0) yield out;
  }
  const rest = replacer.flush();
  if (rest.length > 0) yield rest;
}
