/**
 * Tells an editor how far the installation of its server is, before the server has answered anything.
 *
 * @module
 */
import type { Progress } from "../debian/progress.ts";
import { printable } from "../errors.ts";

/** How often at most, milliseconds. */
const EVERY_MS = 250;
const INFO = 3;

export class InstallReport {
  readonly #token: unknown;
  readonly #tell: (message: unknown) => Promise<void>;
  #begun = false;
  #told = "";
  #toldAt = -Infinity;

  /**
   * @param token the `workDoneToken` of `initialize`. Without one only messages may be sent until it is answered: the
   * specification, "Initialize Request".
   */
  constructor(token: unknown, tell: (message: unknown) => Promise<void>) {
    this.#token = token;
    this.#tell = tell;
  }

  readonly progress: Progress = ({ task, phase, done, total }) => {
    const text = printable(`${task}: ${phase}`).replaceAll("\n", " ").slice(0, 200);
    const now = performance.now();
    if (text === this.#told || (this.#begun && now - this.#toldAt < EVERY_MS)) return;
    this.#told = text;
    this.#toldAt = now;
    if (this.#token === undefined) return this.#send("window/logMessage", { type: INFO, message: `silo: ${text}` });
    if (!this.#begun) this.#report({ kind: "begin", title: "silo: installing the language server", message: text });
    else this.#report({ kind: "report", message: text, ...(done && total && { percentage: (100 * done) / total }) });
    this.#begun = true;
  };

  /** The work is done. */
  end(): void {
    if (this.#begun) this.#report({ kind: "end" });
    this.#begun = false;
  }

  #report(value: unknown): void {
    this.#send("$/progress", { token: this.#token, value });
  }

  #send(method: string, params: unknown): void {
    void this.#tell({ jsonrpc: "2.0", method, params }).catch(() => {}); // the editor's end is noticed elsewhere
  }
}
