import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { ManifestError, parseConfig, parseManifest } from "../../../../src/images/registry/manifest.ts";
import { choosePlatform } from "../../../../src/images/registry/platform.ts";
import { resolveManifest } from "../../../../src/images/registry/resolve.ts";

const OCI = "application/vnd.oci.image";
const MANIFEST = `${OCI}.manifest.v1+json`;
const INDEX = `${OCI}.index.v1+json`;
const DIGEST = `sha256:${"ab".repeat(32)}`;
const AMD64 = { os: "linux", architecture: "amd64" };
const encode = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const layer = { mediaType: `${OCI}.layer.v1.tar+gzip`, digest: DIGEST, size: 5 };
const config = { mediaType: `${OCI}.config.v1+json`, digest: DIGEST, size: 5 };
const image = { schemaVersion: 2, mediaType: MANIFEST, config, layers: [layer] };

Deno.test("parseManifest() reads OCI and Docker images and indexes, with or without a mediaType of their own", () => {
  equal(parseManifest(encode(image), MANIFEST).kind, "image");
  equal(parseManifest(encode({ ...image, mediaType: undefined }), `${MANIFEST}; charset=utf-8`).kind, "image");
  equal(parseManifest(encode(image), "application/octet-stream").kind, "image");
  const docker = "application/vnd.docker.distribution.manifest.v2+json";
  const layers = [{ ...layer, mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" }];
  const dockerConfig = { ...config, mediaType: "application/vnd.docker.container.image.v1+json" };
  equal(parseManifest(encode({ ...image, mediaType: docker, config: dockerConfig, layers }), docker).kind, "image");
  const manifests = [{ mediaType: MANIFEST, digest: DIGEST, size: 1, platform: AMD64 }];
  equal(parseManifest(encode({ schemaVersion: 2, manifests }), INDEX).kind, "index");
});

Deno.test("parseManifest() refuses what is not what the specification says, and names the field", () => {
  for (
    const [document, type, why] of [
      ["{", MANIFEST, /not JSON/],
      ["[]", MANIFEST, /no JSON object/],
      [{ ...image, schemaVersion: 1 }, MANIFEST, /before 2016/],
      [image, "application/vnd.docker.distribution.manifest.v1+prettyjws", /before 2016/],
      [{ ...image, schemaVersion: "2" }, MANIFEST, /schemaVersion/],
      [{ ...image, mediaType: INDEX }, MANIFEST, /announced as/],
      [{ ...image, manifests: [] }, MANIFEST, /index and an image at once/],
      [{ schemaVersion: 2, layers: [] }, "text/html", /no image but text\/html/],
      [{ ...image, layers: {} }, MANIFEST, /no list of layers/],
      [{ ...image, layers: Array(600).fill(layer) }, MANIFEST, /more than 512 layers/],
      [{ ...image, layers: [{ ...layer, size: -1 }] }, MANIFEST, /layers\[0\]\.size/],
      [{ ...image, layers: [{ ...layer, size: 1.5 }] }, MANIFEST, /layers\[0\]\.size/],
      [{ ...image, layers: [{ ...layer, size: 2 ** 60 }] }, MANIFEST, /layers\[0\]/],
      [{ ...image, layers: [{ ...layer, size: 2 ** 50 }] }, MANIFEST, /larger than/],
      [{ ...image, layers: [layer, { ...layer, digest: "sha256:../../etc" }] }, MANIFEST, /layers\[1\]\.digest/],
      [{ ...image, layers: [{ ...layer, digest: `sha512:${"ab".repeat(64)}` }] }, MANIFEST, /sha512/],
      [{ ...image, layers: [{ ...layer, mediaType: `${OCI}.layer.v1.tar+gzip+encrypted` }] }, MANIFEST, /encrypted/],
      [{ ...image, layers: [null] }, MANIFEST, /layers\[0\] is no descriptor/],
      [{ ...image, config: { ...config, mediaType: "application/vnd.cncf.helm.config.v1+json" } }, MANIFEST, /helm/],
      [{ ...image, config: { ...config, size: 2 ** 30 } }, MANIFEST, /config is larger/],
      [{ schemaVersion: 2, manifests: [{ ...layer, platform: 5 }] }, INDEX, /platform/],
    ] as const
  ) {
    throws(() => parseManifest(encode(document), type), (error: Error) => {
      ok(error instanceof ManifestError);
      match(error.message, why);
      return true;
    });
  }
});

Deno.test("parseConfig() refuses a configuration that does not fit its manifest", () => {
  const good = { ...AMD64, rootfs: { type: "layers", diff_ids: [DIGEST] } };
  equal(parseConfig(encode(good), 1).os, "linux");
  for (
    const [document, layers, why] of [
      [good, 2, /speaks of 1 layers, the manifest of 2/],
      [{ ...good, rootfs: {} }, 1, /diff_ids/],
      [{ ...good, os: 1 }, 1, /os is no text/],
      [{ ...good, config: { Env: "A=1" } }, 1, /config\.Env/],
      [{ ...good, config: { User: 0 } }, 1, /config\.User/],
    ] as const
  ) {
    throws(() => parseConfig(encode(document), layers), why);
  }
});

Deno.test("choosePlatform() takes the plainest image that runs here, and no attestation", () => {
  const entry = (architecture: string, variant?: string, os = "linux") => ({
    mediaType: MANIFEST,
    digest: DIGEST as `sha256:${string}`,
    size: 1,
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
  });
  const arm = { os: "linux", architecture: "arm64" };
  equal(
    choosePlatform([entry("amd64", "v3"), entry("amd64", "v2"), entry("amd64")], AMD64)?.platform?.variant,
    undefined,
  );
  equal(choosePlatform([entry("amd64", "v3")], AMD64), undefined);
  equal(choosePlatform([entry("arm", "v7"), entry("arm64", "v8")], arm)?.platform?.variant, "v8");
  equal(
    choosePlatform([entry("amd64", undefined, "windows"), entry("unknown", undefined, "unknown")], AMD64),
    undefined,
  );
  equal(choosePlatform([{ mediaType: MANIFEST, digest: DIGEST as `sha256:${string}`, size: 1 }], AMD64)?.size, 1);
});

/** A registry in memory, whose documents have the digests of their content, unless they lie. */
function registryOf(documents: Record<string, { body: unknown; type: string; as?: string }>) {
  return (reference: string) => {
    const found = documents[reference];
    if (!found) return Promise.reject(new Error(`no ${reference}`));
    const bytes = encode(found.body);
    const digest = (found.as ?? `sha256:${createHash("sha256").update(bytes).digest("hex")}`) as `sha256:${string}`;
    return Promise.resolve({ bytes, mediaType: found.type, digest });
  };
}
const listed = (digest: string, size: number) => ({ mediaType: INDEX, digest, size, platform: AMD64 });

Deno.test("an index that contains itself, or indexes without end, are refused", async () => {
  const body = (digest: string) => ({ schemaVersion: 2, manifests: [listed(digest, 0)] });
  const sized = (digest: string) => {
    const size = encode(body(digest)).length;
    // The size is a part of what it counts; two rounds settle it.
    const make = (n: number) => ({ schemaVersion: 2, manifests: [listed(digest, n)] });
    return make(encode(make(size)).length);
  };
  const self = { body: sized(DIGEST), type: INDEX, as: DIGEST };
  await rejects(resolveManifest(registryOf({ latest: self, [DIGEST]: self }), "latest", AMD64), /contains itself/);

  const digests = Array.from({ length: 9 }, (_, at) => `sha256:${String(at).repeat(64)}`);
  const chain = Object.fromEntries(
    digests.slice(0, -1).map((digest, at) => [digest, { body: sized(digests[at + 1]!), type: INDEX, as: digest }]),
  );
  await rejects(resolveManifest(registryOf(chain), digests[0]!, AMD64), /nested more than 3 deep/);
});

Deno.test("an index without this platform says which there are", async () => {
  const manifests = [{ ...listed(DIGEST, 1), platform: { os: "linux", architecture: "s390x" } }];
  await rejects(
    resolveManifest(registryOf({ latest: { body: { schemaVersion: 2, manifests }, type: INDEX } }), "latest", AMD64),
    /there is no image for linux\/amd64, only for linux\/s390x/,
  );
});

Deno.test("mutated manifests are read or refused, and never anything else", () => {
  const original = JSON.stringify(image);
  const pieces = [
    "null",
    "-1",
    "1e999",
    '""',
    "{}",
    "[]",
    '"sha256:x"',
    "true",
    '"__proto__":{"a":1},',
    ",",
    "\\u0000",
  ];
  fc.assert(
    fc.property(fc.nat(original.length), fc.nat(12), fc.constantFrom(...pieces), (at, cut, piece) => {
      const text = original.slice(0, at) + piece + original.slice(at + cut);
      try {
        const parsed = parseManifest(encode(text), MANIFEST);
        equal(parsed.kind, "image");
        if (parsed.kind === "image") deepEqual(Object.keys(parsed.manifest.config), ["mediaType", "digest", "size"]);
      } catch (error) {
        equal((error as Error).name, "ManifestError", text);
      }
    }),
    { numRuns: 3000 },
  );
});
