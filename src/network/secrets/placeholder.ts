/**
 * What stands for a secret in the guest.
 *
 * @module
 */

/**
 * Beginnings by which tools and servers know what kind of token it is. They say nothing that is secret, and some tools
 * refuse a token without its own.
 */
const KNOWN_BEGINNINGS = [
  "npm_",
  "ghp_",
  "gho_",
  "ghu_",
  "ghs_",
  "ghr_",
  "github_pat_",
  "glpat-",
  "pypi-",
  "sk-ant-",
  "sk-proj-",
  "sk-",
  "sk_live_",
  "sk_test_",
  "hf_",
  "dckr_pat_",
  "xoxb-",
  "xoxp-",
  "cio",
  "rubygems_",
];
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** 142 bits: nothing that anybody writes by chance contains it. */
const MIN_RANDOM = 24;

/**
 * A text that nobody can guess, that tools take for a token like `value`, and that no way of writing text changes: it
 * has letters, digits, `_` and `-` alone. It is as long as the value wherever that is long enough.
 *
 * @param random fills an array with random bytes.
 */
export function placeholderFor(value: string, random = (bytes: Uint8Array) => crypto.getRandomValues(bytes)): string {
  const beginning = KNOWN_BEGINNINGS.find((known) => value.startsWith(known)) ?? "";
  const length = Math.max(value.length - beginning.length, MIN_RANDOM);
  let text = "";
  while (text.length < length) {
    for (const byte of random(new Uint8Array(64))) {
      const digit = byte & 63; // what is beyond the alphabet is drawn anew, so that each character is as likely
      if (digit < ALPHABET.length && text.length < length) text += ALPHABET[digit];
    }
  }
  return beginning + text;
}
