/**
 * What was found out about configuration files before, one small file each under `state/` of the silo home, named by
 * the digest of the judged file's path. The silo home is never shared with a sandbox.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { SiloError } from "../errors.ts";
import { CONFIG_SCHEMA_VERSION } from "./config.ts";

/** `checked`: the digest of the content that the schema accepts. `trusted`: what a person has accepted, as JSON. */
export type Judgement = "checked" | "trusted";

export class Remembered {
  readonly #directory: string;
  /** What the schema accepts may change; a person's word stays. */
  readonly #stamp: string;

  constructor(host: Host, judgement: Judgement) {
    this.#directory = `${host.siloHome}/state/${judgement}`;
    this.#stamp = judgement === "checked" ? ` schema ${CONFIG_SCHEMA_VERSION}` : "";
  }

  /** Whether exactly this was remembered of the path. */
  async has(path: string, fact: string): Promise<boolean> {
    return await this.read(path) === fact;
  }

  /** What was remembered of the path. */
  async read(path: string): Promise<string | undefined> {
    try {
      const line = Deno.readTextFileSync(await this.#file(path)).split("\n")[0]!;
      return line.endsWith(this.#stamp) ? line.slice(0, line.length - this.#stamp.length) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Replaces what was known of the path. `fact` is one line. */
  async remember(path: string, fact: string): Promise<void> {
    const { writeFileAtomic } = await import("../cache/atomic.ts");
    try {
      await writeFileAtomic(await this.#file(path), `${fact}${this.#stamp}\n${path}\n`, { mode: 0o600 });
    } catch (cause) {
      throw new SiloError(`could not write to ${this.#directory}: ${(cause as Error).message}`, {
        hint: "Make sure that the silo home belongs to you and its disk is not full.",
        cause,
      });
    }
  }

  /** Forgets the path. Throws if what is remembered cannot be removed. */
  async forget(path: string): Promise<void> {
    await Deno.remove(await this.#file(path)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  async #file(path: string): Promise<string> {
    return `${this.#directory}/${(await sha256(new TextEncoder().encode(path))).slice(0, 32)}`;
  }
}

/** SHA-256, hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
