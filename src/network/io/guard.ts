/**
 * Holds every connection of one stream of the guest, knows when a byte moved last, and can end them all.
 *
 * @module
 */
import { closeQuietly, type Duplex } from "./duplex.ts";

export class Guard {
  readonly #connections = new Set<Duplex>();
  #last = performance.now();
  #closed = false;
  /** Milliseconds without a byte in any connection after which the stream is over. */
  limitMs: number;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  /** Takes a connection in. If the stream is over already, it is closed at once. */
  watch(connection: Duplex): Duplex {
    if (this.#closed) closeQuietly(connection);
    this.#connections.add(connection);
    const touched = async <T>(action: Promise<T>): Promise<T> => {
      const result = await action;
      this.#last = performance.now();
      return result;
    };
    return {
      read: (buffer) => touched(connection.read(buffer)),
      write: (data) => touched(connection.write(data)),
      closeWrite: () => touched(connection.closeWrite()),
      close: () => {
        this.#connections.delete(connection);
        connection.close();
      },
    };
  }

  /** Ends the stream if no byte has moved for too long. */
  sweep(): void {
    if (performance.now() - this.#last > this.limitMs) this.close();
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections) closeQuietly(connection);
    this.#connections.clear();
  }
}
