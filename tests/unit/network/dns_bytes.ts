/** Writes DNS queries and reads answers (RFC 1035, section 4.1), independently of the code under test. */
export interface QueryOptions {
  readonly type?: number;
  readonly class?: number;
  readonly edns?: boolean;
}

const u16 = (value: number) => [value >> 8, value & 255];

/** A query for a name, or for labels that may have dots in them. */
export function dnsQuery(name: string | readonly string[], options: QueryOptions): Uint8Array {
  const labels = typeof name === "string" ? name.split(".").filter((label) => label !== "") : name;
  const encoded = labels.flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  const opt = options.edns ? [0, ...u16(41), ...u16(4096), 0, 0, 0, 0, ...u16(0)] : [];
  const counts = [...u16(1), 0, 0, 0, 0, ...u16(options.edns ? 1 : 0)];
  return Uint8Array.from([
    ...u16(0x1234),
    ...[1, 0],
    ...counts,
    ...encoded,
    0,
    ...u16(options.type ?? 1),
    ...u16(options.class ?? 1),
    ...opt,
  ]);
}

/** What a resolver would understand of an answer. */
export function readDnsAnswer(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const labels: string[] = [];
  let at = 12;
  if (view.getUint16(4) === 1) {
    while (bytes[at] !== 0) {
      labels.push(new TextDecoder().decode(bytes.subarray(at + 1, at += 1 + bytes[at]!)));
    }
    at += 5;
  }
  const answers = view.getUint16(6);
  const data = answers === 1 ? bytes.subarray(at + 12, at + 16) : undefined;
  return {
    id: view.getUint16(0),
    rcode: bytes[3]! & 15,
    answers,
    additional: view.getUint16(10),
    name: labels.join("."),
    address: data?.join("."),
  };
}
