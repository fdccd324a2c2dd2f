/** silo's side of the image benchmarks, in a process of its own: `pull DIRECTORY REFERENCE`, `unpack LAYOUT FILE`. */
import { realHost } from "../../src/host.ts";
import { flattenLayers } from "../../src/images/flatten_layers.ts";
import { ImageStore } from "../../src/images/image_store.ts";
import { parseReference } from "../../src/images/reference.ts";
import { pullImage } from "../../src/images/registry/pull.ts";

const [what, first, second] = Deno.args as [string, string, string];
if (what === "pull") {
  await pullImage(realHost(), new ImageStore(first), parseReference(second));
} else {
  const store = new ImageStore(first);
  const image = await store.resolve((await store.references())[0]!);
  await flattenLayers(store.layerPaths(image!), second, { diffIds: image!.config.rootfs.diff_ids });
}
