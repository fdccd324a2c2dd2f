/**
 * IP addresses as bytes: 4 for IPv4, 16 for IPv6. By hand, because the rules are read before the VM starts, and loading
 * a package for it would cost more than all the rest of reading them.
 *
 * @module
 */
export type IpAddress = Uint8Array;

/** A block of addresses: those whose first `bits` bits are the same. */
export interface IpRange {
  readonly address: IpAddress;
  readonly bits: number;
}

/**
 * Reads an address in plain notation: four decimal numbers without leading zeros, or IPv6 (RFC 4291, section 2.2)
 * without a zone. Undefined for everything else, also for what some programs take for an address (`127.1`).
 */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes(":") ? parseIPv6(text) : parseIPv4(text);
}

/** The one form of an address (RFC 5952, the last 32 bits never in dots). */
export function renderIp(address: IpAddress): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => address[2 * index]! << 8 | address[2 * index + 1]!);
  const gap = longestZeros(groups);
  const text = (from: number, to: number) => groups.slice(from, to).map((group) => group.toString(16)).join(":");
  return gap === undefined ? text(0, 8) : `${text(0, gap.start)}::${text(gap.end, 8)}`;
}

/** Reads `10.0.0.0/8`; undefined if it is no range. */
export function parseRange(text: string): IpRange | undefined {
  const [, base, bits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = base === undefined ? undefined : parseIp(base);
  if (address === undefined || Number(bits) > address.length * 8) return undefined;
  return { address, bits: Number(bits) };
}

export function isInRange(address: IpAddress, range: IpRange): boolean {
  if (address.length !== range.address.length) return false;
  const whole = range.bits >> 3;
  for (let index = 0; index < whole; index++) if (address[index] !== range.address[index]) return false;
  const shift = 8 - (range.bits & 7);
  return shift === 8 || address[whole]! >> shift === range.address[whole]! >> shift;
}

function parseIPv4(text: string): IpAddress | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function parseIPv6(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined;
  const sides = text.split("::");
  if (sides.length > 2) return undefined;
  const [head, tail] = [parseGroups(sides[0]!, sides.length === 1), parseGroups(sides[1] ?? "", true)];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (sides.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** `mayEndInDots`: the last 32 bits may be written as an IPv4 address. */
function parseGroups(text: string, mayEndInDots: boolean): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(parseInt(part, 16));
      continue;
    }
    const dots = mayEndInDots && index === parts.length - 1 ? parseIPv4(part) : undefined;
    if (dots === undefined) return undefined;
    groups.push(dots[0]! << 8 | dots[1]!, dots[2]! << 8 | dots[3]!);
  }
  return groups;
}

/** The longest run of at least two zeros, the first of equals. */
function longestZeros(groups: readonly number[]): { start: number; end: number } | undefined {
  let best: { start: number; end: number } | undefined;
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start >= 2 && (best === undefined || end - start > best.end - best.start)) best = { start, end };
    start = Math.max(start, end - 1);
  }
  return best;
}
