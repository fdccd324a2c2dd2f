/**
 * The header of an egress stream on the data socket: docs/protocol.md, docs/network.md.
 *
 * @module
 */
export type EgressHeader =
  /** The guest's proxy port: HTTP or SOCKS5. */
  | { readonly stream: "egress"; readonly via: "proxy" }
  /** DNS messages with their lengths, and the answers in the same way. */
  | { readonly stream: "egress"; readonly via: "dns" }
  /** TCP to an address that our DNS gave out. */
  | { readonly stream: "egress"; readonly via: "direct"; readonly address: string; readonly port: number };

/** Checks the parsed JSON of a header line; undefined if it is no egress stream. */
export function egressHeader(value: unknown): EgressHeader | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { stream, via, address, port } = value as Record<string, unknown>;
  if (stream !== "egress") return undefined;
  if (via === "proxy" || via === "dns") return { stream, via };
  if (via !== "direct" || typeof address !== "string" || address.length > 45) return undefined;
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return { stream, via, address, port };
}
