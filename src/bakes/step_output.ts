/**
 * What steps print that is shown only if one of them fails.
 *
 * @module
 */
import type { ByteSink } from "../engine/backend.ts";

/**
 * The end of what the last step printed. The steps' driver says where each begins, by a line that no step has by chance,
 * and has both of their streams in one, so that what is printed before that line is another step's.
 */
export class StepOutput implements ByteSink {
  static readonly #MAX_BYTES = 8 * 1024;
  static readonly #MAX_LINES = 40;
  /** The line before each step, without its end. */
  readonly mark: string;
  #bytes = new Uint8Array(0);

  constructor(mark: string = crypto.randomUUID()) {
    this.mark = mark;
  }

  write(data: Uint8Array): Promise<number> {
    const all = new Uint8Array(this.#bytes.length + data.length);
    all.set(this.#bytes);
    all.set(data, this.#bytes.length);
    this.#bytes = all.slice(-StepOutput.#MAX_BYTES);
    return Promise.resolve(data.length);
  }

  /** Its last lines, without colours. */
  text(): string {
    const kept = new TextDecoder().decode(this.#bytes);
    const at = kept.lastIndexOf(`${this.mark}\n`);
    const last = at < 0 ? kept : kept.slice(at + this.mark.length + 1);
    // deno-lint-ignore no-control-regex
    return last.replaceAll(/\x1b\[[0-9;]*m/g, "").split("\n").slice(-StepOutput.#MAX_LINES).join("\n");
  }
}
