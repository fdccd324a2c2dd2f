/**
 * Why something that the guest asked for is not done. The one error of this folder: parsers of the guest's bytes throw
 * nothing else.
 *
 * @module
 */

/**
 * - `rule`: no rule allows it, or one denies it.
 * - `address`: the name leads to an address that is not let through.
 * - `name`: not a host name.
 * - `mismatch`: the SNI or the Host header names another host than the one that was asked for.
 * - `protocol`: malformed bytes, or a protocol that cannot be judged.
 * - `limit`: too many, too long or too slow.
 * - `unreachable`: allowed, and nobody answers.
 */
export type RefusalKind = "rule" | "address" | "name" | "mismatch" | "protocol" | "limit" | "unreachable";

export interface RefusalOptions extends ErrorOptions {
  /** The command or line of configuration that would allow it. */
  readonly remedy?: string | undefined;
}

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly kind: RefusalKind;
  readonly remedy: string | undefined;

  /** `reason` is one line in lower case. It may quote the guest: clean it before it reaches a terminal. */
  constructor(kind: RefusalKind, reason: string, options: RefusalOptions = {}) {
    super(reason, options);
    this.kind = kind;
    this.remedy = options.remedy;
  }
}

/** Whether the policy said no, as opposed to bytes that nobody could make sense of or a server that is down. */
export function isDenial(refusal: Refusal): boolean {
  return refusal.kind === "rule" || refusal.kind === "address" || refusal.kind === "mismatch";
}

/** Any failure as a {@link Refusal}: what is none is a connection that broke. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal("unreachable", "the connection broke", { cause: error });
}
