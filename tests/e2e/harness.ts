/**
 * What every end-to-end test stands on: the real `silo` of this checkout, a real micro-VM, a silo home that holds an
 * installed python, and processes whose output is taken whole.
 *
 * `SILO_E2E_HOME` names a silo home with python installed (scripts/test makes one); without it the caller's own is used.
 */
import { dirname, join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { tmpdir } from "node:os";

/** Root of the checkout. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The command under test, as a person would start it from a checkout. */
export const SILO = join(ROOT, "scripts/silo");
/** No run in these tests takes longer: cold boots under emulation take some seconds. */
export const RUN_LIMIT_MS = 120_000;

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string | Uint8Array | ReadableStream<Uint8Array>;
  limitMs?: number;
}

export interface RunResult {
  code: number;
  signal: string | null;
  stdout: string;
  stderr: string;
  stdoutBytes: Uint8Array;
  milliseconds: number;
}

/** The environment that silo gets in tests: small, known, and with the test's own silo home. */
export function siloEnv(extra: Record<string, string> = {}): Record<string, string> {
  const keep = [
    "PATH",
    "HOME",
    "USER",
    "XDG_RUNTIME_DIR",
    "XDG_CACHE_HOME",
    "SILO_TOOLCHAIN",
    "SILO_HELPER",
    "SILO_QEMU",
  ];
  const env: Record<string, string> = {};
  for (const name of keep) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  const home = Deno.env.get("SILO_E2E_HOME");
  if (home) env.SILO_HOME = home;
  return { ...env, ...extra };
}

/** A project directory of its own for one test, removed after it (`using project = makeProject()`). */
export function makeProject(files: Record<string, string> = {}): { path: string } & Disposable {
  const path = Deno.realPathSync(Deno.makeTempDirSync({ dir: tmpdir(), prefix: "silo-e2e-" }));
  for (const [name, text] of Object.entries(files)) {
    Deno.mkdirSync(dirname(join(path, name)), { recursive: true });
    Deno.writeTextFileSync(join(path, name), text);
  }
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

let shared: { path: string } & Disposable | undefined;

/** Where runs go that are not about their project: this checkout holds silo's own programs and is never shared. */
function emptyProject(): string {
  if (shared === undefined) {
    shared = makeProject();
    globalThis.addEventListener("unload", () => shared![Symbol.dispose]());
  }
  return shared.path;
}

/** Starts silo and leaves its streams to the caller. */
export function spawnSilo(args: string[], options: RunOptions = {}): Deno.ChildProcess {
  return new Deno.Command(SILO, {
    args,
    cwd: options.cwd ?? emptyProject(),
    env: siloEnv(options.env),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs silo to its end and takes everything it wrote. Ends it, and throws, when the limit is passed. */
export async function silo(args: string[], options: RunOptions = {}): Promise<RunResult> {
  const started = performance.now();
  const child = spawnSilo(args, options);
  const limitMs = options.limitMs ?? RUN_LIMIT_MS;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, limitMs);
  try {
    const feeding = feed(child.stdin, options.stdin);
    const [status, stdoutBytes, stderrBytes] = await Promise.all([
      child.status,
      readAll(child.stdout),
      readAll(child.stderr),
      feeding,
    ]);
    const stdout = new TextDecoder().decode(stdoutBytes);
    const stderr = new TextDecoder().decode(stderrBytes);
    if (late) throw new Error(`silo ${args.slice(0, 4).join(" ")} took over ${limitMs} ms\n${stdout}\n${stderr}`);
    const milliseconds = performance.now() - started;
    return { code: status.code, signal: status.signal, stdout, stderr, stdoutBytes, milliseconds };
  } finally {
    clearTimeout(timer);
  }
}

/** `silo run python -c SOURCE args…` */
export function python(source: string, args: string[] = [], options: RunOptions = {}): Promise<RunResult> {
  return silo(["run", "python", "-c", source, ...args], options);
}

/** `silo shell python -c SCRIPT`: any program of the sandbox. */
export function shell(script: string, options: RunOptions = {}): Promise<RunResult> {
  return silo(["shell", "python", "-c", script], options);
}

async function feed(to: WritableStream<Uint8Array>, from: RunOptions["stdin"]): Promise<void> {
  try {
    if (from instanceof ReadableStream) return await from.pipeTo(to);
    const writer = to.getWriter();
    if (typeof from === "string") await writer.write(new TextEncoder().encode(from));
    else if (from) await writer.write(from);
    await writer.close();
  } catch {
    // The reader has gone: what a plain pipe would say with EPIPE. The test judges by the exit.
  }
}

async function readAll(from: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(from as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

/** Waits until `probe` gives something, asking again as things happen; throws after `limitMs`. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  limitMs = 60_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
