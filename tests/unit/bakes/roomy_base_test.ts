/** Room for builds where file systems never grow. */
import { deepStrictEqual as same, ok, rejects, strictEqual as eq } from "node:assert/strict";
import { roomyBase } from "../../../src/bakes/roomy_base.ts";
import { DEFAULT_ROOTFS_SIZE_MB } from "../../../src/config/config.ts";
import type { Host } from "../../../src/host.ts";
import { imageStoreOf } from "../../../src/images/debian_image.ts";
import { type CreateRootfs, ensureRootfs } from "../../../src/images/image_rootfs.ts";
import { type ImageConfig, type ImageManifest, MEDIA_TYPE } from "../../../src/images/oci_types.ts";
import { temporary } from "../images/entries.ts";
import { fakeHost } from "../support.ts";

/** A tool of an image without layers, and what file systems are asked for. */
async function scene(home: string, platform: Host["platform"]) {
  const host = fakeHost({ siloHome: home, platform });
  const store = imageStoreOf(host);
  const config: ImageConfig = { os: "linux", architecture: "arm64", rootfs: { type: "layers", diff_ids: [] } };
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: await store.putDocument(config, MEDIA_TYPE.config),
    layers: [],
  };
  await store.tag("a", await store.putDocument(manifest, MEDIA_TYPE.manifest));
  const image = (await store.resolve("a"))!;
  const sizes: number[] = [];
  const create: CreateRootfs = async ({ tar, output, sizeMiB }) => {
    ok(Deno.statSync(tar).isFile);
    sizes.push(sizeMiB);
    await Deno.writeTextFile(output, "ext4");
  };
  const tool = { name: "a", image: image.digest, source: "a", rootfs: `rootfs/${image.digest.slice(7)}.ext4` };
  return { host, image, tool, create, sizes };
}

Deno.test("a build that asks for more room gets the image unpacked with it on macOS, and nothing of it stays", async () => {
  using folder = temporary();
  const { host, image, tool, create, sizes } = await scene(folder.path, "macos");
  await ensureRootfs(host, image, create);
  const usual = sizes.pop()!;
  {
    await using base = await roomyBase(host, tool, 3 * DEFAULT_ROOTFS_SIZE_MB, `${folder.path}/made`, create);
    eq(base?.path, `${folder.path}/made.base`);
    same(sizes, [usual + 2 * DEFAULT_ROOTFS_SIZE_MB]);
    ok(Deno.statSync(base!.path).isFile);
  }
  same([...Deno.readDirSync(folder.path)].map(({ name }) => name).filter((name) => name.startsWith("made")), []);
});

Deno.test("no build stands on a copy of the image where the tool's own file system does", async () => {
  using folder = temporary();
  const { host, tool, create, sizes } = await scene(folder.path, "macos");
  const path = `${folder.path}/made`;
  eq(await roomyBase(host, tool, DEFAULT_ROOTFS_SIZE_MB, path, create), undefined);
  eq(await roomyBase(host, { ...tool, rootfs: "bakes/0.ext4" }, 20_000, path, create), undefined);
  eq(await roomyBase({ ...host, platform: "linux" }, tool, 20_000, path, create), undefined);
  same(sizes, []);
  const gone = { ...tool, image: `sha256:${"0".repeat(64)}` };
  await rejects(roomyBase(host, gone, 20_000, path, create), /its image is not there/);
});
