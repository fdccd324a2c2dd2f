/**
 * Reading tar archives: ustar, PAX, GNU long names and sparse files, as image layers use them.
 *
 * Everything is taken as hostile: lengths are bounded, numbers checked, paths normalised.
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html | pax, extended description}
 * @see {@link https://www.gnu.org/software/tar/manual/html_node/Standard.html | GNU tar, basic format}
 * @module
 */
import type { ByteReader } from "./byte_reader.ts";
import { checkedMap, dataMap, oldGnuMap, paxMap, type Segment } from "./sparse.ts";
import { byteString, normalisePath, shown, type TarEntry, TarError, type TarKind, terminated } from "./tar_entry.ts";

const BLOCK = 512;
/** Longest extended header or long name that is read, bytes: attributes may be large, but not without end. */
const EXTENDED_MAX = 1024 * 1024;
const NO_XATTRS: ReadonlyMap<string, string> = new Map();
/** Largest number of extended headers in a row, for one entry. */
const EXTENDED_COUNT_MAX = 16;

const KINDS: Readonly<Record<string, TarKind>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  "S": "file",
};

/**
 * The entries of an archive, in order. After each, its data may be read from `reader` by `fileData` of sparse.ts; what
 * is not read is skipped.
 *
 * @throws {TarError} if the archive is damaged or of a kind that is not read.
 * @throws {TruncatedError} if it ends too early.
 */
export async function* readTar(reader: ByteReader): AsyncGenerator<TarEntry> {
  const globals = new Map<string, string>();
  let extended = new Map<string, string>();
  let extendedCount = 0;
  for (;;) {
    const block = await reader.exactly(BLOCK);
    if (block === null || block.every((byte) => byte === 0)) return;
    const header = parseHeader(block);
    const isExtension = "xgLK".includes(header.type);
    if (isExtension) {
      if (++extendedCount > EXTENDED_COUNT_MAX) throw new TarError("too many extended headers before one entry");
      const text = await extensionText(reader, header.size);
      if (header.type === "x") { for (const [key, value] of paxRecords(text)) addRecord(extended, key, value); }
      if (header.type === "g") { for (const [key, value] of paxRecords(text)) globals.set(key, value); }
      if (header.type === "L") extended.set("path", text.replace(/\0.*$/s, ""));
      if (header.type === "K") extended.set("linkpath", text.replace(/\0.*$/s, ""));
      continue;
    }
    const records = new Map([...globals, ...extended]);
    const entry = entryOf(header, records);
    extended = new Map();
    extendedCount = 0;
    const oldMap = header.type === "S" ? await oldGnuMap(block.slice(), reader, number) : undefined;
    // A stream's data length is what its header says, also for kinds whose size has no meaning.
    const length = entry.kind === "file" ? entry.size : 0;
    const end = reader.position + length + (-length & (BLOCK - 1));
    yield entry.kind === "file" ? await withHoles(entry, records, oldMap, header.realSize, reader) : entry;
    await reader.skip(end - reader.position);
  }
}

/** What a sparse file really is: its name, its size, and where its data belongs. */
async function withHoles(
  entry: TarEntry,
  records: ReadonlyMap<string, string>,
  oldMap: readonly Segment[] | undefined,
  oldSize: number,
  reader: ByteReader,
): Promise<TarEntry> {
  const sparse = (key: string) => records.get(`GNU.sparse.${key}`);
  const isPax = [...records.keys()].some((key) => key.startsWith("GNU.sparse."));
  if (oldMap === undefined && !isPax) return entry;
  const name = sparse("name");
  const path = name === undefined ? entry.path : normalisePath(name);
  const size = isPax ? Number(/^\d{1,16}$/.exec(sparse("realsize") ?? sparse("size") ?? "")?.[0] ?? NaN) : oldSize;
  if (!Number.isSafeInteger(size) || size < 0) throw new TarError(`${shown(path)} has an impossible size`);
  const begun = reader.position;
  const map = oldMap ?? (sparse("major") === "1" ? await dataMap(reader) : paxMap(sparse("map") ?? ""));
  return { ...entry, path, size, sparse: checkedMap(map, size, entry.size - (reader.position - begun)) };
}

/** Form 0.0 of sparse maps repeats its records, one pair a run: they become the list that form 0.1 has. */
function addRecord(extended: Map<string, string>, key: string, value: string): void {
  const isPart = key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes";
  if (!isPart) return void extended.set(key, value);
  const before = extended.get("GNU.sparse.map");
  extended.set("GNU.sparse.map", before === undefined ? value : `${before},${value}`);
}

interface Header {
  readonly type: string;
  readonly path: string;
  readonly link: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
  /** Of an old GNU sparse file. */
  readonly realSize: number;
}

