/**
 * What the egress needs of the world outside. Tests give their own, so that nothing is ever looked up or dialled
 * there; {@link systemAccess} is the real one.
 *
 * @module
 */
import { canonicalAddress } from "../policy/address_class.ts";
import { closeQuietly, type Duplex } from "../io/duplex.ts";
import { remembering } from "./remembered_names.ts";

export interface NetworkAccess {
  /** All addresses of a name, in the order they should be tried; rejects if there are none. */
  resolve(name: string): Promise<readonly string[]>;
  /** Connects to an address, never to a name. The connection is closed if `signal` is aborted by then. */
  dial(address: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** The addresses of this machine's own interfaces, canonical. */
  ownAddresses(): ReadonlySet<string>;
}

/** The host's resolver (as every program on it uses it, hosts file included), TCP, and interfaces. */
export function systemAccess(): NetworkAccess {
  return {
    resolve: remembering(async (name) => {
      // Loaded when the first name is looked up: a run without network does not pay for it.
      const { lookup } = await import("node:dns/promises");
      const found = await lookup(name, { all: true, verbatim: true });
      return found.map(({ address }) => address);
    }, () => performance.now()),
    async dial(address, port, signal) {
      const connection = await Deno.connect({ hostname: address, port });
      if (signal.aborted) {
        closeQuietly(connection);
        signal.throwIfAborted();
      }
      connection.setNoDelay(true);
      connection.setKeepAlive(true);
      return connection;
    },
    ownAddresses() {
      const addresses = Deno.networkInterfaces().map(({ address }) => canonicalAddress(address));
      return new Set(addresses.filter((address) => address !== undefined));
    },
  };
}
