/** Entries and archives for the tests of this folder. */
import { bytesOf, type TarEntry } from "../../../src/images/tar_entry.ts";
import { END_OF_TAR, tarHeader, tarPadding } from "../../../src/images/tar_writer.ts";

/** An entry with what matters to a test; the rest is as plain as can be. */
export function entry(fields: Partial<TarEntry> & { path: string }): TarEntry {
  return {
    kind: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: 0,
    link: "",
    major: 0,
    minor: 0,
    xattrs: new Map(),
    ...fields,
  };
}

export const directory = (path: string, fields: Partial<TarEntry> = {}) =>
  entry({ path, kind: "directory", mode: 0o755, ...fields });

/** A file and its content, both byte strings. */
export type Item = readonly [TarEntry, string?];

export const file = (path: string, data = "", fields: Partial<TarEntry> = {}): Item => [
  entry({ path, size: data.length, ...fields }),
  data,
];

/** The bytes of an archive. */
export function archive(items: readonly (Item | TarEntry)[]): Uint8Array<ArrayBuffer> {
  const parts = items.flatMap((item) => {
    const [head, data = ""] = "kind" in item ? [item] : item;
    return [tarHeader(head), bytesOf(data), tarPadding(data.length)];
  });
  const all = [...parts, END_OF_TAR];
  const whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes as a stream of chunks of a size. */
export async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A directory for one test, removed after it. */
export function temporary(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "silo-unit-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
