/**
 * Waits for a promise, but not for ever: `undefined` once `limitMs` milliseconds are over. The promise itself goes on;
 * its rejection counts only while it is waited for.
 */
export async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), limitMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
