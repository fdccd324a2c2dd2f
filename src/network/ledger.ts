/**
 * What was refused in a run, what nobody answered, and what passed only because the run was there to learn. Bounded,
 * whatever the guest does.
 *
 * @module
 */
import { printable } from "../errors.ts";
import { isDenial, type Refusal, type RefusalKind } from "./refusal.ts";

/** How the guest asked. */
export type Via = "http" | "connect" | "socks" | "direct" | "dns";

/** One line of the network log: plain data, every text free of control characters. */
export interface Denial {
  /** Of the first time: ISO 8601, UTC. */
  readonly time: string;
  /** Cut to 253 characters; "" if the guest named none. */
  readonly host: string;
  /** null for DNS. */
  readonly port: number | null;
  readonly via: Via;
  readonly kind: RefusalKind;
  readonly reason: string;
  readonly remedy?: string;
  /** How often, in this run. */
  readonly count: number;
}

export interface Attempt {
  readonly host: string;
  readonly port: number | null;
  readonly via: Via;
}

/** What was asked for and allowed. */
export interface Passed {
  readonly host: string;
  readonly port: number;
  /** How often, in this run. */
  readonly count: number;
}

/** What was allowed and could not be reached, not even once. */
export interface Failure {
  readonly host: string;
  readonly port: number;
  readonly reason: string;
  /** How often, in this run. */
  readonly count: number;
}

export interface LedgerOptions {
  /** Different refusals that are told apart. */
  readonly limit: number;
  /** Wall clock, milliseconds since 1970. */
  readonly clock: () => number;
  /** Takes a refusal when it is seen first, and once more with its count at the end if there were several. */
  readonly log: (denial: Denial) => void;
}

export class Ledger {
  readonly #options: LedgerOptions;
  readonly #denials = new Map<string, Denial>();
  readonly #learned = new Set<string>();
  readonly #passed = new Map<string, Passed>();
  readonly #failures = new Map<string, Failure>();
  readonly #seen = new WeakSet<Refusal>();
  #others = 0;
  #closed = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Writes down a refusal of the policy, the same one once. What merely failed is none. */
  deny(attempt: Attempt, refusal: Refusal): void {
    if (!isDenial(refusal) || this.#closed || this.#seen.has(refusal)) return;
    this.#seen.add(refusal);
    const host = clean(attempt.host, 253);
    const key = JSON.stringify([host, attempt.port, refusal.kind]);
    const known = this.#denials.get(key);
    if (known !== undefined) {
      this.#denials.set(key, { ...known, count: known.count + 1 });
      return;
    }
    if (this.#denials.size >= this.#options.limit) {
      this.#others++;
      return;
    }
    const denial: Denial = {
      time: new Date(this.#options.clock()).toISOString(),
      host,
      port: attempt.port,
      via: attempt.via,
      kind: refusal.kind,
      reason: clean(refusal.message, 500),
      ...(refusal.remedy === undefined ? {} : { remedy: clean(refusal.remedy, 300) }),
      count: 1,
    };
    this.#denials.set(key, denial);
    this.#options.log(denial);
  }

  /** Writes down a connection that was allowed. */
  pass(host: string, port: number): void {
    const name = clean(host, 253);
    const key = `${name} ${port}`;
    this.#failures.delete(key);
    const known = this.#passed.get(key);
    if (known === undefined && this.#passed.size >= this.#options.limit) return;
    this.#passed.set(key, { host: name, port, count: (known?.count ?? 0) + 1 });
  }

  passed(): Passed[] {
    return [...this.#passed.values()];
  }

  /** Writes down a connection that was allowed and came to nothing. One that once was there is only down for a while. */
  fail(host: string, port: number, refusal: Refusal): void {
    if (isDenial(refusal) || this.#closed) return;
    const name = clean(host, 253);
    const key = `${name} ${port}`;
    const known = this.#failures.get(key);
    if (this.#passed.has(key) || (known === undefined && this.#failures.size >= this.#options.limit)) return;
    const reason = clean(refusal.message, 500);
    this.#failures.set(key, { host: name, port, reason, count: (known?.count ?? 0) + 1 });
  }

  failures(): Failure[] {
    return [...this.#failures.values()];
  }

  /** Writes down a rule that the run would need, as it is written in `silo.toml`. */
  learn(rule: string): void {
    if (this.#learned.size < this.#options.limit) this.#learned.add(rule);
  }

  denials(): Denial[] {
    return [...this.#denials.values()];
  }

  /** Refusals beyond the limit, which are not told apart. */
  get others(): number {
    return this.#others;
  }

  /** The rules that the run would need, sorted. */
  learned(): string[] {
    return [...this.#learned].sort();
  }

  /** Logs the final counts. Nothing is written down afterwards. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const denial of this.#denials.values()) if (denial.count > 1) this.#options.log(denial);
  }
}

/** A refusal as a line of the log file. */
export function jsonLine(denial: Denial): string {
  return `${JSON.stringify(denial)}\n`;
}

function clean(text: string, length: number): string {
  return printable(text.slice(0, length)).replaceAll(/[\n\t]/g, "\ufffd");
}
