/**
 * The addresses that the guest's DNS gives out, out of 198.18.0.0/15 (RFC 2544: never on the internet), and the name
 * behind each. They mean something in this run alone, and only to us.
 *
 * @module
 */
const FIRST = 4; // below it the guest agent has addresses of its own
const LAST = (1 << 17) - 1;

export class AddressPool {
  readonly #limit: number;
  readonly #addresses = new Map<string, string>();
  readonly #names = new Map<string, string>();
  #next = FIRST;

  /** At most `limit` names get an address. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The address of a name, always the same one; undefined if all are given out. */
  addressOf(name: string): string | undefined {
    const known = this.#addresses.get(name);
    if (known !== undefined) return known;
    // Programs take an address that ends in 0 or 255 for a network's.
    while ((this.#next & 0xff) === 0 || (this.#next & 0xff) === 255) this.#next++;
    if (this.#addresses.size >= this.#limit || this.#next > LAST) return undefined;
    const index = this.#next++;
    const address = `198.${18 + (index >> 16)}.${index >> 8 & 0xff}.${index & 0xff}`;
    this.#addresses.set(name, address);
    this.#names.set(address, name);
    return address;
  }

  /** The name that got this address. */
  nameOf(address: string): string | undefined {
    return this.#names.get(address);
  }
}

/** Whether an address in its canonical form is one of the range, given out or not. */
export function isPoolAddress(address: string): boolean {
  return /^198\.1[89]\./.test(address);
}
