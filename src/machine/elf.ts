/**
 * Reading one section of a 64-bit little-endian ELF file.
 *
 * @module
 */

/** The bytes of the section called `name`, or undefined if there is none or the file is no such ELF file. */
export function elfSection(file: Uint8Array<ArrayBuffer>, name: string): Uint8Array<ArrayBuffer> | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const isElf = file.length >= 64 && view.getUint32(0, false) === 0x7f454c46 && file[4] === 2 && file[5] === 1;
  if (!isElf) return undefined;
  const table = Number(view.getBigUint64(0x28, true));
  const [entrySize, count, namesIndex] = [0x3a, 0x3c, 0x3e].map((at) => view.getUint16(at, true)) as [
    number,
    number,
    number,
  ];
  if (entrySize < 64 || namesIndex >= count || table + entrySize * count > file.length) return undefined;
  const sectionAt = (index: number) => {
    const at = table + index * entrySize;
    const start = Number(view.getBigUint64(at + 0x18, true));
    const size = Number(view.getBigUint64(at + 0x20, true));
    return { nameAt: view.getUint32(at, true), bytes: file.subarray(start, start + size) };
  };
  const names = sectionAt(namesIndex).bytes;
  for (let index = 0; index < count; index++) {
    const { nameAt, bytes } = sectionAt(index);
    if (cString(names, nameAt) === name) return bytes;
  }
  return undefined;
}

function cString(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  return new TextDecoder().decode(bytes.subarray(at, end < 0 ? undefined : end));
}
