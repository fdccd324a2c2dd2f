/** A DNS server on port 53 of loopback whose answers are the test's, each look-up's another if it wants. */
import { createSocket } from "node:dgram";

/** The addresses of a name at its `look`-th look-up, from 0; undefined if there is no such name. */
export type Addresses = (name: string, look: number) => readonly string[] | undefined;

const A = 1;
const AAAA = 28;

/** Answers until it is disposed of. `looks` counts the look-ups of each name. */
export async function resolver(
  addresses: Addresses,
): Promise<{ readonly looks: ReadonlyMap<string, number> } & Disposable> {
  const looks = new Map<string, number>();
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const { name, type, end } = question(query);
    // A look-up asks for both kinds, for IPv4 first: that one counts.
    const look = looks.get(name) ?? 0;
    if (type === A) looks.set(name, look + 1);
    const found = addresses(name, type === A ? look : Math.max(0, look - 1));
    const fitting = found?.filter((address) => type === (address.includes(":") ? AAAA : A));
    socket.send(answer(query, end, type, fitting), from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => socket.once("error", reject).bind(53, "127.0.0.1", resolve));
  return { looks, [Symbol.dispose]: () => void socket.close() };
}

/** The one question of a query (RFC 1035, section 4.1.2), and where it ends. */
function question(query: Uint8Array): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  while (query[at] !== 0) labels.push(new TextDecoder().decode(query.subarray(at + 1, at += 1 + query[at]!)));
  return { name: labels.join(".").toLowerCase(), type: query[at + 1]! << 8 | query[at + 2]!, end: at + 5 };
}

/** An answer that counts for no time at all; without addresses there is no such name. */
function answer(query: Uint8Array, end: number, type: number, addresses: readonly string[] | undefined): Uint8Array {
  const records = (addresses ?? []).map(addressBytes).flatMap((address) => [
    ...[0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, address.length],
    ...address,
  ]);
  const head = [...query.subarray(0, 2), 0x81, addresses === undefined ? 0x83 : 0x80, 0, 1, 0, addresses?.length ?? 0];
  return Uint8Array.from([...head, 0, 0, 0, 0, ...query.subarray(12, end), ...records]);
}

/** An IPv4 address, or an IPv6 one that is written with `::`. */
function addressBytes(address: string): number[] {
  if (!address.includes(":")) return address.split(".").map(Number);
  const [front, back] = address.split("::").map((half) =>
    half.split(":").filter((group) => group !== "").flatMap((
      group,
    ) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])
  );
  return [...front!, ...Array<number>(16 - front!.length - back!.length).fill(0), ...back!];
}
