/**
 * Asking again: which failures are worth it, how long to wait, and when to stop.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import { ConnectionFailure, StatusFailure } from "./failures.ts";

export interface RetryPolicy {
  /** Tries in a row that brought nothing, the first one included. */
  readonly attempts: number;
  /** The wait before the second try, milliseconds; doubles from then on. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** A registry that asks for a longer wait than this is not waited for: the person is told. Milliseconds. */
  readonly longestRetryAfterMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 5,
  firstDelayMs: 500,
  longestDelayMs: 15_000,
  longestRetryAfterMs: 60_000,
};

/** For mirrors: there is somewhere else to ask. */
export const NO_RETRY: RetryPolicy = { ...DEFAULT_RETRY, attempts: 1 };

/** Statuses that a registry or a proxy in front of it gives when it is only unwell for the moment. */
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/** Whether asking again can help. */
export function isTransient(failure: unknown): boolean {
  if (failure instanceof StatusFailure) return TRANSIENT.has(failure.status);
  return failure instanceof ConnectionFailure && failure.isTransient;
}

/**
 * How long to wait before the try after number `attempt` (from 1); undefined if it is over.
 *
 * Waits are jittered (half of the time is chance), so that many clients that failed together do not return together.
 * What the registry asks for by `Retry-After` is the least.
 */
export function delayAfter(
  failure: unknown,
  attempt: number,
  policy: RetryPolicy,
  random: number,
): number | undefined {
  if (!isTransient(failure) || attempt >= policy.attempts) return undefined;
  const asked = failure instanceof StatusFailure ? failure.retryAfterMs ?? 0 : 0;
  if (asked > policy.longestRetryAfterMs) return undefined;
  const own = Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.longestDelayMs);
  return Math.max(asked, own * (0.5 + random / 2));
}

/** What {@link retrying} needs. */
export interface Retrying {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait. */
  readonly onRetry?: ((failure: Error, delayMs: number) => void) | undefined;
}

/**
 * Runs `action` until it succeeds, fails for good, or has failed too often; then its last failure is thrown.
 *
 * @param action Gets a function to call when the try has brought something, which starts the count anew. What it may
 *   bring is bounded by the caller, so the tries are too.
 */
export async function retrying<T>(
  { policy, clock, signal, onRetry }: Retrying,
  action: (progressed: () => void) => Promise<T>,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await action(() => attempt = 1);
    } catch (failure) {
      const delay = delayAfter(failure, attempt, policy, clock.random());
      if (delay === undefined || signal?.aborted) throw failure;
      onRetry?.(failure as Error, delay);
      await clock.sleep(delay, signal);
    }
  }
}
