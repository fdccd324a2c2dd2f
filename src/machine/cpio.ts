/**
 * Writing a cpio archive of the "newc" kind, which the kernel unpacks as its initial root file system.
 *
 * @see {@link https://docs.kernel.org/driver-api/early-userspace/buffer-format.html | initramfs buffer format}
 * @module
 */

/** One entry; directories that it lies in must come before it. Everything belongs to root. */
export interface CpioEntry {
  /** Without a leading slash. */
  readonly path: string;
  readonly kind: "directory" | "file";
  /** Permission bits. */
  readonly mode: number;
  readonly data?: Uint8Array;
}

const TYPE_BITS = { directory: 0o040000, file: 0o100000 } as const;

/**
 * The parts of an archive, in order. All times are 0, so equal entries give equal bytes.
 *
 * @throws {RangeError} if a path is not relative.
 */
export function* cpioArchive(entries: Iterable<CpioEntry>): Generator<Uint8Array> {
  let inode = 1;
  for (const entry of entries) {
    if (entry.path === "" || entry.path.startsWith("/")) throw new RangeError(`not a relative path: "${entry.path}"`);
    const data = entry.data ?? new Uint8Array();
    const links = entry.kind === "directory" ? 2 : 1;
    yield header(entry.path, inode++, TYPE_BITS[entry.kind] | entry.mode, links, data.length);
    yield data;
    yield new Uint8Array(padding(data.length));
  }
  yield header("TRAILER!!!", 0, 0, 1, 0);
}

function header(path: string, inode: number, mode: number, links: number, size: number): Uint8Array {
  const name = new TextEncoder().encode(`${path}\0`);
  // magic, then: ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
  const fields = [inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, name.length, 0];
  const text = "070701" + fields.map((field) => field.toString(16).padStart(8, "0")).join("");
  const bytes = new Uint8Array(text.length + name.length + padding(text.length + name.length));
  bytes.set(new TextEncoder().encode(text));
  bytes.set(name, text.length);
  return bytes;
}

function padding(length: number): number {
  return -length & 3;
}
