/**
 * How fast bytes leave a run, beside a plain pipe.
 *
 * @module
 */
import { PROJECT, SILO } from "./silo_command.ts";

const MEBIBYTES = 256;

/** Prints MB/s of zeros from a program's stdout to ours, once the first byte is there; the best of `count`. */
export async function measureStdio(count: number): Promise<void> {
  const zeros = ["head", "-c", String(MEBIBYTES << 20), "/dev/zero"];
  let [pipe, chain] = [0, 0];
  for (let i = 0; i < count; i++) {
    pipe = Math.max(pipe, await rate(zeros));
    chain = Math.max(chain, await rate([SILO, "run", "--exec", "python", ...zeros]));
  }
  const row = (name: string, value: number) => `${name.padEnd(12)}${value.toFixed(0).padStart(7)} MB/s`;
  console.log([row("plain pipe", pipe), row("silo run", chain), `ratio ${(chain / pipe).toFixed(3)}`].join("\n"));
}

async function rate([program, ...args]: readonly string[]): Promise<number> {
  const child = new Deno.Command(program!, { args, cwd: PROJECT, stdin: "null", stdout: "piped", stderr: "null" })
    .spawn();
  let [bytes, begun] = [0, 0];
  for await (const chunk of child.stdout) {
    if (begun === 0) begun = performance.now();
    bytes += chunk.length;
  }
  const seconds = (performance.now() - begun) / 1000;
  if (bytes !== MEBIBYTES << 20) throw new Error(`${program}: ${bytes} bytes arrived`);
  await child.status;
  return bytes / 1e6 / seconds;
}
