/**
 * Running programs of the host and finding them on PATH.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { reasonOf, SiloError } from "../errors.ts";

export interface CommandOptions {
  /** What is being done, for the message of a failure: `could not DOING: …`. */
  readonly doing: string;
  readonly cwd?: string;
  /** The whole environment of the program; the caller's own if absent. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with every line of stderr as it comes. */
  readonly onLine?: (line: string) => void;
  readonly hint?: string;
}

/** How much of a failed program's stderr a message shows, in lines. */
const SHOWN_LINES = 12;

/**
 * Runs a program to its end and returns what it printed on stdout.
 *
 * @throws {SiloError} if it cannot be started or does not exit with 0; the end of its stderr is in `details`.
 */
export async function runCommand(argv: readonly string[], options: CommandOptions): Promise<string> {
  const child = spawnCommand(argv, options);
  const [stdout] = await Promise.all([new Response(child.stdout).text(), child.finished]);
  return stdout;
}

/**
 * Starts a program whose stdout the caller reads. `finished` rejects with a {@link SiloError} if it fails, and must be
 * awaited.
 */
export function spawnCommand(
  argv: readonly string[],
  options: CommandOptions,
): { stdout: ReadableStream<Uint8Array<ArrayBuffer>>; finished: Promise<void>; kill: () => void } {
  const [program, ...args] = argv as [string, ...string[]];
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: { ...options.env }, clearEnv: true }),
    }).spawn();
  } catch (cause) {
    throw new SiloError(`could not ${options.doing}: ${program} cannot be started (${reasonOf(cause)})`, {
      hint: options.hint,
      cause,
    });
  }
  const tail: string[] = [];
  const stderr = eachLine(child.stderr, (line) => {
    tail.push(line);
    if (tail.length > SHOWN_LINES) tail.shift();
    options.onLine?.(line);
  });
  const finished = Promise.all([child.status, stderr]).then(([status]) => {
    if (status.success) return;
    const how = status.signal ? `was ended by ${status.signal}` : `exited with ${status.code}`;
    const name = program.split("/").at(-1);
    throw new SiloError(`could not ${options.doing}: ${name} ${how}`, {
      details: tail.join("\n"),
      hint: options.hint,
    });
  });
  return { stdout: child.stdout, finished, kill: () => child.kill("SIGTERM") };
}

async function eachLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>, onLine: (line: string) => void) {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(/[\r\n]+/);
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  }
  if (rest !== "") onLine(rest);
}

/**
 * Where a program is: on PATH, else in the directories of administrators' programs, which ordinary users often do not
 * have on PATH. Absolute, or undefined.
 */
export async function findProgram(host: Host, name: string): Promise<string | undefined> {
  const directories = (host.env.PATH ?? "").split(":").filter((directory) => directory.startsWith("/"));
  for (const directory of [...directories, "/usr/sbin", "/sbin"]) {
    const path = `${directory}/${name}`;
    try {
      const info = await Deno.stat(path);
      if (info.isFile && ((info.mode ?? 0) & 0o111) !== 0) return path;
    } catch { /* not here */ }
  }
  return undefined;
}

/** Compares dotted numbers: `atLeast("1.47.0", "1.47.1")` is false. What follows the numbers is ignored. */
export function atLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((text) => (text.match(/^\d+(\.\d+)*/)?.[0] ?? "0").split(".").map(Number));
  for (let i = 0; i < want!.length; i++) {
    const difference = (have![i] ?? 0) - want![i]!;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
