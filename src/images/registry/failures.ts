/**
 * What can go wrong between silo and a registry, as data: the retry policy decides by it, and `explain.ts` makes the
 * one message for a person out of it.
 *
 * @module
 */

/** The registry answered, and not with what was asked for. */
export class StatusFailure extends Error {
  override readonly name = "StatusFailure";
  readonly status: number;
  /** Who answered: host and port. After a redirect this is the storage, not the registry. */
  readonly host: string;
  /** What the registry wrote about it (OCI distribution specification, "Error Codes"); untrusted, shortened. */
  readonly reason: string;
  /** How long the registry asks to wait, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, host: string, reason: string, retryAfterMs: number | undefined) {
    super(`${host} answered ${status}${reason === "" ? "" : ` (${reason})`}`);
    this.status = status;
    this.host = host;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer, or one that broke off. */
export class ConnectionFailure extends Error {
  override readonly name = "ConnectionFailure";
  readonly host: string;
  /** Whether asking again can help: not for a name that is unknown or a certificate that is not trusted. */
  readonly isTransient: boolean;

  constructor(host: string, why: string, isTransient: boolean, cause?: unknown) {
    super(`${host}: ${why}`, { cause });
    this.host = host;
    this.isTransient = isTransient;
  }
}

/** The answer came, and it breaks the specification or was tampered with. Asking again does not help. */
export class ContentFailure extends Error {
  override readonly name = "ContentFailure";
  readonly host: string;

  constructor(host: string, why: string, cause?: unknown) {
    super(why, { cause });
    this.host = host;
  }
}

/** The content's digest is not the one asked for. Worth a second try from the start: a proxy may have damaged it. */
export class DigestFailure extends ContentFailure {}

/** The login was asked for and is missing or refused. */
export class LoginFailure extends Error {
  override readonly name = "LoginFailure";
  readonly host: string;
  /** Where the refused login came from; undefined if there was none. */
  readonly source: string | undefined;

  constructor(host: string, reason: string, source: string | undefined) {
    super(reason);
    this.host = host;
    this.source = source;
  }
}

/** How much of an error's body is read, in bytes. */
const MAX_BODY_BYTES = 16 * 1024;
/** How much of what a registry writes is shown, in characters. */
const MAX_REASON = 300;

/** Makes a failure of an answer, and reads its body to the bound. */
export async function statusFailure(response: Response, now: number): Promise<StatusFailure> {
  const host = new URL(response.url).host;
  let reason = "";
  try {
    reason = reasonOfBody(await readBounded(response, MAX_BODY_BYTES));
  } catch { /* the status tells enough */ }
  return new StatusFailure(response.status, host, reason, parseRetryAfter(response.headers.get("retry-after"), now));
}

/** `Retry-After` in milliseconds from `now`: RFC 9110, section 10.2.3, a number of seconds or a date. */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const text = value.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const date = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The first error of `{"errors":[{code,message}]}`; the whole body if it is a short line of plain text. */
function reasonOfBody(body: Uint8Array): string {
  const text = new TextDecoder().decode(body).trim();
  let reason = /^[^<{\n]{1,200}$/.test(text) ? text : "";
  try {
    const [first] = JSON.parse(text).errors;
    const parts = [first.code, first.message].filter((part) => typeof part === "string" && part !== "");
    reason = parts.join(": ");
  } catch { /* not the specification's shape */ }
  return reason.replace(/\s+/g, " ").slice(0, MAX_REASON);
}

/**
 * The body of an answer.
 *
 * @throws {RangeError} if it is longer than `limit` bytes; what is beyond is never read.
 */
export async function readBounded(response: Response, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > limit) throw new RangeError(`the answer is longer than ${limit} bytes`); // leaving the loop cancels it
    parts.push(part);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
