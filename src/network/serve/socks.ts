/**
 * SOCKS5 (RFC 1928) without authentication: CONNECT alone.
 *
 * @module
 */
import type { Authority } from "../http/target.ts";
import { toLatin1 } from "../http/head.ts";
import type { BufferedReader } from "../io/buffered_reader.ts";
import { deadline } from "../io/deadline.ts";
import { writeAll } from "../io/duplex.ts";
import { canonicalAddress } from "../policy/address_class.ts";
import { type Host, parseWireHost } from "../policy/host_name.ts";
import { Refusal, type RefusalKind } from "../refusal.ts";
import { finish, type GuestStream, note, open, permit } from "./guest_stream.ts";
import { nameBehind } from "./name_behind.ts";
import { serveTunnel } from "./tunnel.ts";

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const NO_METHOD = 0xff;
const CONNECT = 1;
const ADDRESS_TYPE = { ipv4: 1, name: 3, ipv6: 4 } as const;
const REPLY = { succeeded: 0, failure: 1, notAllowed: 2, hostUnreachable: 4, badCommand: 7, badAddress: 8 } as const;

const REPLIES: Readonly<Record<RefusalKind, number>> = {
  rule: REPLY.notAllowed,
  address: REPLY.notAllowed,
  mismatch: REPLY.notAllowed,
  name: REPLY.badAddress,
  protocol: REPLY.failure,
  limit: REPLY.failure,
  unreachable: REPLY.hostUnreachable,
};

/** Serves a stream whose first byte is the version. Throws the refusal that ended it, after having answered. */
export async function serveSocks(stream: GuestStream): Promise<void> {
  const { client, services: { limits } } = stream;
  if (!await deadline(greet(stream), limits.headMs, "a SOCKS greeting")) return await finish(client);
  let replied = false;
  try {
    const request = await deadline(readRequest(client.reader), limits.headMs, "a SOCKS request");
    if (request.command !== CONNECT) {
      replied = true;
      await writeAll(client.stream, reply(REPLY.badCommand));
      throw new Refusal("protocol", "SOCKS can only connect: nothing comes in, and UDP goes nowhere");
    }
    const authority: Authority = { host: nameBehind(request.host(), stream.services.pool), port: request.port };
    const verdict = permit(stream, authority.host, authority.port, "socks");
    const server = await open(stream, authority.host, authority.port, verdict, "tunnel");
    replied = true;
    await writeAll(client.stream, reply(REPLY.succeeded));
    return await serveTunnel(stream, authority, verdict, server, "socks");
  } catch (error) {
    if (!replied) {
      await writeAll(client.stream, reply(REPLIES[note(stream, error).kind])).catch(() => {});
      await finish(client);
    }
    throw error;
  }
}

/** Agrees on no authentication; false if the client cannot do without. */
async function greet({ client: { reader, stream } }: GuestStream): Promise<boolean> {
  const [, count] = await need(reader, 2);
  const methods = (await need(reader, 2 + count!)).slice(2);
  reader.consume(2 + count!);
  const agreed = methods.includes(NO_AUTHENTICATION);
  await writeAll(stream, Uint8Array.of(VERSION, agreed ? NO_AUTHENTICATION : NO_METHOD));
  return agreed;
}

interface SocksRequest {
  readonly command: number;
  /** Reads the address; throws a refusal if it is none. */
  readonly host: () => Host;
  readonly port: number;
}

async function readRequest(reader: BufferedReader): Promise<SocksRequest> {
  const [version, command, reserved, type, length] = await need(reader, 5);
  if (version !== VERSION || reserved !== 0) throw new Refusal("protocol", "the SOCKS request is malformed");
  const bytes = type === ADDRESS_TYPE.ipv4
    ? 4
    : type === ADDRESS_TYPE.ipv6
    ? 16
    : type === ADDRESS_TYPE.name
    ? 1 + length!
    : 0;
  if (bytes === 0) throw new Refusal("name", "the SOCKS request has an address of unknown type");
  const address = (await need(reader, 4 + bytes + 2)).slice(4, 4 + bytes + 2);
  reader.consume(4 + bytes + 2);
  const port = address[bytes]! << 8 | address[bytes + 1]!;
  if (port === 0) throw new Refusal("name", "the SOCKS request has no port");
  return { command: command!, host: () => readHost(type!, address.subarray(0, bytes)), port };
}

function readHost(type: number, bytes: Uint8Array): Host {
  if (type === ADDRESS_TYPE.name) return parseWireHost(toLatin1(bytes.subarray(1)));
  if (type === ADDRESS_TYPE.ipv4) return { kind: "address", address: bytes.join(".") };
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[2 * index]! << 8 | bytes[2 * index + 1]!).toString(16));
  return { kind: "address", address: canonicalAddress(groups.join(":"))! };
}

/** The first bytes of the reader, at least `count`, without consuming them. */
async function need(reader: BufferedReader, count: number): Promise<Uint8Array> {
  while (reader.buffered.length < count) {
    if (!await reader.fill()) throw new Refusal("protocol", "the SOCKS request ends too early");
  }
  return reader.buffered;
}

/** A reply; the address in it, which nobody uses, is 0.0.0.0:0. */
function reply(code: number): Uint8Array {
  return Uint8Array.of(VERSION, code, 0, ADDRESS_TYPE.ipv4, 0, 0, 0, 0, 0, 0);
}
