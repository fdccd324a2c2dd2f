/**
 * Getting a bearer token from the token server that a registry names.
 *
 * Protocol: distribution's "Token Authentication Specification" (GET with basic authentication) and, for identity
 * tokens, its OAuth 2 variant (POST, `grant_type=refresh_token`).
 *
 * @module
 */
import type { Credentials } from "../credentials.ts";
import { isLoopback, mayBePlain, type RegistrySettings } from "./endpoint.ts";
import { ContentFailure, LoginFailure, readBounded, statusFailure } from "./failures.ts";
import { send, type Transport } from "./transport.ts";

export interface Token {
  readonly value: string;
  /** When it has to be replaced, milliseconds since 1970. */
  readonly until: number;
}

/** What a token is asked for. */
export interface TokenRequest {
  /** The registry that named the realm. */
  readonly registry: URL;
  readonly realm: string;
  readonly service: string | undefined;
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

/** Without `expires_in` a token lasts 60 seconds (the specification's default). */
const DEFAULT_LIFE_S = 60;
/** A token is replaced that much before it ends: a request takes its time. Milliseconds. */
const MARGIN_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_TOKEN = 48 * 1024;

/**
 * Asks for a token.
 *
 * @throws {LoginFailure} if the login is refused.
 * @throws {StatusFailure | ConnectionFailure | ContentFailure}
 */
export async function requestToken(transport: Transport, request: TokenRequest): Promise<Token> {
  const realm = checkRealm(request.realm, request.registry, transport.settings);
  const { credentials, signal } = request;
  const answer = credentials?.kind === "identity"
    ? await send(transport, { ...refresh(realm, request, credentials.token), signal })
    : await send(transport, { ...ask(realm, request), signal });
  if (answer.status === 401 || answer.status === 403 || (answer.status === 400 && credentials?.kind === "identity")) {
    const { reason } = await statusFailure(answer, request.now);
    throw new LoginFailure(
      request.registry.host,
      `${realm.host} answered ${answer.status}${reason && `: ${reason}`}`,
      credentials?.source,
    );
  }
  if (answer.status !== 200) throw await statusFailure(answer, request.now);
  return await readToken(answer, request);
}

/**
 * The realm decides where the login is sent, so it must be https. Without TLS only a registry that is itself asked
 * without TLS may name it, and only on its own host or on loopback beside it.
 *
 * @throws {ContentFailure}
 */
export function checkRealm(text: string, registry: URL, settings: RegistrySettings): URL {
  const fail = (why: string) => new ContentFailure(registry.host, `it names a token server that ${why}`);
  if (!URL.canParse(text)) throw fail("is no address");
  const realm = new URL(text);
  if (realm.username !== "" || realm.password !== "" || realm.hash !== "") {
    throw fail("has a login or a fragment in it");
  }
  if (realm.protocol === "https:") return realm;
  if (realm.protocol !== "http:") throw fail("is not https");
  const sameHost = realm.hostname === registry.hostname ||
    (isLoopback(realm.hostname) && isLoopback(registry.hostname));
  if (
    registry.protocol !== "http:" || !sameHost ||
    !(mayBePlain(realm.host, settings) || mayBePlain(registry.host, settings))
  ) {
    throw fail(`is not https (${realm.origin})`);
  }
  return realm;
}

function ask(realm: URL, { service, scope, credentials }: TokenRequest) {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", scope);
  const headers: Record<string, string> = {};
  if (credentials?.kind === "password") {
    url.searchParams.set("account", credentials.username);
    headers.authorization = basic(credentials.username, credentials.password);
  }
  return { url, headers };
}

function refresh(realm: URL, { service, scope }: TokenRequest, token: string) {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: "silo", scope, refresh_token: token });
  if (service !== undefined) form.set("service", service);
  return {
    url: realm,
    method: "POST" as const,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  };
}

/** The value of an `Authorization` header: RFC 7617, UTF-8. */
export function basic(username: string, password: string): string {
  return `Basic ${new TextEncoder().encode(`${username}:${password}`).toBase64()}`;
}

async function readToken(answer: Response, { now }: TokenRequest): Promise<Token> {
  const host = new URL(answer.url).host;
  const fail = (why: string) => new ContentFailure(host, `the token server ${host} ${why}`);
  let body: { token?: unknown; access_token?: unknown; expires_in?: unknown };
  try {
    body = JSON.parse(new TextDecoder().decode(await readBounded(answer, MAX_ANSWER_BYTES)));
  } catch (error) {
    if (error instanceof SyntaxError) throw fail("did not answer with JSON");
    throw error instanceof RangeError ? fail(error.message) : error;
  }
  const value = body?.token || body?.access_token;
  // RFC 6750's b64token: anything else could smuggle a second header.
  if (typeof value !== "string" || value.length > MAX_TOKEN || !/^[A-Za-z0-9._~+/-]+=*$/.test(value)) {
    throw fail("gave no valid token");
  }
  const life = typeof body.expires_in === "number" && body.expires_in > 0 ? body.expires_in : DEFAULT_LIFE_S;
  return { value, until: now + Math.max(life * 1000 - MARGIN_MS, 1000) };
}
