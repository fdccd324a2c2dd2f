import { closeQuietly, type Duplex } from "../io/duplex.ts";
import { deadline } from "../io/deadline.ts";
import { Refusal } from "../refusal.ts";

export interface RaceLimits {
  readonly connectMs: number;
  readonly staggerMs: number;
}

/**
 * Connects to the first address that answers: one after the other, the next as soon as one failed or has not answered
 * within the stagger (RFC 8305, section 5). Whatever else connects is closed.
 *
 * @throws the last failure if none answers.
 */
export async function raceAddresses(
  addresses: readonly string[],
  dial: (address: string, signal: AbortSignal) => Promise<Duplex>,
  limits: RaceLimits,
): Promise<Duplex> {
  if (addresses.length === 0) throw new Refusal("unreachable", "there is no address");
  const { promise: winner, resolve, reject } = Promise.withResolvers<Duplex>();
  let open = addresses.length;
  let won = false;
  const attempt = async (address: string): Promise<void> => {
    const abort = new AbortController();
    const dialled = dial(address, abort.signal);
    try {
      const connection = await deadline(dialled, limits.connectMs, "connecting");
      if (won) return closeQuietly(connection);
      won = true;
      resolve(connection);
    } catch (error) {
      abort.abort();
      dialled.then(closeQuietly, () => {});
      if (--open === 0) reject(error);
    }
  };
  for (const address of addresses) {
    const attempted = attempt(address);
    await sooner(Promise.race([attempted, winner.catch(() => {})]), limits.staggerMs);
    if (won) break;
  }
  return await winner;
}

/** IPv6 and IPv4 in turn, beginning with the kind that the resolver put first (RFC 8305, section 4). */
export function interleave(addresses: readonly string[]): string[] {
  const isV6 = (address: string) => address.includes(":");
  const first = addresses.filter((address) => isV6(address) === isV6(addresses[0]!));
  const second = addresses.filter((address) => isV6(address) !== isV6(addresses[0]!));
  return first.flatMap((address, index) => [address, ...second.slice(index, index + 1)])
    .concat(second.slice(first.length));
}

/** Resolves with the promise or after `ms`, whichever is sooner. */
async function sooner(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([promise, new Promise<void>((resolve) => timer = setTimeout(resolve, ms))]);
  clearTimeout(timer);
}
