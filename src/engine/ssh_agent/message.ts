/**
 * Messages of the ssh-agent protocol (draft-ietf-sshm-ssh-agent, section 3), as far as they are let through. Pure.
 *
 * @module
 */
import { concatenate } from "../../concatenate.ts";

/** Message numbers (section 8). */
export const AGENT = { failure: 5, requestIdentities: 11, identities: 12, signRequest: 13, signature: 14 } as const;

/** What OpenSSH's agent takes, too. */
export const MAX_MESSAGE_BYTES = 262_144;
/** More keys than any agent holds. */
const MAX_KEYS = 2_048;

/** A key that an agent has: what it is called by, and a comment. */
export interface Identity {
  readonly blob: Uint8Array;
  readonly comment: Uint8Array;
}

/** The key that a request is to be signed with; undefined if it is no request to sign. */
export function keyToSign(message: Uint8Array): Uint8Array | undefined {
  const reader = new Reader(message);
  if (reader.byte() !== AGENT.signRequest) return undefined;
  const [key, data] = [reader.string(), reader.string()];
  const flags = reader.uint32();
  return key === undefined || data === undefined || flags === undefined || reader.left > 0 ? undefined : key;
}

/** The keys of an answer; undefined if it is another or malformed. */
export function parseIdentities(message: Uint8Array): Identity[] | undefined {
  const reader = new Reader(message);
  if (reader.byte() !== AGENT.identities) return undefined;
  const count = reader.uint32();
  if (count === undefined || count > MAX_KEYS) return undefined;
  const identities: Identity[] = [];
  for (let index = 0; index < count; index++) {
    const [blob, comment] = [reader.string(), reader.string()];
    if (blob === undefined || comment === undefined) return undefined;
    identities.push({ blob, comment });
  }
  return reader.left === 0 ? identities : undefined;
}

/** An answer with these keys. */
export function renderIdentities(identities: readonly Identity[]): Uint8Array {
  const parts = identities.flatMap(({ blob, comment }) => [uint32(blob.length), blob, uint32(comment.length), comment]);
  return concatenate([Uint8Array.of(AGENT.identities), uint32(identities.length), ...parts]);
}

/** A message with its length before it, as it goes over the wire. */
export function framed(message: Uint8Array): Uint8Array {
  return concatenate([uint32(message.length), message]);
}

/** `SHA256:…`, as `ssh-add -l` prints it. */
export async function fingerprint(blob: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", blob.slice()));
  return `SHA256:${btoa(String.fromCharCode(...digest)).replace(/=+$/, "")}`;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number | undefined {
    return this.#bytes[this.#at++];
  }

  uint32(): number | undefined {
    if (this.left < 4) return undefined;
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, 4);
    this.#at += 4;
    return view.getUint32(0);
  }

  string(): Uint8Array | undefined {
    const length = this.uint32();
    if (length === undefined || length > this.left) return undefined;
    return this.#bytes.subarray(this.#at, this.#at += length);
  }
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255);
}
