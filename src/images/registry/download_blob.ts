/**
 * Downloading one blob: resumed where a broken connection or a killed process left it, bounded by its descriptor,
 * verified, and done once if several ask for it at the same time.
 *
 * @module
 */
import { reasonOf, SiloError } from "../../errors.ts";
import type { ImageStore } from "../image_store.ts";
import type { Descriptor } from "../oci_types.ts";
import { takeLock } from "../store_locks.ts";
import type { RegistryConnection } from "./connection.ts";
import { ConnectionFailure, ContentFailure, DigestFailure } from "./failures.ts";
import { PartialBlob, partialDirectory } from "./partial_blob.ts";
import { retrying } from "./retry.ts";

/** A try that brought less than this counts as one that brought nothing, bytes: or a server could dole out for ever. */
const PROGRESS_BYTES = 1 << 20;
/** A digest that is wrong is given a second chance: something on the way may have damaged the bytes once. */
const DIGEST_ATTEMPTS = 2;

export interface DownloadOptions {
  /** Where to ask, in this order. */
  readonly connections: readonly RegistryConnection[];
  /** Told how much of the blob is there, bytes; may go down when a download has to start over. */
  readonly onBytes?: (done: number) => void;
  /** Told when another process is downloading this very blob. */
  readonly onWait?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes sure that a blob is in the store.
 *
 * @throws {StatusFailure | ConnectionFailure | ContentFailure | LoginFailure} of the last connection.
 * @throws {SiloError} if it cannot be written.
 */
export async function downloadBlob(store: ImageStore, descriptor: Descriptor, options: DownloadOptions): Promise<void> {
  const done = () => options.onBytes?.(descriptor.size);
  if (await store.hasBlob(descriptor)) return done();
  const name = descriptor.digest.replace(":", "-");
  const { onWait } = options;
  using _lock = await takeLock(
    `${partialDirectory(store.directory)}/${name}.lock`,
    onWait === undefined ? {} : { onWait },
  );
  if (await store.hasBlob(descriptor)) return done(); // somebody else loaded it while this one waited
  using partial = await PartialBlob.open(store.directory, descriptor);
  for (let attempt = 1;; attempt++) {
    // After a wrong digest a mirror is not believed again.
    const { connections } = options;
    await fill(partial, descriptor, connections.slice(Math.min(attempt, connections.length) - 1), options);
    if (partial.digest() === descriptor.digest) break;
    await partial.restart();
    if (attempt >= Math.max(DIGEST_ATTEMPTS, connections.length)) {
      throw new DigestFailure(
        options.connections.at(-1)!.endpoint.host,
        `${descriptor.digest} arrives damaged: its content is not what the digest stands for`,
      );
    }
  }
  await Deno.mkdir(`${store.directory}/blobs/sha256`, { recursive: true });
  await partial.finish(store.blobPath(descriptor.digest));
  done();
}

/** Loads what is missing, from the first connection that has it. */
async function fill(
  partial: PartialBlob,
  descriptor: Descriptor,
  connections: readonly RegistryConnection[],
  options: DownloadOptions,
): Promise<void> {
  for (const [at, connection] of connections.entries()) {
    try {
      let reached = partial.length;
      await retrying(connection.retry, async (progressed) => {
        try {
          await receive(partial, descriptor, connection, options);
        } finally {
          if (partial.length - reached >= PROGRESS_BYTES) {
            reached = partial.length;
            progressed();
          }
        }
      });
      return;
    } catch (error) {
      const isLast = at === connections.length - 1;
      if (isLast || error instanceof SiloError || options.signal?.aborted) throw error;
    }
  }
}

/** One request: appends what comes, to the end of the blob or to where the connection breaks. */
async function receive(
  partial: PartialBlob,
  descriptor: Descriptor,
  connection: RegistryConnection,
  options: DownloadOptions,
): Promise<void> {
  options.onBytes?.(partial.length);
  if (partial.length === descriptor.size) return;
  const { host } = connection.endpoint;
  const { body, offset } = await connection.blob(descriptor, partial.length);
  // A server without ranges sends all of it again: what is there already is passed over.
  let skip = partial.length - offset;
  for await (const chunk of body) {
    const data = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - data.length;
    if (partial.length + data.length > descriptor.size) {
      await partial.restart(); // nothing of a sender that lies about the length is worth keeping
      throw new ContentFailure(host, `${descriptor.digest} is longer than the ${descriptor.size} bytes announced`);
    }
    await append(partial, data);
    options.onBytes?.(partial.length);
  }
  if (partial.length < descriptor.size) throw new ConnectionFailure(host, "the connection broke off", true);
}

async function append(partial: PartialBlob, data: Uint8Array): Promise<void> {
  try {
    await partial.append(data);
  } catch (cause) {
    throw new SiloError(`could not write to ${partial.path}: ${reasonOf(cause)}`, {
      hint: "Make room on the disk; what was loaded so far is kept.",
      cause,
    });
  }
}
