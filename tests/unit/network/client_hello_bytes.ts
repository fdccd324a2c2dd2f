/** Writes ClientHellos (RFC 8446, section 4.1.2). */
const u16 = (value: number) => [value >> 8, value & 255];
const vector16 = (bytes: readonly number[]) => [...u16(bytes.length), ...bytes];
const text = (value: string) => [...new TextEncoder().encode(value)];

export interface HelloOptions {
  readonly name?: string | undefined;
  /** Extensions after the server's name: type and data. */
  readonly extensions?: readonly (readonly [number, readonly number[]])[];
  /** At most that many bytes a record. */
  readonly recordBytes?: number;
}

export const serverName = (name: string): [number, number[]] => [0, vector16([0, ...vector16(text(name))])];
/** What an Encrypted ClientHello looks like, or the grease that browsers send instead. */
export const ENCRYPTED: [number, number[]] = [0xfe0d, [0, 0, 1, 0, 1, 7, 0, 0, 0, 1, 9]];

/** The handshake message with its header. */
export function helloMessage({ name, extensions = [] }: HelloOptions): Uint8Array {
  const all = [...(name === undefined ? [] : [serverName(name)]), ...extensions, [0x002b, [2, 3, 4]] as const];
  const list = all.flatMap(([type, data]) => [...u16(type), ...vector16(data)]);
  const body = [3, 3, ...Array(32).fill(7), 0, ...vector16([0x13, 1]), 1, 0, ...vector16(list)];
  return Uint8Array.from([1, 0, ...u16(body.length), ...body]);
}

/** The message in records, as it goes over the wire. */
export function helloRecords(options: HelloOptions): Uint8Array {
  const message = helloMessage(options);
  const size = options.recordBytes ?? 16_384;
  const records: number[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(22, 3, 1, ...u16(part.length), ...part);
  }
  return Uint8Array.from(records);
}
