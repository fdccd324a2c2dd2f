/**
 * Answers the guest's DNS queries. Nothing is ever asked of another server: an allowed name has an address of our own
 * range, every other name does not exist. So a query can carry nothing out.
 *
 * @module
 */
import { parseWireHost } from "../policy/host_name.ts";
import { isNameKnown, type NetworkPolicy } from "../policy/policy.ts";
import { Refusal } from "../refusal.ts";
import type { AddressPool } from "./address_pool.ts";
import { parseQuery, type Query, RCODE, renderAnswer, renderFormatError, TYPE } from "./message.ts";

export interface DnsAnswer {
  /** undefined: there is nothing that could be answered. */
  readonly message: Uint8Array | undefined;
  /** A host name whose address was asked for and that is not allowed. */
  readonly refused: string | undefined;
}

/** Never throws. */
export function answerQuery(bytes: Uint8Array, policy: NetworkPolicy, pool: AddressPool): DnsAnswer {
  let query: Query;
  try {
    query = parseQuery(bytes);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { message: renderFormatError(bytes), refused: undefined };
  }
  const plain = (rcode: number, refused?: string): DnsAnswer => {
    return { message: renderAnswer(query, rcode, undefined), refused };
  };
  if (!query.isInternet) return plain(RCODE.refused);
  const name = hostName(query.labels);
  if (name === undefined) return plain(RCODE.nameError);
  const wantsAddress = query.type === TYPE.A || query.type === TYPE.AAAA;
  if (!isNameKnown(policy, name)) return plain(RCODE.nameError, wantsAddress ? name : undefined);
  // The name exists and has no such record. "No such name" would make resolvers forget its A record too.
  if (query.type !== TYPE.A) return plain(RCODE.noError);
  const address = pool.addressOf(name);
  if (address === undefined) return plain(RCODE.serverFailure);
  return { message: renderAnswer(query, RCODE.noError, address), refused: undefined };
}

/** undefined if it is no host name, as of service records (`_http._tcp…` is one: policy decides). */
function hostName(labels: readonly string[]): string | undefined {
  if (labels.length === 0 || labels.some((label) => label.includes("."))) return undefined;
  try {
    const host = parseWireHost(labels.join("."));
    return host.kind === "name" ? host.name : undefined;
  } catch {
    return undefined;
  }
}
