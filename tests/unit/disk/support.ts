/** Entries of a silo home as their makers leave them. */
import { fakeHost, temporaryDirectory } from "../support.ts";

export const DAY_MS = 24 * 60 * 60 * 1000;

/** A silo home of a test. */
export function makeHome() {
  const directory = temporaryDirectory();
  const host = fakeHost({ home: directory.path, siloHome: `${directory.path}/.silo`, cwd: () => directory.path });
  Deno.mkdirSync(`${host.siloHome}/state`, { recursive: true });
  return { host, root: directory.path, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

/** An entry of that many KiB, used last so many days ago. Returns its path. */
export function makeEntry(
  siloHome: string,
  kind: "rootfs" | "bakes",
  digit: string,
  kib: number,
  days: number,
): string {
  const path = `${siloHome}/${kind}/${digit.repeat(64)}.ext4`;
  Deno.mkdirSync(`${siloHome}/${kind}`, { recursive: true });
  Deno.writeFileSync(path, crypto.getRandomValues(new Uint8Array(1024)));
  using file = Deno.openSync(path, { write: true });
  for (let at = 0; at < kib; at += 64) file.writeSync(crypto.getRandomValues(new Uint8Array(Math.min(64, kib) * 1024)));
  Deno.writeTextFileSync(`${path}.json`, JSON.stringify({ size: Deno.statSync(path).size }));
  const then = new Date(Date.now() - days * DAY_MS);
  for (const name of [path, `${path}.json`]) Deno.utimeSync(name, then, then);
  return path;
}
