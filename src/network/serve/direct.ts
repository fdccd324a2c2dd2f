import { canonicalAddress } from "../policy/address_class.ts";
import { Refusal } from "../refusal.ts";
import { type GuestStream, open, permit } from "./guest_stream.ts";
import { nameBehind } from "./name_behind.ts";
import { serveTunnel } from "./tunnel.ts";

/**
 * Serves a TCP connection that a program of the guest made to an address of ours, without knowing of any proxy. A
 * refusal has no answer but the end of the connection.
 *
 * @throws {Refusal}
 */
export async function serveDirect(stream: GuestStream, address: string, port: number): Promise<void> {
  const canonical = canonicalAddress(address);
  if (canonical === undefined) throw new Refusal("name", "not an address");
  const host = nameBehind({ kind: "address", address: canonical }, stream.services.pool);
  const verdict = permit(stream, host, port, "direct");
  const server = await open(stream, host, port, verdict, "tunnel");
  await serveTunnel(stream, { host, port }, verdict, server, "direct");
}
