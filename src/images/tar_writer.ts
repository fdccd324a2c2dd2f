/**
 * Writing tar archives that keep everything a Linux file system knows.
 *
 * Long names go into GNU's 'L' and 'K' entries, since these hold bytes of any kind; PAX headers carry extended
 * attributes, which no other form has, and times with a fraction.
 *
 * @module
 */
import { concatenate } from "../concatenate.ts";
import { bytesOf, type TarEntry, type TarKind } from "./tar_entry.ts";

const BLOCK = 512;
const TYPES: Readonly<Record<TarKind, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** Two blocks of zeros end an archive. */
export const END_OF_TAR = new Uint8Array(2 * BLOCK);

/** The blocks before an entry's data. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const path = (entry.path === "" ? "." : entry.path) + (entry.kind === "directory" ? "/" : "");
  const blocks: Uint8Array[] = [];
  if (path.length > 100) blocks.push(extension("L", `${path}\0`));
  if (entry.link.length > 100) blocks.push(extension("K", `${entry.link}\0`));
  const records = paxRecordsOf(entry);
  if (records !== "") blocks.push(extension("x", records));
  const size = entry.kind === "file" ? entry.size : 0;
  blocks.push(headerBlock({ ...entry, path, size, type: TYPES[entry.kind], mtime: Math.floor(entry.mtime) }));
  return concatenate(blocks);
}

/** What follows `size` bytes of data, so that the next header starts on a block. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array(-size & (BLOCK - 1));
}

function paxRecordsOf(entry: TarEntry): string {
  let text = "";
  if (!Number.isInteger(entry.mtime)) text += paxRecord("mtime", entry.mtime.toFixed(9));
  for (const [name, value] of entry.xattrs) text += paxRecord(`SCHILY.xattr.${name}`, value);
  return text;
}

/** A record's length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

function extension(type: string, text: string): Uint8Array {
  const data = bytesOf(text);
  const fields = { path: "././@LongLink", type, mode: 0o644, uid: 0, gid: 0, mtime: 0, link: "", major: 0, minor: 0 };
  return concatenate([headerBlock({ ...fields, size: data.length }), data, tarPadding(data.length)]);
}

interface HeaderFields extends Omit<TarEntry, "kind" | "xattrs"> {
  readonly type: string;
}

function headerBlock(fields: HeaderFields): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => putText(block, at, text);
  put(0, fields.path.slice(0, 100));
  putNumber(block.subarray(100, 108), fields.mode);
  putNumber(block.subarray(108, 116), fields.uid);
  putNumber(block.subarray(116, 124), fields.gid);
  putNumber(block.subarray(124, 136), fields.size);
  putNumber(block.subarray(136, 148), fields.mtime);
  put(148, " ".repeat(8));
  put(156, fields.type);
  put(157, fields.link.slice(0, 100));
  put(257, "ustar  \0"); // GNU's magic: base-256 numbers and long names are GNU's
  putNumber(block.subarray(329, 337), fields.major);
  putNumber(block.subarray(337, 345), fields.minor);
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += block[i]!;
  put(148, sum.toString(8).padStart(6, "0") + "\0 ");
  return block;
}

function putText(block: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) block[at + i] = text.charCodeAt(i);
}

/** Octal text with a NUL, or GNU's binary form where that does not fit. */
function putNumber(field: Uint8Array, value: number): void {
  const digits = field.length - 1;
  if (value >= 0 && value < 8 ** digits) {
    putText(field, 0, value.toString(8).padStart(digits, "0"));
    return;
  }
  let rest = BigInt.asUintN(field.length * 8 - 1, BigInt(value));
  for (let i = field.length - 1; i >= 0; i--, rest >>= 8n) field[i] = Number(rest & 0xffn);
  field[0]! |= 0x80;
}
