import type { BufferedReader } from "./buffered_reader.ts";
import { type Duplex, writeAll } from "./duplex.ts";

/** One end of a connection: what is read comes through the reader, which may hold bytes already. */
export interface End {
  readonly stream: Duplex;
  readonly reader: BufferedReader;
}

const MAX_WRITE_BYTES = 131_072;

/**
 * Carries bytes both ways until both ends have said that they send no more. Each direction has at most one buffer under
 * way, and reads no more until it was written: an end that does not read stops the other. The caller closes both.
 *
 * `halfClosed` is called when the first direction is over. `change` is what happens to the bytes that the server sends.
 * Throws what a read or write throws.
 */
export async function relay(
  client: End,
  server: End,
  halfClosed: () => void,
  change: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> = (bytes) => bytes,
): Promise<void> {
  const pump = async (from: AsyncIterable<Uint8Array>, to: End): Promise<void> => {
    for await (const bytes of from) await writeAll(to.stream, bytes);
    halfClosed();
    await to.stream.closeWrite();
  };
  await Promise.all([pump(read(client), server), pump(change(read(server)), client)]);
}

async function* read({ reader }: End): AsyncGenerator<Uint8Array> {
  let bytes;
  while ((bytes = await reader.take(MAX_WRITE_BYTES)) !== null) yield bytes;
}
