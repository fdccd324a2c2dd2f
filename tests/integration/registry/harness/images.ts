/**
 * Images for the tests, made by umoci and pushed by skopeo: other programs than the one under test.
 *
 * @module
 */
import { runProgram } from "./packages.ts";

/** What one layer does: files to write (path → text or bytes) and paths to remove. */
export interface LayerChange {
  readonly write?: Readonly<Record<string, string | Uint8Array>>;
  readonly remove?: readonly string[];
  /** Anything else, done in the unpacked root file system. */
  readonly change?: (rootfs: string) => void;
}

/** Makes an image of one layer a change in the OCI layout `layout` under a tag, on the layers of `base` if given. */
export async function makeImage(
  layout: string,
  tag: string,
  layers: readonly LayerChange[],
  config: readonly string[] = [],
  base?: string,
): Promise<void> {
  const image = `${layout}:${tag}`;
  const isNew = await Deno.stat(`${layout}/oci-layout`).then(() => false, () => true);
  if (isNew) await runProgram("umoci", ["init", "--layout", layout]);
  if (base === undefined) await runProgram("umoci", ["new", "--image", image]);
  else await runProgram("umoci", ["tag", "--image", `${layout}:${base}`, tag]);
  for (const layer of layers) {
    // A bundle for each layer: what umoci unpacks then is what the layers before add up to.
    const bundle = await Deno.makeTempDir({ prefix: "silo-bundle-" });
    try {
      await runProgram("umoci", ["unpack", "--rootless", "--image", image, `${bundle}/b`]);
      apply(layer, `${bundle}/b/rootfs`);
      await runProgram("umoci", ["repack", "--refresh-bundle", "--image", image, `${bundle}/b`]);
    } finally {
      await runProgram("chmod", ["-R", "u+rwX", bundle]); // an image may have directories that not even their owner enters
      await Deno.remove(bundle, { recursive: true });
    }
  }
  if (config.length > 0) await runProgram("umoci", ["config", "--image", image, ...config]);
}

function apply({ write = {}, remove = [], change }: LayerChange, rootfs: string): void {
  for (const path of remove) Deno.removeSync(`${rootfs}/${path}`, { recursive: true });
  for (const [path, content] of Object.entries(write)) {
    const file = `${rootfs}/${path}`;
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    Deno.writeFileSync(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
  }
  change?.(rootfs);
}

/** Pushes an image of a layout to a registry without login. `format`: as it is, or with Docker's media types. */
export async function pushImage(
  layout: string,
  tag: string,
  target: string,
  format: "oci" | "v2s2" = "oci",
): Promise<void> {
  const args = ["--insecure-policy", "copy", "--dest-tls-verify=false", "--format", format];
  await runProgram("skopeo", [...args, `oci:${layout}:${tag}`, `docker://${target}`]);
}

/** Bytes that do not compress, the same for the same seed. */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}
