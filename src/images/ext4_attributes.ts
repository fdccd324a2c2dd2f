/**
 * Extended attributes of a new ext4 file system.
 *
 * Of the attributes in an archive mke2fs takes over `security.capability` alone (e2fsprogs 1.47.2). The others, which
 * few images have, are set afterwards by its companion debugfs, which needs no mount and no rights either.
 *
 * @module
 */
import { locateMke2fs } from "../debian/toolbox/e2fsprogs.ts";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { AttributedFile } from "./flatten_layers.ts";
import { bytesOf, shown } from "./tar_entry.ts";

const TAKEN_OVER = "security.capability";

/**
 * Sets what mke2fs left out.
 *
 * @param image The file system, which nothing else uses.
 * @throws {SiloError} if debugfs is missing or an attribute cannot be set.
 */
export async function setAttributes(host: Host, image: string, files: readonly AttributedFile[]): Promise<void> {
  const wanted = files.flatMap(({ path, xattrs }) => [...xattrs].map(([name, value]) => ({ path, name, value })))
    .filter(({ name }) => name !== TAKEN_OVER);
  if (wanted.length === 0) return;
  const fail = (why: string) => new SiloError(`could not set the extended attributes of the image: ${why}`);
  const mke2fs = await locateMke2fs(host);
  if (mke2fs === undefined) throw fail("there is no e2fsprogs");
  const debugfs = [...mke2fs.slice(0, -1), mke2fs.at(-1)!.replace(/mke2fs$/, "debugfs")];
  const directory = await Deno.makeTempDir({ prefix: "silo-xattr-" });
  try {
    let commands = "";
    for (const [index, { path, name, value }] of wanted.entries()) {
      if (/[\n\0]/.test(path + name)) throw fail(`${shown(path)} has a line break in its name`);
      await Deno.writeFile(`${directory}/${index}`, bytesOf(value));
      commands += `ea_set -f ${directory}/${index} ${quoted(`/${path}`)} ${quoted(name)}\n`;
    }
    await Deno.writeFile(`${directory}/commands`, bytesOf(commands));
    const [program, ...args] = debugfs as [string, ...string[]];
    const { success, stderr } = await new Deno.Command(program, {
      args: [...args, "-w", "-f", `${directory}/commands`, image],
      stdout: "null",
    }).output();
    // debugfs goes on after an error and exits with 0: what it says after its version tells.
    const complaints = new TextDecoder().decode(stderr).split("\n").filter((line) => line && !/^debugfs \d/.test(line));
    if (!success || complaints.length > 0) throw fail(complaints[0] ?? "debugfs failed");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** In debugfs's commands a quote inside quotes is doubled. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
