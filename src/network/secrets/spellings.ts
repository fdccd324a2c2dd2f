/**
 * How a secret is spelled where it goes, and in which spellings it may come back.
 *
 * @module
 */
import { fromLatin1 } from "../http/head.ts";
import type { Replacement } from "./replacer.ts";
import type { Secret } from "./secret.ts";

export type Spelling = (text: string) => string;

export const plain: Spelling = (text) => text;
/** In URLs and forms. `encodeURIComponent` leaves some characters that forms do not (RFC 3986, section 2.2). */
export const percent: Spelling = (text) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
export const json: Spelling = (text) => JSON.stringify(text).slice(1, -1);

/** The spelling in a body of that Content-Type. */
export function spellingOf(contentType: string): Spelling {
  const type = contentType.split(";")[0]!.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded") return percent;
  return /^(application|text)\/([a-z0-9.-]+\+)?json$/.test(type) ? json : plain;
}

/** Puts values where placeholders are; they are spelled as `spelling` says. */
export function insertions(secrets: readonly Secret[], spelling: Spelling): Replacement[] {
  return secrets.map((secret) => ({
    find: fromLatin1(secret.placeholder),
    put: fromLatin1(spelling(secret.reveal())),
  }));
}

/**
 * Puts placeholders where values are, in every spelling that servers answer with. Nothing changes its length, so that
 * what says how long a message is stays true.
 */
export function redactions(secrets: readonly Secret[]): Replacement[] {
  const found = new Map<string, string>();
  for (const secret of secrets) {
    const value = secret.reveal();
    for (const spelling of SPELLINGS) {
      const find = spelling(value);
      if (!found.has(find)) found.set(find, fit(spelling(secret.placeholder), find.length));
    }
  }
  return [...found].map(([find, put]) => ({ find: fromLatin1(find), put: fromLatin1(put) }));
}

const lowerHex = (text: string) => text.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
const url = (text: string) => text.replaceAll("+", "-").replaceAll("/", "_");

const SPELLINGS: readonly Spelling[] = [
  plain,
  json,
  (text) => json(text).replaceAll("/", "\\/"),
  percent,
  (text) => lowerHex(percent(text)),
  encodeURIComponent,
  (text) => lowerHex(encodeURIComponent(text)),
  (text) => percent(text).replaceAll("%20", "+"),
  ...[0, 1, 2].flatMap((before): Spelling[] => [
    (text) => insideBase64(text, before),
    (text) => url(insideBase64(text, before)),
  ]),
];

/** The characters of base64 that depend on the text alone, if it begins at that place of a group of three bytes. */
function insideBase64(text: string, before: number): string {
  const all = btoa("\0".repeat(before) + text);
  return all.slice(Math.ceil(before * 8 / 6), Math.floor((before + text.length) * 8 / 6));
}

function fit(text: string, length: number): string {
  return text.slice(0, length).padEnd(length, "x");
}