function parseHeader(block: Uint8Array): Header {
  const stored = parseInt(byteString(block.subarray(148, 156)), 8); // NaN equals nothing
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i]!;
  if (stored !== sum) throw new TarError("a header's checksum is wrong: this is no tar archive, or it is damaged");
  const text = (start: number, length: number) => terminated(block.subarray(start, start + length));
  const isPosix = text(257, 6) === "ustar" && block[262] === 0; // GNU's magic has a space, and no prefix field
  const prefix = isPosix ? text(345, 155) : "";
  const type = String.fromCharCode(block[156]!);
  return {
    type,
    path: prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    link: text(157, 100),
    mode: number(block.subarray(100, 108)),
    uid: number(block.subarray(108, 116)),
    gid: number(block.subarray(116, 124)),
    size: number(block.subarray(124, 136)),
    mtime: number(block.subarray(136, 148)),
    major: number(block.subarray(329, 337)),
    minor: number(block.subarray(337, 345)),
    realSize: type === "S" ? number(block.subarray(483, 495)) : 0,
  };
}

function entryOf(header: Header, extended: ReadonlyMap<string, string>): TarEntry {
  const rawPath = extended.get("path") ?? header.path;
  const fail = (why: string) => new TarError(`${shown(rawPath)} ${why}`);
  // Before POSIX, a directory was a file whose name ends with a slash.
  const kind = header.type === "\0" && rawPath.endsWith("/") ? "directory" : KINDS[header.type];
  if (kind === undefined) throw fail(`is of an unknown kind (${shown(header.type)})`);
  const numeric = (key: string, otherwise: number) => {
    const text = extended.get(key);
    if (text === undefined) return otherwise;
    if (!/^-?\d+(\.\d*)?$/.test(text)) throw fail(`has a damaged ${key}`);
    return Number(text);
  };
  const size = kind === "file" ? numeric("size", header.size) : 0;
  const [uid, gid] = [numeric("uid", header.uid), numeric("gid", header.gid)];
  if (!Number.isSafeInteger(size) || size < 0) throw fail("has an impossible size");
  if (![uid, gid].every((id) => Number.isInteger(id) && id >= 0 && id <= 0xffffffff)) {
    throw fail("has an impossible owner");
  }
  const link = extended.get("linkpath") ?? header.link;
  if (kind === "symlink" && (link === "" || link.length >= 4096 || link.includes("\0"))) throw fail("leads nowhere");
  // Most entries have none, and a million empty maps take some hundred megabytes.
  let xattrs: Map<string, string> | undefined;
  for (const [key, value] of extended) {
    if (key.startsWith("SCHILY.xattr.")) (xattrs ??= new Map()).set(key.slice("SCHILY.xattr.".length), value);
  }
  const isDevice = kind === "character" || kind === "block";
  return {
    kind,
    path: normalisePath(rawPath),
    mode: header.mode & 0o7777,
    uid,
    gid,
    size,
    mtime: numeric("mtime", header.mtime),
    link: kind === "hardlink" ? normalisePath(link) : kind === "symlink" ? link : "",
    major: isDevice ? header.major : 0,
    minor: isDevice ? header.minor : 0,
    xattrs: xattrs ?? NO_XATTRS,
  };
}

async function extensionText(reader: ByteReader, size: number): Promise<string> {
  if (!(size >= 0 && size <= EXTENDED_MAX)) throw new TarError(`an extended header is ${size} bytes long`);
  let text = "";
  for await (const chunk of reader.chunks(size)) text += byteString(chunk);
  await reader.skip(-size & (BLOCK - 1));
  return text;
}

/** Records of a PAX header: `LENGTH KEY=VALUE\n`, where the length counts the whole record in bytes. */
export function* paxRecords(text: string): Generator<[string, string]> {
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(" ", at);
    const length = space < 0 ? NaN : Number(/^\d{1,7}$/.exec(text.slice(at, space))?.[0] ?? NaN);
    const record = text.slice(space + 1, at + length - 1);
    const equals = record.indexOf("=");
    if (!(length > 0) || at + length > text.length || text[at + length - 1] !== "\n" || equals < 1) {
      throw new TarError("an extended header is damaged");
    }
    yield [record.slice(0, equals), record.slice(equals + 1)];
    at += length;
  }
}

/** A number of a header: octal text, or GNU's binary form for what octal cannot hold. */
function number(field: Uint8Array): number {
  if ((field[0]! & 0x80) === 0) return octal(field);
  let value = field[0]! & 0x40 ? -1n : 0n; // two's complement, sign in the bit below the marker
  value = (value << 6n) | BigInt(field[0]! & 0x3f);
  for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
  return Number(value);
}

function octal(field: Uint8Array): number {
  const text = terminated(field).trim();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text)) throw new TarError("a header holds a number that is none");
  return parseInt(text, 8);
}
