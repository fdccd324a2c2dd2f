/**
 * Between streams of Node, which its TLS speaks, and ours.
 *
 * @module
 */
import { Duplex as NodeDuplex } from "node:stream";
import { Buffer } from "node:buffer";
import { closeQuietly, type Duplex, writeAll } from "../io/duplex.ts";
import type { End } from "../io/relay.ts";

const MAX_READ_BYTES = 65_536;

/** A stream of ours as Node's. Its end closes ours. */
export function toNode({ stream, reader }: End): NodeDuplex {
  return new NodeDuplex({
    read() {
      reader.take(MAX_READ_BYTES).then(
        (bytes) => this.push(bytes === null ? null : Buffer.from(bytes)), // a copy: the reader uses its memory again
        (error) => this.destroy(error),
      );
    },
    write(bytes: Uint8Array, _encoding, done) {
      writeAll(stream, bytes).then(() => done(), done);
    },
    final(done) {
      stream.closeWrite().then(() => done(), done);
    },
    destroy(error, done) {
      closeQuietly(stream);
      done(error);
    },
  });
}

/** A stream of Node as ours. */
export function fromNode(node: NodeDuplex): Duplex {
  let failure: Error | undefined;
  let closed = false;
  let wake = () => {};
  const stir = () => wake();
  node.on("error", (error) => failure ??= error);
  node.on("close", () => closed = true);
  for (const event of ["readable", "end", "error", "close"]) node.on(event, stir);
  let rest: Uint8Array | null = null;
  const check = () => {
    if (failure !== undefined) throw failure;
    if (closed) throw new Error("the stream was closed");
  };
  return {
    async read(buffer) {
      while (rest === null) {
        rest = node.read() as Uint8Array | null;
        if (rest !== null) break;
        if (node.readableEnded) return null;
        check();
        await new Promise<void>((resolve) => wake = resolve);
      }
      const count = Math.min(buffer.length, rest.length);
      buffer.set(rest.subarray(0, count));
      rest = count < rest.length ? rest.subarray(count) : null;
      return count;
    },
    write(data) {
      check();
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const gone = () => reject(failure ?? new Error("the stream was closed"));
      node.once("close", gone);
      node.write(data, (error) => error ? reject(error) : resolve(data.length));
      return promise.finally(() => node.off("close", gone));
    },
    closeWrite() {
      check();
      return new Promise((resolve) => {
        node.once("close", resolve);
        node.end(() => resolve());
      });
    },
    close: () => void node.destroy(),
  };
}
