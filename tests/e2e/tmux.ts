/** A terminal as a person has it: tmux on a socket of its own, a shell in it, keys in, the screen out. */
import { join } from "node:path/posix";
import { siloEnv, until } from "./harness.ts";

export class Tmux implements AsyncDisposable {
  private readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Opens a window of 80 × 24 with a plain `bash` whose prompt is `$ `. */
  static async open(cwd: string): Promise<Tmux> {
    const directory = Deno.makeTempDirSync({ prefix: "silo-tmux-" });
    const tmux = new Tmux(directory);
    Deno.writeTextFileSync(join(directory, "rc"), "PS1='$ '\nPROMPT_COMMAND=\nset +o histexpand\n");
    await tmux.command("new-session", "-d", "-x", "80", "-y", "24", "-c", cwd, `bash --rcfile ${directory}/rc -i`);
    try {
      await tmux.waitFor(/^\$ $/m, "the prompt");
      return tmux;
    } catch (error) {
      await tmux[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Types text as it stands, without Enter. */
  type(text: string): Promise<string> {
    return this.command("send-keys", "-l", text);
  }

  /** Presses keys by tmux's names: `Enter`, `C-c`, `C-z`, `Escape`. */
  press(...keys: string[]): Promise<string> {
    return this.command("send-keys", ...keys);
  }

  async line(text: string): Promise<void> {
    await this.type(text);
    await this.press("Enter");
  }

  resize(columns: number, rows: number): Promise<string> {
    return this.command("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** The screen as text; of the blanks at a line's end only a single one, a prompt's, stays. `escapes` keeps colours. */
  async screen(escapes = false): Promise<string> {
    const text = await this.command("capture-pane", "-p", "-N", ...(escapes ? ["-e"] : []));
    return text.replace(/ {2,}$/gm, "");
  }

  /** Waits until the screen shows `pattern`; the error holds the screen that was there instead. */
  async waitFor(pattern: RegExp, what: string, limitMs = 60_000): Promise<string> {
    let last = "";
    try {
      return await until(what, async () => pattern.test(last = await this.screen()) && last, limitMs);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n--- screen ---\n${last}`);
    }
  }

  /** The process that runs in the window: the shell. */
  async shellPid(): Promise<number> {
    return Number((await this.command("display-message", "-p", "#{pane_pid}")).trim());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command("kill-server").catch(() => {});
    Deno.removeSync(this.directory, { recursive: true });
  }

  private async command(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-S", join(this.directory, "s"), "-f", "/dev/null", ...args],
      env: siloEnv({ TERM: "xterm-256color", LANG: "C.UTF-8" }),
      clearEnv: true,
    }).output();
    if (!success) throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }
}
