/**
 * A blob that is being downloaded: a file under a name that nobody trusts, which the next download goes on with.
 *
 * Everything in it is hashed, also what an earlier process wrote, so it becomes a blob of the store only if all of it
 * is what the digest stands for.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { publish, writeAll } from "../../cache/atomic.ts";
import type { Descriptor } from "../oci_types.ts";

const READ_BYTES = 1 << 20;

/** Where partial blobs and their locks are. */
export function partialDirectory(storeDirectory: string): string {
  return `${storeDirectory}/partial`;
}

export class PartialBlob implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #hash: Hash = createHash("sha256");
  #length = 0;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /** Opens or makes the file and hashes what is in it already. Call it only under the blob's lock. */
  static async open(storeDirectory: string, descriptor: Descriptor): Promise<PartialBlob> {
    const path = `${partialDirectory(storeDirectory)}/${descriptor.digest.replace(":", "-")}`;
    const file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o644 });
    const partial = new PartialBlob(path, file);
    try {
      if ((await file.stat()).size > descriptor.size) await partial.restart();
      else await partial.#rehash();
    } catch (error) {
      file.close();
      throw error;
    }
    return partial;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  async append(data: Uint8Array): Promise<void> {
    await writeAll(this.#file, data);
    this.#hash.update(data);
    this.#length += data.length;
  }

  /** Throws away what there is. */
  async restart(): Promise<void> {
    await this.#file.truncate(0);
    await this.#file.seek(0, Deno.SeekMode.Start);
    this.#hash = createHash("sha256");
    this.#length = 0;
  }

  /** The digest of what is there. */
  digest(): string {
    return `sha256:${this.#hash.copy().digest("hex")}`;
  }

  /** Moves the finished file to its name in the store. */
  async finish(path: string): Promise<void> {
    await this.#file.sync();
    await publish(this.path, path);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  async #rehash(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    for (let n; (n = await this.#file.read(buffer)) !== null;) {
      this.#hash.update(buffer.subarray(0, n));
      this.#length += n;
    }
  }
}
