/**
 * The host's terminal: its size, and raw mode that is always given back.
 *
 * `stty` does the work: unlike Deno's own raw mode it also turns output processing off, which the guest's terminal does
 * already, and it can say and set exactly what was there before.
 *
 * @module
 */
import type { WindowSize } from "./backend.ts";
import { isForeground } from "./job_control.ts";

/** What a run needs of a terminal. */
export interface TerminalControl {
  /** The size in characters, or undefined if there is none. */
  size(): WindowSize | undefined;
  /**
   * Whether what is typed is for us: we are in the foreground and, if the terminal is `shared` with the rest of a
   * pipeline, no pager in it has taken the keys. Reading all the same would steal them, or stop us.
   */
  isOurs(shared: boolean): boolean;
  /** Hands everything that is typed through untouched. May be called again when somebody else changed the terminal. */
  enterRaw(): void;
  /** Puts the terminal back as it was before the first {@link enterRaw}. */
  restore(): void;
}

/** The terminal that silo's stdin is. Give it {@link TerminalControl.restore} on every way out. */
export class HostTerminal implements TerminalControl {
  /** What `stty -g` said; undefined as long as it has not been asked, or if it failed. */
  #saved: string | undefined;
  #raw = false;

  /** Remembers the terminal's settings. May be called early, to keep {@link enterRaw} quick. */
  save(): void {
    this.#saved ??= stty("-g");
  }

  size(): WindowSize | undefined {
    try {
      const { rows, columns } = Deno.consoleSize();
      return rows > 0 && columns > 0 ? { rows, columns } : undefined;
    } catch {
      return undefined;
    }
  }

  isOurs(shared: boolean): boolean {
    return isForeground() && !(shared && /-icanon\b/.test(stty("-a") ?? ""));
  }

  enterRaw(): void {
    this.save();
    if (this.#saved === undefined) return;
    this.#raw = true;
    stty("raw", "-echo");
  }

  restore(): void {
    if (!this.#raw || this.#saved === undefined) return;
    this.#raw = false;
    stty(this.#saved);
  }
}

/** Absolute, so that no program of a project that happens to be on PATH is run instead. */
const STTY = ["/usr/bin/stty", "/bin/stty", "stty"];

/** Runs stty on stdin; undefined if it fails, as it does when the terminal is gone. */
function stty(...args: string[]): string | undefined {
  for (const program of STTY) {
    try {
      const result = new Deno.Command(program, { args, stdin: "inherit", stdout: "piped", stderr: "null" })
        .outputSync();
      return result.success ? new TextDecoder().decode(result.stdout).trim() : undefined;
    } catch { /* not at this place */ }
  }
  return undefined;
}
