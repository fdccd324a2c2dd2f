import { type AddressPool, isPoolAddress } from "../dns/address_pool.ts";
import type { Host } from "../policy/host_name.ts";
import { Refusal } from "../refusal.ts";

/**
 * The name that our DNS gave the address out for; any other host as it is.
 *
 * @throws {Refusal} `name` if the address is of the range and was given out for nothing.
 */
export function nameBehind(host: Host, pool: AddressPool): Host {
  if (host.kind === "name" || !isPoolAddress(host.address)) return host;
  const name = pool.nameOf(host.address);
  if (name === undefined) throw new Refusal("name", `no name has the address ${host.address}`);
  return { kind: "name", name };
}
