/**
 * What a process costs, from its start to its end.
 *
 * @module
 */

export interface ProcessCost {
  readonly milliseconds: number;
  /** The most memory that was resident at once. */
  readonly peakBytes: number;
}

/** How often the kernel is asked for the peak; it keeps the peak itself, so only growth in the last moment is missed. */
const ASK_MS = 10;

/** Runs a command to its end. Throws with its stderr if it fails. */
export async function measureProcess([program, ...args]: readonly string[]): Promise<ProcessCost> {
  const started = performance.now();
  const child = new Deno.Command(program!, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
  let peakBytes = 0;
  const timer = setInterval(() => peakBytes = Math.max(peakBytes, peakOf(child.pid)), ASK_MS);
  try {
    const { success, stderr } = await child.output();
    const milliseconds = performance.now() - started;
    if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
    return { milliseconds, peakBytes };
  } finally {
    clearInterval(timer);
  }
}

/** The high-water mark of a process's resident memory, bytes: proc(5), `VmHWM`. 0 if it is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
