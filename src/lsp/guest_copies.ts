/**
 * Copies of the sandbox's own files, for the editor to open: a library's source on go-to-definition. They lie in the
 * silo home, which no sandbox sees, under the path that they have in theirs; read-only, fetched when first needed.
 *
 * @module
 */
import { COPY_LIMIT_MS, MAX_COPIED_BYTES, MAX_COPIES, MAX_COPY_BYTES } from "./limits.ts";
import { within } from "../within.ts";

/** Runs a program in the sandbox and gives what it prints, at most so many bytes; undefined if that is not possible. */
export type RunInGuest = (argv: readonly string[], maxBytes: number) => Promise<Uint8Array | undefined>;

/** Prints "=" and then the file; nothing if there is none. */
const SHOW = ["/bin/sh", "-c", 'test -f "$1" && printf = && exec head -c "$2" "$1"', "sh"];
const EXISTS = "=".charCodeAt(0);
/** Programs that run at once. */
const AT_ONCE = 4;

export class GuestCopies {
  readonly #directory: string;
  readonly #run: RunInGuest;
  /** Every file that was asked for in this session. */
  readonly #asked = new Map<string, Promise<void>>();
  #bytes = 0;
  #free = AT_ONCE;
  readonly #waiting: (() => void)[] = [];

  constructor(directory: string, run: RunInGuest) {
    this.#directory = directory;
    this.#run = run;
  }

  /** Resolves when the files are there, or cannot be had, or took too long. */
  async fetch(paths: readonly string[]): Promise<void> {
    const wanted = paths.filter(isOrdinary).map((path) => {
      let copy = this.#asked.get(path);
      if (copy === undefined && this.#asked.size >= MAX_COPIES) return Promise.resolve();
      if (copy === undefined) this.#asked.set(path, copy = this.#fetchOne(path).catch(() => {}));
      return copy;
    });
    if (wanted.length > 0) await within(Promise.all(wanted), COPY_LIMIT_MS);
  }

  async #fetchOne(path: string): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      if (this.#bytes >= MAX_COPIED_BYTES) return;
      const shown = await this.#run([...SHOW, path, String(MAX_COPY_BYTES)], MAX_COPY_BYTES + 1);
      if (shown === undefined || shown[0] !== EXISTS) return;
      this.#bytes += shown.length;
      await writeCopy(`${this.#directory}${path}`, shown.subarray(1));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/** Editors take files whose names begin with a dot for orders to themselves, as `.dir-locals.el`. */
function isOrdinary(path: string): boolean {
  return path.startsWith("/") && !path.split("/").at(-1)!.startsWith(".") && !path.endsWith("/");
}

async function writeCopy(path: string, content: Uint8Array): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true, mode: 0o700 });
  const beside = `${path}.${crypto.randomUUID()}`;
  await Deno.writeFile(beside, content, { mode: 0o400, createNew: true });
  await Deno.rename(beside, path);
}
