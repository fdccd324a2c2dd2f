/**
 * Arguments and variables as the bytes they are. Deno gives text, in which bytes that are no UTF-8 became U+FFFD; on
 * Linux the kernel still has them.
 *
 * @module
 */
import { type ByteString, byteString } from "./helper/byte_string.ts";

/**
 * The process's arguments as bytes. Where the kernel's copy cannot be read, as on macOS, the text stands.
 *
 * @param args what Deno gave.
 * @param readCommandLine the process's whole command line, NUL after each word.
 */
export function exactArguments(
  args: readonly string[],
  readCommandLine: () => Uint8Array = () => Deno.readFileSync("/proc/self/cmdline"),
): ByteString[] {
  if (!args.some((arg) => arg.includes("\ufffd"))) return [...args];
  try {
    // The words before the program's own belong to Deno; those that count are the last ones.
    const words = splitAtNul(readCommandLine());
    if (words.length >= args.length) return args.length === 0 ? [] : words.slice(-args.length).map(byteString);
  } catch { /* no /proc here */ }
  return [...args];
}

/** A variable of the process's environment as bytes; undefined if it is not set. */
export function exactVariable(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  readEnvironment: () => Uint8Array = () => Deno.readFileSync("/proc/self/environ"),
): ByteString | undefined {
  const text = env[name];
  if (text !== undefined) return text;
  try {
    // Deno leaves out what is no UTF-8.
    const prefix = new TextEncoder().encode(`${name}=`);
    const entry = splitAtNul(readEnvironment()).find((word) => prefix.every((byte, i) => word[i] === byte));
    return entry && byteString(entry.subarray(prefix.length));
  } catch {
    return undefined;
  }
}

function splitAtNul(bytes: Uint8Array): Uint8Array[] {
  const words: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    let end = bytes.indexOf(0, start);
    if (end < 0) end = bytes.length;
    words.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return words;
}
