/**
 * Images against the programs that others use: the same 200 MB from a registry on loopback, the same layers unpacked.
 *
 * @module
 */
import { makeImage, pushImage } from "../../tests/integration/registry/harness/images.ts";
import { testProgram } from "../../tests/integration/registry/harness/packages.ts";
import { startRegistry } from "../../tests/integration/registry/harness/registry_server.ts";
import { realHost } from "../../src/host.ts";
import { readMachine } from "../../src/machine/machine_file.ts";
import { measureProcess, type ProcessCost } from "./process_cost.ts";
import { summarize } from "./statistics.ts";

const WORKER = new URL("image_worker.ts", import.meta.url).pathname;
const LAYERS = 4;
/** In each layer: one large file and many small ones, 50 MB that hardly compress. */
const LARGE_BYTES = 20_000_000;
const SMALL_FILES = 1_500;
const SMALL_BYTES = 20_000;

/** Pulls into an empty store: silo against `skopeo copy`. */
export async function measurePull(count: number): Promise<void> {
  await withImage(async ({ directory, layout }) => {
    await using registry = await startRegistry(`${directory}/data`);
    const reference = `${registry.host}/bench/image:1`;
    await pushImage(layout, "bench", reference);
    await compare(count, directory, "skopeo copy", {
      silo: (output) => [...worker(), "pull", output, reference],
      other: (output) => [
        testProgram("skopeo"),
        ...["--insecure-policy", "copy", "--quiet", "--src-no-creds", "--src-tls-verify=false"],
        ...[`docker://${reference}`, `oci:${output}:bench`],
      ],
    });
  });
}

/**
 * First use of an image that is already there: from its layers to a file system that a machine boots, synced to the disk;
 * silo against umoci and mke2fs, the same mke2fs with the same options for both.
 */
export async function measureBootable(count: number): Promise<void> {
  const mke2fs = readMachine(realHost())?.linux?.mke2fs;
  if (mke2fs === undefined) throw new Error("install a tool first: `scripts/silo install python`");
  await withImage(async ({ directory, layout }) => {
    await compare(count, directory, "umoci unpack and mke2fs -d", {
      silo: (output) => [...worker(), "bootable", layout, output],
      other: (output) => ["sh", "-c", UMOCI_AND_MKE2FS, "sh", testProgram("umoci"), layout, output, ...mke2fs],
    });
  });
}

/** umoci, the layout, a directory for the output, and the words of mke2fs. */
const UMOCI_AND_MKE2FS = `set -e
umoci=$1 layout=$2 output=$3; shift 3
"$umoci" unpack --rootless --image "$layout:bench" "$output"
MKE2FS_CONFIG=/dev/null "$@" -q -F -t ext4 -b 4096 -I 256 -i 16384 -m 0 -O ^has_journal \
  -E lazy_itable_init=1,nodiscard -d "$output/rootfs" "$output/root.ext4" 1024M
sync "$output/root.ext4"`;

/** Unpacks the layers: silo into the one archive that it makes file systems of, umoci into a directory. */
export async function measureUnpack(count: number): Promise<void> {
  await withImage(async ({ directory, layout }) => {
    await compare(count, directory, "umoci unpack", {
      silo: (output) => [...worker(), "unpack", layout, output],
      other: (output) => [testProgram("umoci"), "unpack", "--rootless", "--image", `${layout}:bench`, output],
    });
  });
}

function worker(): string[] {
  return [Deno.execPath(), "run", "--quiet", "--allow-all", WORKER];
}

type Command = (output: string) => string[];

/** Runs both by turns, so that what else the machine does strikes both, and prints medians and ratios. */
async function compare(
  count: number,
  directory: string,
  name: string,
  commands: { silo: Command; other: Command },
): Promise<void> {
  const costs: Record<keyof typeof commands, ProcessCost[]> = { silo: [], other: [] };
  for (let round = 0; round <= count; round++) {
    for (const side of ["silo", "other"] as const) {
      const output = `${directory}/output`;
      const cost = await measureProcess(commands[side](output));
      if (round > 0) costs[side].push(cost); // the first fills caches
      await Deno.remove(output, { recursive: true });
    }
  }
  const median = (side: keyof typeof commands, of: keyof ProcessCost) =>
    summarize(costs[side].map((cost) => cost[of])).median;
  const line = (label: string, of: keyof ProcessCost, unit: (value: number) => string) => {
    const [own, others] = [median("silo", of), median("other", of)];
    console.log(`${label}: silo ${unit(own)}, ${name} ${unit(others)}, ratio ${(own / others).toFixed(2)}`);
  };
  console.log(`medians of ${count}, whole processes`);
  line("time", "milliseconds", (value) => `${Math.round(value)} ms`);
  // Of a script only the shell would be counted.
  if (commands.other("")[0] !== "sh") line("peak memory", "peakBytes", (value) => `${Math.round(value / 1e6)} MB`);
}

async function withImage(use: (image: { directory: string; layout: string }) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "silo-bench-" });
  try {
    const layout = `${directory}/layout`;
    console.log("making the image …");
    await makeImage(layout, "bench", Array.from({ length: LAYERS }, (_, layer) => ({ write: layerFiles(layer) })));
    await use({ directory, layout });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function layerFiles(layer: number): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = { [`opt/${layer}/large`]: noise(LARGE_BYTES) };
  for (let at = 0; at < SMALL_FILES; at++) files[`usr/lib/${layer}/${at % 50}/${at}`] = noise(SMALL_BYTES);
  return files;
}

function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}
