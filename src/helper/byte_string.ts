/**
 * Byte strings as the helper protocol writes them: plain text where the bytes are valid UTF-8, else base64.
 * See docs/protocol.md, section "Byte strings".
 *
 * @module
 */

/** Arguments and environment entries: bytes, not text. */
export type ByteString = string | { readonly base64: string };

/** The byte string that stands for `bytes`; text where it can be. */
export function byteString(bytes: Uint8Array): ByteString {
  try {
    // `ignoreBOM` keeps a leading U+FEFF, which is a part of the argument like any other.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { base64: bytes.toBase64() };
  }
}

/** The bytes that a byte string stands for. */
export function bytesOf(value: ByteString): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : Uint8Array.fromBase64(value.base64);
}

/** The two byte strings, one after the other. */
export function joinBytes(first: ByteString, second: ByteString): ByteString {
  if (typeof first === "string" && typeof second === "string") return first + second;
  const [a, b] = [bytesOf(first), bytesOf(second)];
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return byteString(joined);
}

/** For a person: bytes that are not text become U+FFFD. */
export function textOf(value: ByteString): string {
  return new TextDecoder().decode(bytesOf(value));
}
