/** Images in files: what skopeo and umoci write is read, what silo saves skopeo accepts, and nothing damaged passes. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { importImage } from "../../../src/images/archive_source.ts";
import { collectGarbage } from "../../../src/images/gc.ts";
import { parseImageSource } from "../../../src/images/image_source.ts";
import type { ImageStore } from "../../../src/images/image_store.ts";
import { listImages } from "../../../src/images/list_images.ts";
import { obtainImage } from "../../../src/images/obtain_image.ts";
import { saveImage } from "../../../src/images/save.ts";
import { takeLock, whileStoring } from "../../../src/images/store_locks.ts";
import { makeImage, noise } from "./harness/images.ts";
import { runProgram } from "./harness/packages.ts";
import { temporaryDirectory, testHost, testStore } from "./harness/setup.ts";

const files = temporaryDirectory();
addEventListener("unload", () => files[Symbol.dispose]());
const layout = `${files.path}/layout`;
await makeImage(layout, "one", [
  { write: { "bin/one": noise(200_000, 1), "etc/gone": "1" } },
  { write: { "bin/two": noise(100_000, 2) }, remove: ["etc/gone"] },
], ["--config.entrypoint=/bin/one"]);
const copy = (...args: string[]) => runProgram("skopeo", ["--insecure-policy", "copy", ...args]);
await copy(`oci:${layout}:one`, `oci-archive:${files.path}/one.oci.tar:one`);
await copy(`oci:${layout}:one`, `docker-archive:${files.path}/one.docker.tar:example.com/one:1`);
await runProgram("gzip", ["-k", `${files.path}/one.docker.tar`]);

const read = (store: ImageStore, home: string, text: string) =>
  obtainImage(testHost(home), store, parseImageSource(text, files.path));

for (
  const text of [
    "oci:layout",
    "oci:layout:one",
    "oci-archive:one.oci.tar",
    "docker-archive:one.docker.tar",
    "docker-archive:one.docker.tar:example.com/one:1",
    "docker-archive:one.docker.tar.gz",
  ]
) {
  Deno.test(`${text} is read, and named by its absolute path`, async () => {
    using home = temporaryDirectory();
    const store = testStore(home.path);
    const image = await read(store, home.path, text);
    equal(image.manifest.layers.length, 2);
    deepEqual(image.config.config?.Entrypoint, ["/bin/one"]);
    equal(image.reference, text.replace(":", `:${files.path}/`));
    equal((await store.resolve(image.reference))?.digest, image.digest);
    const [listed, ...others] = await listImages(store, [image.digest]);
    deepEqual(others, []);
    deepEqual(
      [listed?.reference, listed?.layers, listed?.platform, listed?.isNeeded],
      [image.reference, 2, "linux/amd64", true],
    );
    ok(listed!.bytes > 300_000 && listed!.bytes < 400_000, `${listed!.bytes}`);
  });
}

Deno.test("what is missing, damaged or not unique is one error that says so", async () => {
  using home = temporaryDirectory();
  const store = testStore(home.path);
  const refuses = (text: string, why: RegExp) => rejects(read(store, home.path, text), why);
  await refuses("oci:nowhere", /could not read the image oci:\/.*\/nowhere: oci-layout is missing/);
  await refuses("oci:layout:two", /it holds no image called two, but one/);
  await refuses("docker-archive:one.oci.tar", /manifest\.json is missing/);
  await refuses("oci-archive:one.docker.tar", /oci-layout is missing/);
  await refuses("docker-archive:one.docker.tar:other:1", /it holds no image called other:1, but example\.com\/one:1/);
  deepEqual(await store.references(), []);

  const broken = `${files.path}/broken`;
  await runProgram("cp", ["-a", layout, broken]);
  const blobs = [...Deno.readDirSync(`${broken}/blobs/sha256`)].map(({ name }) => `${broken}/blobs/sha256/${name}`);
  const [largest] = blobs.toSorted((a, b) => Deno.statSync(b).size - Deno.statSync(a).size);
  const bytes = Deno.readFileSync(largest!);
  bytes[1000]! ^= 1;
  Deno.writeFileSync(largest!, bytes);
  await refuses("oci:broken", /it is not what sha256:[0-9a-f]{64} stands for/);
  Deno.truncateSync(largest!, 1000);
  await refuses("oci:broken", /is not \d+ bytes long/);
  Deno.removeSync(largest!);
  await new Deno.Command("mkfifo", { args: [largest!] }).output();
  await refuses("oci:broken", /is missing/); // and does not wait for ever
  Deno.copyFileSync(`${files.path}/one.docker.tar`, `${files.path}/short.tar`);
  Deno.truncateSync(`${files.path}/short.tar`, 150_000);
  await refuses("docker-archive:short.tar", /truncated/);
  deepEqual(await store.references(), []);
});

Deno.test("skopeo accepts what silo saves, whatever the image came from, to the same bytes", async () => {
  using home = temporaryDirectory();
  const store = testStore(home.path);
  for (const source of ["oci:layout", "docker-archive:one.docker.tar"]) {
    const image = await read(store, home.path, source);
    const output = `${home.path}/saved.tar`;
    const size = await saveImage(store, image, output);
    equal(Deno.statSync(output).size, size);
    const digest = await runProgram("skopeo", ["inspect", "--format", "{{.Digest}}", `oci-archive:${output}`]);
    equal(digest.trim(), image.digest);
    const target = `${home.path}/${source.split(":")[0]}`;
    await copy(`oci-archive:${output}`, `dir:${target}`);
    for (const layer of image.manifest.layers) ok(Deno.statSync(`${target}/${layer.digest.slice(7)}`).isFile);
    // And silo reads it again as the same image.
    const again = await importImage(testHost(home.path), testStore(`${home.path}/again`), {
      kind: "oci-archive",
      path: output,
    });
    equal(again.digest, image.digest);
  }
  deepEqual([...Deno.readDirSync(home.path)].filter(({ name }) => name.includes("tmp-")), []);
});

Deno.test("garbage is what no name and no tool needs; a dry run only tells", async () => {
  using home = temporaryDirectory();
  const store = testStore(home.path);
  const kept = await read(store, home.path, "oci:layout");
  const other = await read(store, home.path, "docker-archive:one.docker.tar");
  const blobs = () => [...Deno.readDirSync(`${store.directory}/blobs/sha256`)].map(({ name }) => name).toSorted();
  const all = blobs();
  const nothing = await collectGarbage(store, { needed: () => [], dropNames: false, dryRun: false });
  deepEqual([nothing?.blobs, nothing?.bytes], [[], 0]);

  Deno.mkdirSync(`${store.directory}/partial`);
  Deno.writeTextFileSync(`${store.directory}/partial/sha256-00`, "half a blob");
  Deno.writeTextFileSync(`${store.directory}/blobs/sha256/.blob.tmp-1`, "left");
  const request = { needed: () => [kept.digest], dropNames: true };
  const told = await collectGarbage(store, { ...request, dryRun: true });
  deepEqual(told?.names, [other.reference]);
  equal(told?.leftovers, 2);
  equal(blobs().length, all.length + 1);
  const done = await collectGarbage(store, { ...request, dryRun: false });
  deepEqual(done, told);
  deepEqual(await store.references(), [kept.reference]);
  deepEqual(
    blobs(),
    [kept.digest, kept.manifest.config.digest, ...kept.manifest.layers.map(({ digest }) => digest)]
      .map((digest) => digest.slice(7)).toSorted(),
  );

  // A tool's image without a name is kept.
  await store.untag(kept.reference);
  equal((await collectGarbage(store, { ...request, dryRun: false }))?.blobs.length, 0);
  equal((await collectGarbage(store, { needed: () => [], dropNames: false, dryRun: false }))?.blobs.length, 4);
});

Deno.test("garbage is not collected while something is being stored, nor with a damaged manifest", async () => {
  using home = temporaryDirectory();
  const store = testStore(home.path);
  const { digest } = await read(store, home.path, "oci:layout");
  const request = { needed: () => [], dropNames: true, dryRun: false };
  await whileStoring(store.directory, async () => {
    equal(await collectGarbage(store, request), undefined);
    using _other = await takeLock(`${store.directory}/other.lock`);
  });
  Deno.writeTextFileSync(store.blobPath(digest), "{}");
  await rejects(collectGarbage(store, { ...request, dropNames: false }), (error: Error) => {
    match(error.message, /is damaged/);
    return true;
  });
  ok((await store.references()).length === 1);
});
