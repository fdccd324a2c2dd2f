/**
 * Moving bytes between silo's own streams and the data socket, with bounded memory: one buffer a pump, and no read
 * before the last one was written whole.
 *
 * @module
 */
import type { ByteSink, ByteSource } from "./backend.ts";
import type { DataStream } from "./data_socket.ts";

const CHUNK_BYTES = 128 * 1024;

/** From our stdin into the guest. Its end is passed on as a half-close. Ends early when the guest reads no more. */
export async function pumpIn(source: ByteSource, stream: DataStream): Promise<void> {
  const { connection } = stream;
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    for (let count = await source.read(buffer); count !== null; count = await source.read(buffer)) {
      await writeAll(connection, buffer.subarray(0, count));
    }
    await connection.closeWrite();
  } catch {
    // Either the guest closed its stdin (EPIPE), or ours cannot be read (EIO from a terminal that is gone): both mean
    // that there is no more to pass on.
    closeQuietly(connection);
  }
}

/**
 * From the guest to our stdout or stderr, until its end. When nobody reads ours any more, the connection is closed,
 * which gives the guest's writer the SIGPIPE that it would have got from a pipe.
 */
export async function pumpOut(stream: DataStream, sink: ByteSink): Promise<void> {
  const { connection, first } = stream;
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    if (first.length > 0) await writeAll(sink, first);
    while (true) {
      const count = await connection.read(buffer);
      if (count === null) break;
      await writeAll(sink, buffer.subarray(0, count));
    }
  } catch { /* EPIPE on our side, or the helper is gone: over in both cases */ }
  closeQuietly(connection);
}

/** What a stream brings until its end, at most `maxBytes`: a writer of more is told that nobody reads. */
export async function readOutput({ connection, first }: DataStream, maxBytes: number): Promise<Uint8Array> {
  const output = new Uint8Array(maxBytes);
  const begun = first.subarray(0, maxBytes);
  output.set(begun);
  let length = begun.length;
  try {
    while (length < maxBytes) {
      const count = await connection.read(output.subarray(length));
      if (count === null) break;
      length += count;
    }
  } finally {
    closeQuietly(connection);
  }
  return output.slice(0, length);
}

async function writeAll(sink: ByteSink, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) at += await sink.write(data.subarray(at));
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch { /* closed before */ }
}
