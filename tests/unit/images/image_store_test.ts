/** The image store as an OCI layout. */
import { deepStrictEqual as same, rejects, strictEqual as eq } from "node:assert/strict";
import { collectGarbage } from "../../../src/images/gc.ts";
import { ImageStore } from "../../../src/images/image_store.ts";
import {
  type Digest,
  type ImageConfig,
  type ImageManifest,
  isDigest,
  MEDIA_TYPE,
} from "../../../src/images/oci_types.ts";
import { packageVersion } from "../../../src/images/debian_image.ts";
import { chunked, temporary } from "./entries.ts";

async function storeImage(store: ImageStore, reference: string, layerText: string) {
  const layer = await store.putBlob(chunked(new TextEncoder().encode(layerText), 3), MEDIA_TYPE.layerZstd);
  const config: ImageConfig = {
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: [layer.digest] },
  };
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: await store.putDocument(config, MEDIA_TYPE.config),
    layers: [layer],
    annotations: { "dev.silo.debian.packages": "git=1:2.47.3-0+deb13u1 python3=3.13.5-1 nodejs=20.19.2+dfsg-1" },
  };
  await store.tag(reference, await store.putDocument(manifest, MEDIA_TYPE.manifest));
  return layer;
}

Deno.test("an image that is stored is found by its name, and is an OCI layout on the disk", async () => {
  using folder = temporary();
  const store = new ImageStore(`${folder.path}/images`);
  eq(await store.resolve("a"), undefined);
  const layer = await storeImage(store, "a", "layer content");
  const image = (await store.resolve("a"))!;
  same(image.manifest.layers, [layer]);
  eq(Deno.readTextFileSync(store.layerPaths(image)[0]!), "layer content");
  same(JSON.parse(Deno.readTextFileSync(`${folder.path}/images/oci-layout`)), { imageLayoutVersion: "1.0.0" });
  const index = JSON.parse(Deno.readTextFileSync(`${folder.path}/images/index.json`));
  eq(index.schemaVersion, 2);
  eq(index.manifests[0].digest, image.digest);
  eq(packageVersion(image, "git"), "2.47.3");
  eq(packageVersion(image, "python3"), "3.13.5");
  eq(packageVersion(image, "nodejs"), "20.19.2");
  eq(packageVersion(image, "perl"), undefined);
});

Deno.test("many writers at once lose nothing", async () => {
  using folder = temporary();
  const directory = `${folder.path}/images`;
  const wanted = Array.from({ length: 8 }, (_, i) => `image-${i}`);
  await Promise.all(wanted.map((name) => storeImage(new ImageStore(directory), name, `layer of ${name}`)));
  same((await new ImageStore(directory).references()).sort(), wanted);
});

Deno.test("a blob that is not what was promised is not kept", async () => {
  using folder = temporary();
  const store = new ImageStore(folder.path);
  const digest: Digest = `sha256:${"0".repeat(64)}`;
  for (const size of [3, 100]) {
    await rejects(store.putBlob(chunked(new Uint8Array(10), 4), "x", { digest, size }), /not what sha256:0/);
  }
  same([...Deno.readDirSync(`${folder.path}/blobs/sha256`)], []);
});

Deno.test("damage is noticed: a changed document, a layer of the wrong size", async () => {
  using folder = temporary();
  const store = new ImageStore(folder.path);
  const layer = await storeImage(store, "a", "layer");
  Deno.writeTextFileSync(store.blobPath(layer.digest), "lay");
  eq(await store.resolve("a"), undefined);
  const { manifests } = JSON.parse(Deno.readTextFileSync(`${folder.path}/index.json`));
  Deno.writeTextFileSync(store.blobPath(manifests[0].digest), "{}");
  await rejects(store.resolve("a"), /damaged/);
});

Deno.test("garbage goes, what a name needs stays", async () => {
  using folder = temporary();
  const store = new ImageStore(folder.path);
  await storeImage(store, "a", "first");
  await storeImage(store, "b", "second");
  await store.untag("a");
  const garbage = await collectGarbage(store, { needed: () => [], dropNames: false, dryRun: false });
  eq(garbage!.blobs.length, 3);
  eq(await store.resolve("a"), undefined);
  eq((await store.resolve("b"))?.reference, "b");
});

Deno.test("a digest is sixty-four hexadecimal digits and nothing that leads elsewhere", () => {
  eq(isDigest(`sha256:${"a".repeat(64)}`), true);
  for (const bad of ["sha256:../../etc/passwd", `sha256:${"A".repeat(64)}`, `sha512:${"a".repeat(64)}`, "", 5]) {
    eq(isDigest(bad), false);
  }
});
