/** silo's side of the image benchmarks, in a process of its own: `pull DIRECTORY REFERENCE`, `unpack LAYOUT FILE`, `bootable LAYOUT DIRECTORY`. */
import { realHost } from "../../src/host.ts";
import { imageStoreOf } from "../../src/images/debian_image.ts";
import { flattenLayers } from "../../src/images/flatten_layers.ts";
import { ensureRootfs } from "../../src/images/image_rootfs.ts";
import { ImageStore, type StoredImage } from "../../src/images/image_store.ts";
import { parseReference } from "../../src/images/reference.ts";
import { pullImage } from "../../src/images/registry/pull.ts";
import { readMachine } from "../../src/machine/machine_file.ts";
import { withRootfsHelper } from "../../src/tools/rootfs_helper.ts";

const [what, first, second] = Deno.args as [string, string, string];
if (what === "pull") {
  await pullImage(realHost(), new ImageStore(first), parseReference(second));
} else if (what === "unpack") {
  const store = new ImageStore(first);
  const image = await theImage(store);
  await flattenLayers(store.layerPaths(image), second, { diffIds: image.config.rootfs.diff_ids });
} else {
  // A silo home of its own that has the layout as its images.
  await Deno.mkdir(second);
  await Deno.symlink(first, `${second}/images`);
  const host = { ...realHost(), siloHome: second };
  const image = await theImage(imageStoreOf(host));
  await withRootfsHelper(host, readMachine(realHost())!, () => {}, (create) => ensureRootfs(host, image, create));
}

async function theImage(store: ImageStore): Promise<StoredImage> {
  return (await store.resolve((await store.references())[0]!))!;
}
