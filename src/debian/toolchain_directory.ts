/**
 * Where the programs are that silo fetched for itself. Apart from what fills it, since every run asks.
 *
 * @module
 */
import type { Host } from "../host.ts";

/** `$SILO_TOOLCHAIN`, else `silo-toolchain` in the user's cache directory. Shared by all checkouts. */
export function toolchainDirectory(host: Host): string {
  const cache = host.env.XDG_CACHE_HOME?.startsWith("/") ? host.env.XDG_CACHE_HOME : `${host.home}/.cache`;
  return host.env.SILO_TOOLCHAIN || `${cache}/silo-toolchain`;
}
