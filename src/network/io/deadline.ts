import { Refusal } from "../refusal.ts";

/**
 * Waits for `promise` at most `limitMs` milliseconds. The promise itself goes on: whoever is too slow has its
 * connection closed, which ends it.
 *
 * @throws {Refusal} `limit`, naming `what` took too long.
 */
export async function deadline<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Refusal("limit", `${what} took longer than ${limitMs / 1000} s`)), limitMs);
  try {
    return await Promise.race([promise, late]);
  } catch (error) {
    promise.catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
