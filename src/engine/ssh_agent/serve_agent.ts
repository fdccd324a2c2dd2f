/**
 * The person's ssh-agent as the sandbox sees it: it lists keys and signs, and nothing else. Keys stay in the agent.
 *
 * @module
 */
import { BufferedReader } from "../../network/io/buffered_reader.ts";
import { closeQuietly, type Duplex, writeAll } from "../../network/io/duplex.ts";
import {
  AGENT,
  fingerprint,
  framed,
  type Identity,
  keyToSign,
  MAX_MESSAGE_BYTES,
  parseIdentities,
  renderIdentities,
} from "./message.ts";

/** Whose keys, and which. */
export interface SshAgentPlan {
  /** The agent's socket on the host. */
  readonly socket: string;
  /** Fingerprints (`SHA256:…`); "all": whatever the agent has. */
  readonly keys: "all" | readonly string[];
}

const FAILURE = framed(Uint8Array.of(AGENT.failure));
/** A person may have to touch a key or type a password. */
const ANSWER_LIMIT_MS = 120_000;
/** Connections of one sandbox at one time. */
const MAX_CONNECTIONS = 64;

export class SshAgent {
  readonly #plan: SshAgentPlan;
  readonly #dial: (path: string) => Promise<Duplex>;
  readonly #open = new Set<Duplex>();

  constructor(plan: SshAgentPlan, dial = (path: string): Promise<Duplex> => Deno.connect({ transport: "unix", path })) {
    this.#plan = plan;
    this.#dial = dial;
  }

  /** Serves one connection of the sandbox to its end. `first` are bytes behind its header. Never throws. */
  async serve(client: Duplex, first: Uint8Array): Promise<void> {
    if (this.#open.size >= MAX_CONNECTIONS) return closeQuietly(client);
    this.#open.add(client);
    let agent: Duplex | undefined;
    try {
      const reader = new BufferedReader(client, first);
      let message;
      while ((message = await readMessage(reader)) !== undefined) {
        const answer = await this.#answer(message, async (request) => {
          agent ??= await this.#dial(this.#plan.socket);
          return await ask(agent, request);
        }).catch(() => undefined);
        await writeAll(client, answer === undefined ? FAILURE : framed(answer));
      }
    } catch {
      /* the client is gone, or says what no client says */
    } finally {
      this.#open.delete(client);
      closeQuietly(client);
      if (agent !== undefined) closeQuietly(agent);
    }
  }

  close(): void {
    for (const client of this.#open) closeQuietly(client);
  }

  /** undefined: refused. */
  async #answer(
    message: Uint8Array,
    askAgent: (request: Uint8Array) => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> {
    if (message[0] === AGENT.requestIdentities && message.length === 1) {
      const answer = await askAgent(message);
      const identities = answer && parseIdentities(answer);
      if (identities === undefined) return undefined;
      const shown: Identity[] = [];
      for (const identity of identities) if (await this.#isShown(identity.blob)) shown.push(identity);
      return renderIdentities(shown);
    }
    const key = keyToSign(message);
    if (key === undefined || !await this.#isShown(key)) return undefined;
    const answer = await askAgent(message);
    return answer?.[0] === AGENT.signature ? answer : undefined;
  }

  async #isShown(blob: Uint8Array): Promise<boolean> {
    return this.#plan.keys === "all" || this.#plan.keys.includes(await fingerprint(blob));
  }
}

/** One request to the agent and its answer; undefined if it ends the connection. */
async function ask(agent: Duplex, request: Uint8Array): Promise<Uint8Array | undefined> {
  const timer = setTimeout(() => closeQuietly(agent), ANSWER_LIMIT_MS);
  try {
    await writeAll(agent, framed(request));
    return await readMessage(new BufferedReader(agent));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The next message without its length; undefined at the end.
 *
 * @throws {RangeError} if it is empty or longer than {@link MAX_MESSAGE_BYTES}: what comes after it cannot be read.
 */
async function readMessage(reader: BufferedReader): Promise<Uint8Array | undefined> {
  while (reader.buffered.length < 4) if (!await reader.fill()) return undefined;
  const head = reader.buffered;
  const length = new DataView(head.buffer, head.byteOffset, 4).getUint32(0);
  if (length === 0 || length > MAX_MESSAGE_BYTES) throw new RangeError("not a message of the agent protocol");
  while (reader.buffered.length < 4 + length) if (!await reader.fill()) return undefined;
  const message = reader.buffered.slice(4, 4 + length);
  reader.consume(4 + length);
  return message;
}
