/**
 * Pulling an image from a registry into the store. Begin reading here.
 *
 * reference → endpoints (mirrors, then the registry) → manifest for this platform → configuration → layers, several at
 * once → the name in the store's index. The name comes last, so an image that is named is whole.
 *
 * @module
 */
import { type Progress, silent } from "../../debian/progress.ts";
import type { Host } from "../../host.ts";
import { type CredentialSource, dockerCredentials } from "../credentials.ts";
import type { ImageStore, StoredImage } from "../image_store.ts";
import type { Descriptor } from "../oci_types.ts";
import { formatReference, manifestReference, type Reference, shortReference } from "../reference.ts";
import { whileStoring } from "../store_locks.ts";
import { type Clock, realClock } from "./clock.ts";
import { type ConnectionOptions, RegistryConnection } from "./connection.ts";
import { downloadBlob, type DownloadOptions } from "./download_blob.ts";
import { endpointsOf, type RegistrySettings } from "./endpoint.ts";
import { explain } from "./explain.ts";
import { platformOf } from "./platform.ts";
import { loadConfig, manifestsOf, type ResolvedImage, resolveManifest } from "./resolve.ts";
import { DEFAULT_RETRY, NO_RETRY, type RetryPolicy } from "./retry.ts";
import { realTransport, type Transport } from "./transport.ts";

export interface PullOptions {
  readonly settings?: RegistrySettings | undefined;
  readonly progress?: Progress | undefined;
  /** Ends the pull; what was loaded so far is kept for the next one. */
  readonly signal?: AbortSignal | undefined;
  /** Docker's configuration if absent. */
  readonly credentials?: CredentialSource | undefined;
  readonly retry?: RetryPolicy | undefined;
  readonly clock?: Clock | undefined;
  readonly transport?: Transport | undefined;
}

/** Layers that are loaded at the same time; Docker's own number is 3. */
const LAYERS_AT_ONCE = 4;

/**
 * Pulls an image, loading only what the store does not have, and names it by its full reference
 * ({@link formatReference}). Pulls of the same image at the same time, in other processes too, share the work.
 *
 * @throws {SiloError} with one message that says what, where, why, and what to do.
 */
export async function pullImage(
  host: Host,
  store: ImageStore,
  reference: Reference,
  options: PullOptions = {},
): Promise<StoredImage> {
  // The first layer that fails ends the others: what they have got is kept.
  const abort = new AbortController();
  const onAbort = () => abort.abort(options.signal!.reason);
  options.signal?.throwIfAborted();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const { signal } = abort;
  const connections = connect(host, reference, { ...options, signal });
  const mirrors: string[] = [];
  try {
    return await whileStoring(store.directory, async () => {
      const { image, from } = await findImage(host, reference, connections, mirrors);
      return await storeImage(host, store, reference, image, connections.slice(from), { ...options, signal }, abort);
    });
  } catch (failure) {
    options.signal?.throwIfAborted();
    const login = await connections.at(-1)!.login().catch(() => undefined);
    throw explain(failure, { reference, login, mirrors });
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * The digest that a tag stands for at this moment, of the index or manifest behind it. Loads nothing else.
 *
 * @throws {SiloError}
 */
export async function currentDigest(host: Host, reference: Reference, options: PullOptions = {}): Promise<string> {
  const connections = connect(host, reference, options);
  try {
    // Mirrors may be behind.
    return (await manifestsOf(connections.at(-1)!)(manifestReference(reference))).digest;
  } catch (failure) {
    const login = await connections.at(-1)!.login().catch(() => undefined);
    throw explain(failure, { reference, login, mirrors: [] });
  }
}

function connect(host: Host, reference: Reference, options: PullOptions): RegistryConnection[] {
  const settings = options.settings ?? {};
  const task = `pull ${shortReference(reference)}`;
  const shared: Omit<ConnectionOptions, "retry"> = {
    transport: options.transport ?? realTransport(settings),
    credentials: options.credentials ?? dockerCredentials(host),
    clock: options.clock ?? realClock,
    signal: options.signal,
    onRetry: ({ message }, delay) => {
      options.progress?.({ task, phase: `${message}; again in ${Math.ceil(delay / 1000)} s` });
    },
  };
  return endpointsOf(reference.registry, settings).map((endpoint) =>
    new RegistryConnection(endpoint, reference.repository, {
      ...shared,
      retry: endpoint.isMirror ? NO_RETRY : options.retry ?? DEFAULT_RETRY,
    })
  );
}

/** The image at the first endpoint that has it, and which one that is. What mirrors fail with is noted in `mirrors`. */
async function findImage(
  host: Host,
  reference: Reference,
  connections: readonly RegistryConnection[],
  mirrors: string[],
): Promise<{ image: ResolvedImage; from: number }> {
  for (const [from, connection] of connections.entries()) {
    try {
      const image = await resolveManifest(manifestsOf(connection), manifestReference(reference), platformOf(host));
      return { image, from };
    } catch (failure) {
      if (!connection.endpoint.isMirror) throw failure;
      mirrors.push(`${connection.endpoint.host}: ${failure instanceof Error ? failure.message : failure}`);
    }
  }
  throw new Error("unreachable: the registry itself is the last endpoint");
}

async function storeImage(
  host: Host,
  store: ImageStore,
  reference: Reference,
  { document, manifest }: ResolvedImage,
  connections: readonly RegistryConnection[],
  options: PullOptions,
  abort: AbortController,
): Promise<StoredImage> {
  const platform = platformOf(host);
  const config = await loadConfig(store, manifest, platform, { connections, signal: options.signal });
  await loadLayers(
    store,
    reference,
    manifest.layers,
    { connections, signal: options.signal },
    options.progress ?? silent,
    abort,
  );
  const { mediaType, digest, bytes } = document;
  const descriptor = { mediaType, digest, size: bytes.length };
  await store.putBlob(
    (async function* () {
      yield bytes;
    })(),
    mediaType,
    descriptor,
  );
  const name = formatReference(reference);
  await store.tag(name, { ...descriptor, platform });
  return { reference: name, digest, manifest, config };
}

/** Loads layers, some at a time. */
async function loadLayers(
  store: ImageStore,
  reference: Reference,
  layers: readonly Descriptor[],
  options: DownloadOptions,
  progress: Progress,
  abort: AbortController,
): Promise<void> {
  const task = `pull ${shortReference(reference)}`;
  // An image may have one layer twice: an empty one, mostly.
  const distinct = [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
  const total = distinct.reduce((sum, { size }) => sum + size, 0);
  const doneOf = new Map<string, number>();
  const report = (phase: string) => {
    progress({ task, phase, done: doneOf.values().reduce((sum, done) => sum + done, 0), total });
  };
  const waiting = distinct.values();
  const work = async () => {
    for (const layer of waiting) {
      options.signal?.throwIfAborted();
      await downloadBlob(store, layer, {
        ...options,
        onBytes: (done) => {
          doneOf.set(layer.digest, done);
          report("download");
        },
        onWait: () => report("wait for another pull of the same layer"),
      });
    }
  };
  report("download");
  const working = Array.from({ length: Math.min(LAYERS_AT_ONCE, distinct.length) }, work);
  try {
    await Promise.all(working);
  } catch (failure) {
    abort.abort();
    await Promise.allSettled(working); // nothing is written any more once this has thrown
    throw failure;
  }
}
