/**
 * One repository at one endpoint: authorized, retried requests for manifests and blobs.
 *
 * Protocol: OCI distribution specification, "Pulling manifests" and "Pulling blobs".
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { CredentialSource } from "../credentials.ts";
import type { Descriptor, Digest } from "../oci_types.ts";
import { Authorizer } from "./authorizer.ts";
import type { Clock } from "./clock.ts";
import { apiHost, type Endpoint } from "./endpoint.ts";
import {
  ConnectionFailure,
  ContentFailure,
  DigestFailure,
  LoginFailure,
  readBounded,
  StatusFailure,
  statusFailure,
} from "./failures.ts";
import { MAX_DOCUMENT_BYTES } from "./manifest.ts";
import { ACCEPT } from "./media_types.ts";
import { type Retrying, retrying, type RetryPolicy } from "./retry.ts";
import { send, type Transport } from "./transport.ts";

export interface ConnectionOptions {
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly retry: RetryPolicy;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: Retrying["onRetry"];
}

/** A manifest or an index as it came, with its true digest. */
export interface FetchedDocument {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: Digest;
}

export class RegistryConnection {
  readonly endpoint: Endpoint;
  readonly #repository: string;
  readonly #options: ConnectionOptions;
  readonly #authorizer: Authorizer;
  #origin: Promise<string> | undefined;

  constructor(endpoint: Endpoint, repository: string, options: ConnectionOptions) {
    this.endpoint = endpoint;
    this.#repository = endpoint.prefix === "" ? repository : `${endpoint.prefix}/${repository}`;
    this.#options = options;
    const { transport, credentials, clock } = options;
    this.#authorizer = new Authorizer({
      transport,
      credentials,
      clock,
      host: endpoint.host,
      repository: this.#repository,
    });
  }

  /** How requests to this endpoint are repeated. */
  get retry(): Retrying {
    const { retry, clock, signal, onRetry } = this.#options;
    return { policy: retry, clock, signal, onRetry };
  }

  /** Where the login for this endpoint comes from; undefined if there is none. */
  async login(): Promise<string | undefined> {
    return await this.#authorizer.source();
  }

  /**
   * Fetches a manifest or an index, at most {@link MAX_DOCUMENT_BYTES}.
   *
   * @param reference A tag or a digest; a digest is verified.
   * @throws {StatusFailure | ConnectionFailure | ContentFailure | LoginFailure}
   */
  async manifest(reference: string): Promise<FetchedDocument> {
    return await retrying(this.retry, async () => {
      const response = await this.#get(`manifests/${reference}`, { accept: ACCEPT });
      const { host } = this.endpoint;
      const bytes = await readBounded(response, MAX_DOCUMENT_BYTES).catch((error) => {
        throw error instanceof RangeError ? new ContentFailure(host, "its manifest is too large", error) : error;
      });
      const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      const announced = reference.includes(":") ? reference : response.headers.get("docker-content-digest");
      if (announced?.startsWith("sha256:") && announced !== digest) {
        throw new DigestFailure(host, `the manifest is not what its digest ${announced} stands for`);
      }
      return { bytes, mediaType: response.headers.get("content-type") ?? "", digest };
    });
  }

  /**
   * Starts to read a blob at an offset, without trying again. The answer may begin earlier than asked: a server need
   * not know ranges.
   *
   * @returns The body and the offset in bytes at which it begins: `from`, or 0.
   * @throws {StatusFailure | ConnectionFailure | ContentFailure | LoginFailure}
   */
  async blob(
    { digest, size }: Descriptor,
    from: number,
  ): Promise<{ body: ReadableStream<Uint8Array>; offset: number }> {
    const response = await this.#get(`blobs/${digest}`, from === 0 ? {} : { range: `bytes=${from}-` });
    const body = response.body ?? new Blob([]).stream();
    if (response.status === 200) return { body, offset: 0 };
    // RFC 9110, section 14.4. Anything but the rest that was asked for would end up in the wrong place.
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
    if (!range || Number(range[1]) !== from || (range[3] !== "*" && Number(range[3]) !== size)) {
      await body.cancel();
      throw new ContentFailure(this.endpoint.host, "it answers with another range than it was asked for");
    }
    return { body, offset: from };
  }

  /** A GET below the repository, with a login if one is asked for. Anything but 200 or, for a range, 206 is thrown. */
  async #get(path: string, headers: Record<string, string>): Promise<Response> {
    const { transport, clock, signal } = this.#options;
    const origin = await (this.#origin ??= this.#findOrigin().catch((error) => {
      this.#origin = undefined;
      throw error;
    }));
    const url = new URL(`${origin}/v2/${this.#repository}/${path}`);
    let authorization = this.#authorizer.current();
    // One renewal for a token that has run out, one for a login that was changed meanwhile: more is a loop.
    for (let refusals = 0;; refusals++) {
      const response = await send(transport, {
        url,
        headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
        signal,
      });
      if (response.status === 200 || (response.status === 206 && headers.range !== undefined)) return response;
      if (response.status !== 401 || new URL(response.url || url).host !== url.host) {
        throw await statusFailure(response, clock.now());
      }
      const challenge = response.headers.get("www-authenticate");
      const failure = await statusFailure(response, clock.now());
      if (refusals === 2) throw new LoginFailure(this.endpoint.host, failure.message, await this.#authorizer.source());
      authorization = await this.#authorizer.answer(authorization, challenge, url, signal);
    }
  }

  /**
   * Whether the endpoint speaks TLS: the base address to ask. Only where plain HTTP is allowed is it tried, and only
   * after TLS, as anyone on the way could pretend that there is none.
   */
  async #findOrigin(): Promise<string> {
    const host = apiHost(this.endpoint);
    if (this.endpoint.scheme !== "either") return `${this.endpoint.scheme}://${host}`;
    const { transport, signal } = this.#options;
    try {
      const answer = await send(transport, { url: new URL(`https://${host}/v2/`), headers: {}, signal });
      await answer.body?.cancel();
      return `https://${host}`;
    } catch (error) {
      if (!(error instanceof ConnectionFailure)) throw error;
      // A certificate that is not trusted is an answer: falling back would let it go unnoticed.
      if (/certificate/i.test(error.message)) throw error;
      return `http://${host}`;
    }
  }
}

/** Whether a failure means that this endpoint does not have what was asked for. */
export function isMissing(failure: unknown): boolean {
  return failure instanceof StatusFailure && failure.status === 404;
}
