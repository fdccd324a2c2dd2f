/**
 * Where the report goes. The place may be in the project: it is looked up before the run, and a link that was put there
 * meanwhile leads nowhere.
 *
 * @module
 */
import { accessSync, constants } from "node:fs";
import { writeFileAtomic } from "../cache/atomic.ts";
import { printable, reasonOf, SiloError } from "../errors.ts";

export interface ReportPlace {
  readonly directory: string;
  readonly name: string;
}

/**
 * Looks the place up before the run.
 *
 * @throws {SiloError} if nothing can be written there.
 */
export function reportPlace(file: string, cwd: string): ReportPlace {
  const path = file.startsWith("/") ? file : `${cwd}/${file}`;
  const refuse = (why: string) => new SiloError(`could not write ${printable(file)}: ${why}`);
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name === "" || name === "." || name === "..") throw refuse("it is a directory");
  try {
    const directory = Deno.realPathSync(path.slice(0, path.lastIndexOf("/")) || "/");
    if (!Deno.statSync(directory).isDirectory) throw refuse("its directory is none");
    accessSync(directory, constants.W_OK);
    return { directory, name };
  } catch (cause) {
    throw cause instanceof SiloError ? cause : refuse(reasonOf(cause));
  }
}

/** Writes it; a file that is there is replaced, not written through. */
export async function writeReport({ directory, name }: ReportPlace, content: string | Uint8Array): Promise<void> {
  try {
    if (Deno.realPathSync(directory) !== directory) throw new Error("its directory was moved during the run");
    await writeFileAtomic(`${directory}/${name}`, content, { mode: 0o644 });
  } catch (cause) {
    throw new SiloError(`could not write ${printable(name)}: ${reasonOf(cause)}`, { cause });
  }
}
