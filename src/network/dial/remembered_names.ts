/**
 * Looking names up, each once at a time and not again for a while: a package manager opens hundreds of connections to
 * one host, and resolvers lose queries that come all at once (each loss costs five seconds).
 *
 * What is remembered is judged at each connection like any answer.
 *
 * @module
 */

/** How long an answer counts, milliseconds. Shorter than the time that records usually have. */
const REMEMBERED_MS = 30_000;
/** Names that are remembered at one time; the guest chooses them. */
const MAX_NAMES = 1_000;

type Resolve = (name: string) => Promise<readonly string[]>;

/**
 * The same look-up with a memory. Failures are not remembered.
 *
 * @param now a clock that does not jump, milliseconds.
 */
export function remembering(resolve: Resolve, now: () => number): Resolve {
  const known = new Map<string, { readonly answer: Promise<readonly string[]>; readonly until: number }>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined && now() < found.until) return found.answer;
    const answer = resolve(name);
    known.delete(name);
    if (known.size >= MAX_NAMES) known.delete(known.keys().next().value!);
    known.set(name, { answer, until: now() + REMEMBERED_MS });
    answer.catch(() => known.get(name)?.answer === answer && known.delete(name));
    return answer;
  };
}
