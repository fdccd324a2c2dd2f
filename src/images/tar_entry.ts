/**
 * What silo keeps of an entry of a tar archive.
 *
 * Names, link targets and attribute values are bytes, not text. They are held as *byte strings*: strings in which each
 * character is one byte (0–255).
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Segment } from "./sparse.ts";

export type TarKind = "file" | "directory" | "symlink" | "hardlink" | "character" | "block" | "fifo";

export interface TarEntry {
  readonly kind: TarKind;
  /** Byte string, normalised: no leading or trailing slash, no empty, "." or ".." parts. The root is "". */
  readonly path: string;
  /** Permission bits with set-id and sticky bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the file, holes included; 0 for everything but files. */
  readonly size: number;
  /** Where the stored data belongs, in order; absent if all of the file is stored. */
  readonly sparse?: readonly Segment[] | undefined;
  /** Seconds since 1970, possibly with a fraction. */
  readonly mtime: number;
  /** Byte string: a symlink's target as it is, a hardlink's normalised path. "" for others. */
  readonly link: string;
  readonly major: number;
  readonly minor: number;
  /** Extended attributes; values are byte strings. */
  readonly xattrs: ReadonlyMap<string, string>;
}

/** An archive that is damaged, hostile, or of a kind that silo does not read. The message names the entry. */
export class TarError extends Error {
  override readonly name = "TarError";
}

export function byteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** A byte string up to its first NUL, as fields of headers hold them. Headers are mostly zeros: this is the hot path. */
export function terminated(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length && bytes[at] !== 0; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A byte string as text for a message. */
export function shown(text: string): string {
  return JSON.stringify(new TextDecoder().decode(bytesOf(text)));
}

const PATH_MAX = 4096;
const NAME_MAX = 255;

/**
 * Normalises a path of an archive.
 *
 * @throws {TarError} if it is absolute, leaves the archive's root, or could not exist on Linux.
 */
export function normalisePath(path: string): string {
  if (path.startsWith("/")) throw new TarError(`${shown(path)} is an absolute path`);
  if (path.includes("\0")) throw new TarError(`${shown(path)} has a NUL byte in its name`);
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new TarError(`${shown(path)} leads out of the archive`);
  if (parts.some((part) => part.length > NAME_MAX)) throw new TarError(`${shown(path)} has a name over 255 bytes`);
  const normal = parts.join("/");
  if (normal.length >= PATH_MAX) throw new TarError(`${shown(path)} is longer than 4095 bytes`);
  return normal;
}
