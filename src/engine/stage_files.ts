/**
 * A directory made for single files: QEMU shares directories only.
 *
 * @module
 */
import { printable, reasonOf, SiloError } from "../errors.ts";
import type { FilePlan } from "./run_plan.ts";

/** One share with the files, or none; see docs/protocol.md, `files`. */
export interface StagedFiles {
  readonly hostPath: string;
  readonly files: readonly { readonly name: string; readonly guestPath: string }[];
}

/** Copies the files into a directory of the run directory, where nobody else can look. */
export function stageFiles(files: readonly FilePlan[], runDirectory: string): StagedFiles | undefined {
  if (files.length === 0) return undefined;
  const hostPath = `${runDirectory}/files`;
  Deno.mkdirSync(hostPath, { mode: 0o700 });
  return {
    hostPath,
    files: files.map(({ hostPath: source, guestPath }, i) => {
      const name = String(i);
      try {
        using from = Deno.openSync(source, { read: true });
        if (!from.statSync().isFile) throw new Error("it is not a regular file any more");
        const mode = (from.statSync().mode ?? 0o600) & 0o500;
        using to = Deno.openSync(`${hostPath}/${name}`, { write: true, createNew: true, mode: 0o600 });
        const buffer = new Uint8Array(64 * 1024);
        for (let count; (count = from.readSync(buffer)) !== null;) {
          for (let at = 0; at < count;) at += to.writeSync(buffer.subarray(at, count));
        }
        Deno.chmodSync(`${hostPath}/${name}`, mode | 0o400);
      } catch (cause) {
        throw new SiloError(`could not pass the file ${printable(source)}: ${reasonOf(cause)}`, { cause });
      }
      return { name, guestPath };
    }),
  };
}
