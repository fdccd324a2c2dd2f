/**
 * A byte stream in both directions, as `Deno.Conn` is one.
 *
 * @module
 */
export interface Duplex {
  /** Fills a part of `buffer`: the number of bytes, or null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes a part of `data` and returns how many bytes. */
  write(data: Uint8Array): Promise<number>;
  /** Says that no more bytes come; the other direction stays. */
  closeWrite(): Promise<void>;
  /** Ends both directions, and pending reads and writes with them. */
  close(): void;
}

/** Writes all of `data`. */
export async function writeAll(to: Duplex, data: Uint8Array): Promise<void> {
  let done = 0;
  while (done < data.length) done += await to.write(data.subarray(done));
}

/** Closes what may be closed already. */
export function closeQuietly(stream: { close(): void }): void {
  try {
    stream.close();
  } catch { /* it was */ }
}
