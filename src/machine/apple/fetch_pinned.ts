/**
 * Fetching one file whose sum is known beforehand: resumed where a broken connection or a killed process left it, and
 * under its name only when it is what its sum stands for.
 *
 * @module
 */
import { fileSize } from "../../cache/atomic.ts";
import { reasonOf, SiloError } from "../../errors.ts";
import { type Clock, realClock } from "../../images/registry/clock.ts";
import { ConnectionFailure, ContentFailure, DigestFailure, statusFailure } from "../../images/registry/failures.ts";
import { PartialBlob, partialDirectory } from "../../images/registry/partial_blob.ts";
import { DEFAULT_RETRY, retrying, type RetryPolicy } from "../../images/registry/retry.ts";
import { realTransport, send, type Transport } from "../../images/registry/transport.ts";

export interface PinnedFile {
  readonly url: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly maxBytes: number;
}

export interface FetchOptions {
  /** Told how much is there, bytes, and how much there will be, if the server says so. */
  readonly onBytes?: (done: number, total: number | undefined) => void;
  /** Told why a request is repeated, and after how long, milliseconds. */
  readonly onRetry?: (failure: Error, delayMs: number) => void;
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly retry?: RetryPolicy;
}

/** A sum that is wrong is given a second chance: something on the way may have damaged the bytes once. */
const DIGEST_ATTEMPTS = 2;

/**
 * Makes sure that a file is at `path`. Call it under a lock.
 *
 * @param what It is called that in messages.
 * @throws {SiloError} if it cannot be fetched, or is not what it should be. What came so far is kept for the next try.
 */
export async function fetchPinned(file: PinnedFile, path: string, what: string, options: FetchOptions): Promise<void> {
  if (await fileSize(path) !== undefined) return;
  const { host } = new URL(file.url);
  try {
    const directory = path.slice(0, path.lastIndexOf("/"));
    await Deno.mkdir(partialDirectory(directory), { recursive: true });
    const digest = `sha256:${file.sha256}` as const;
    using partial = await PartialBlob.open(directory, { mediaType: "", digest, size: file.maxBytes });
    for (let attempt = 1; partial.digest() !== digest; attempt++) {
      const { clock = realClock, retry = DEFAULT_RETRY, onRetry } = options;
      await retrying({ policy: retry, clock, onRetry }, (progressed) => receive(file, partial, progressed, options));
      if (partial.digest() === digest) break;
      await partial.restart();
      if (attempt === DIGEST_ATTEMPTS) {
        throw new DigestFailure(host, `what it sends is not what sha256:${file.sha256} stands for`);
      }
    }
    await partial.finish(path);
  } catch (cause) {
    if (cause instanceof SiloError) throw cause;
    const why = cause instanceof ContentFailure ? `${host}: ${cause.message}` : reasonOf(cause);
    throw new SiloError(`could not fetch ${what}: ${why}`, {
      details: file.url,
      hint: cause instanceof DigestFailure
        ? "It is not used. If the network has a proxy that changes downloads, fetch it by another way."
        : "What was loaded so far is kept: try again. HTTPS_PROXY names a proxy, if there is one.",
      cause,
    });
  }
}

/** One request for what is missing: appends what comes, to the end of the file or to where the connection breaks. */
async function receive(
  { url, maxBytes }: PinnedFile,
  partial: PartialBlob,
  progressed: () => void,
  { transport = realTransport({}), clock = realClock, onBytes }: FetchOptions,
): Promise<void> {
  const headers: Record<string, string> = partial.length === 0 ? {} : { range: `bytes=${partial.length}-` };
  const response = await send(transport, { url: new URL(url), headers });
  const { host } = new URL(url);
  if (response.status === 416) {
    await response.body?.cancel();
    return; // all of it is there: its sum decides
  }
  if (response.status !== 200 && response.status !== 206) throw await statusFailure(response, clock.now());
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
  if (response.status === 206 && Number(range?.[1] ?? NaN) !== partial.length) {
    await response.body?.cancel();
    throw new ContentFailure(host, "it answers with another range than it was asked for");
  }
  const length = response.headers.get("content-length");
  const total = range ? Number(range[2]) : length === null ? undefined : Number(length);
  // A server without ranges sends all of it again: what is there already is passed over.
  let skip = response.status === 200 ? partial.length : 0;
  const before = partial.length;
  for await (const chunk of response.body ?? []) {
    const data = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - data.length;
    if (partial.length + data.length > maxBytes) {
      await partial.restart();
      throw new ContentFailure(host, `it sends more than the ${maxBytes} bytes that it can be at most`);
    }
    await partial.append(data);
    if (partial.length - before >= 1 << 20) progressed();
    onBytes?.(partial.length, total);
  }
  if (total !== undefined && partial.length < total) {
    throw new ConnectionFailure(host, "the connection broke off", true);
  }
}
