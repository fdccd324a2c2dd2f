/**
 * One request to a registry: redirects followed by hand, broken connections told apart from answers.
 *
 * Deno's `fetch` brings the proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`) and the certificate authorities
 * (`DENO_TLS_CA_STORE`, `SSL_CERT_FILE`, `DENO_CERT`).
 *
 * @module
 */
import { VERSION } from "../../version.ts";
import { ConnectionFailure, ContentFailure } from "./failures.ts";
import { mayBePlain, type RegistrySettings } from "./endpoint.ts";

/** How long a registry may be silent before the connection counts as broken, milliseconds. */
export const STALL_MS = 30_000;
/** Registry → storage → region is three; more is a loop. */
const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Sends requests; the only part of the client that touches the network. */
export interface Transport {
  readonly settings: RegistrySettings;
  readonly stallMs: number;
  readonly fetch: typeof fetch;
}

export interface Request {
  readonly url: URL;
  readonly method?: "GET" | "HEAD" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

export function realTransport(settings: RegistrySettings): Transport {
  return { settings, stallMs: STALL_MS, fetch: globalThis.fetch };
}

/**
 * Sends a request and follows redirects. The `Authorization` header goes to the host that was asked and to no other:
 * storage has its own signature in the address, and whoever can redirect must not learn the login.
 *
 * @returns The last answer, whatever its status, with its body unread.
 * @throws {ConnectionFailure | ContentFailure}
 */
export async function send(transport: Transport, request: Request): Promise<Response> {
  let { url } = request;
  const headers = new Headers(request.headers);
  headers.set("user-agent", `silo/${VERSION}`);
  // Digests and ranges count the bytes as they are stored.
  headers.set("accept-encoding", "identity");
  for (let redirects = 0;; redirects++) {
    const response = await sendOnce(transport, { ...request, url, headers: Object.fromEntries(headers) });
    if (!REDIRECTS.has(response.status)) return response;
    await response.body?.cancel();
    if (redirects === MAX_REDIRECTS) {
      throw new ContentFailure(request.url.host, `more than ${MAX_REDIRECTS} redirects`);
    }
    const next = redirectTarget(url, response.headers.get("location"), transport.settings);
    if (next.origin !== url.origin) headers.delete("authorization");
    url = next;
  }
}

/**
 * Where a redirect leads.
 *
 * @throws {ContentFailure} if that is no place a registry may send anyone to: from TLS to plain HTTP, or to a host that
 *   must not be asked without TLS.
 */
export function redirectTarget(from: URL, location: string | null, settings: RegistrySettings): URL {
  if (location === null || !URL.canParse(location, from)) {
    throw new ContentFailure(from.host, "it redirects to no valid address");
  }
  const to = new URL(location, from);
  const isAllowed = to.protocol === "https:" ||
    (to.protocol === "http:" && from.protocol === "http:" && mayBePlain(to.host, settings));
  if (!isAllowed) throw new ContentFailure(from.host, `it redirects to ${to.origin}, which is not https`);
  if (to.username !== "" || to.password !== "") {
    throw new ContentFailure(from.host, `it redirects to ${to.host} with a login in the address`);
  }
  return to;
}

async function sendOnce(transport: Transport, request: Request): Promise<Response> {
  const watch = new Watch(transport.stallMs, request.signal);
  const { host } = request.url;
  try {
    const response = await watch.over(transport.fetch(request.url, {
      method: request.method ?? "GET",
      headers: request.headers,
      redirect: "manual",
      signal: watch.signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    }));
    if (response.body !== null) return withBody(response, watchedBody(response.body, host, watch));
    watch.end();
    return response;
  } catch (error) {
    watch.end();
    throw connectionFailure(host, error, request.signal);
  }
}

/**
 * Ends a request when nothing comes for too long or its caller wants no more. It does not wait for `fetch` to notice:
 * in Deno 2.9 a body's reader is at times not woken by the abort of its signal.
 */
class Watch {
  readonly #abort = new AbortController();
  readonly #stallMs: number;
  readonly caller: AbortSignal | undefined;
  readonly #onCaller = () => this.#abort.abort(this.caller!.reason);
  readonly #aborted = Promise.withResolvers<never>();

  constructor(stallMs: number, caller: AbortSignal | undefined) {
    this.#stallMs = stallMs;
    this.caller = caller;
    this.#aborted.promise.catch(() => {}); // mostly nobody waits for it
    this.signal.addEventListener("abort", () => this.#aborted.reject(this.signal.reason), { once: true });
    if (caller?.aborted) this.#onCaller();
    else caller?.addEventListener("abort", this.#onCaller, { once: true });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Waits for one step, for a limited time. */
  async over<T>(step: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#abort.abort(STALLED), this.#stallMs);
    try {
      return await Promise.race([step, this.#aborted.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    this.caller?.removeEventListener("abort", this.#onCaller);
  }
}

const STALLED = new DOMException("nothing came for too long", "TimeoutError");

/** A body that fails when nothing comes for too long, and fails as a {@link ConnectionFailure}. */
function watchedBody(body: ReadableStream<Uint8Array<ArrayBuffer>>, host: string, watch: Watch) {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { done, value } = await watch.over(reader.read());
        if (!done) return controller.enqueue(value);
        watch.end();
        controller.close();
      } catch (error) {
        watch.end();
        reader.cancel(error).catch(() => {});
        controller.error(connectionFailure(host, error, watch.caller));
      }
    },
    cancel(reason) {
      watch.end();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 }); // nothing is read that nobody asked for
}

function withBody(response: Response, body: ReadableStream<Uint8Array<ArrayBuffer>>): Response {
  const { status, statusText, headers, url } = response;
  return Object.defineProperty(new Response(body, { status, statusText, headers }), "url", { value: url });
}

/** What asking again cannot mend. Texts of Deno's resolver and of rustls. */
const LASTING =
  /Name or service not known|nodename nor servname|No address associated|invalid peer certificate|UnknownIssuer|NotValidForName|CertExpired/i;

function connectionFailure(host: string, error: unknown, signal?: AbortSignal): Error {
  if (signal?.aborted) return signal.reason; // the caller's own wish is no failure of the connection
  if (error instanceof ConnectionFailure) return error;
  if (error === STALLED) return new ConnectionFailure(host, "nothing came for too long", true, error);
  const why = innermost(error);
  return new ConnectionFailure(host, why, !LASTING.test(why), error);
}

/** Deno says "fetch failed" and puts what happened into the cause, behind the address. */
function innermost(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  const text = deepest instanceof Error ? deepest.message : String(deepest);
  return text.replace(/^error sending request (?:from \S+ )?for (?:url )?(?:\([^)]*\)|\S+ \([^)]*\)): /, "").replace(
    / \(os error \d+\)/,
    "",
  )
    .replace(/^client error \((\w+)\): /, "");
}
