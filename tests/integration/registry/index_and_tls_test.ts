/** Indexes of several platforms and TLS, with a real registry; and what was pulled saved again. */
import { equal, match, ok } from "node:assert/strict";
import { parseReference } from "../../../src/images/reference.ts";
import { pullImage } from "../../../src/images/registry/pull.ts";
import { saveImage } from "../../../src/images/save.ts";
import { runProgram } from "./harness/packages.ts";
import { startRegistry } from "./harness/registry_server.ts";
import { filledRegistry, temporaryDirectory, testHost, testStore } from "./harness/setup.ts";

const files = temporaryDirectory();
const data = await filledRegistry(files.path);
addEventListener("unload", () => files[Symbol.dispose]());
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** Puts an index that lists `team/tool:1` for one platform, and a manifest that is not there for another. */
async function putIndex(host: string, tag: string, architecture: string, mediaType: string): Promise<string> {
  const url = `http://${host}/v2/team/tool/manifests`;
  const answer = await fetch(`${url}/1`, { headers: { accept: MANIFEST } });
  const digest = answer.headers.get("docker-content-digest")!;
  const size = (await answer.bytes()).length;
  const manifests = [
    { mediaType: MANIFEST, digest, size, platform: { os: "unknown", architecture: "unknown" } },
    { mediaType: MANIFEST, digest, size, platform: { os: "linux", architecture } },
  ];
  const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
  const put = await fetch(`${url}/${tag}`, { method: "PUT", body, headers: { "content-type": mediaType } });
  equal(put.status, 201, await put.text());
  return digest;
}

for (
  const mediaType of [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
  ]
) {
  Deno.test(`the image for this platform is taken out of ${mediaType}`, async () => {
    using home = temporaryDirectory();
    await using registry = await startRegistry(data);
    const digest = await putIndex(registry.host, "multi", "amd64", mediaType);
    const pull = (tag: string) =>
      pullImage(testHost(home.path), testStore(home.path), parseReference(`${registry.host}/team/tool:${tag}`));
    equal((await pull("multi")).digest, digest);
    await putIndex(registry.host, "other", "s390x", mediaType);
    let failure: unknown;
    await pull("other").catch((error) => failure = error);
    match((failure as Error).message, /there is no image for linux\/amd64, only for linux\/s390x/);
  });
}

Deno.test("a pulled image with Docker's media types is saved as skopeo accepts it", async () => {
  using home = temporaryDirectory();
  await using registry = await startRegistry(data);
  const store = testStore(home.path);
  const image = await pullImage(testHost(home.path), store, parseReference(`${registry.host}/team/docker:1`));
  await saveImage(store, image, `${home.path}/saved.tar`);
  await runProgram("skopeo", [
    "--insecure-policy",
    "copy",
    `oci-archive:${home.path}/saved.tar`,
    `dir:${home.path}/dir`,
  ]);
});

Deno.test("TLS: an unknown authority is refused, even on loopback, and a known one is not", async () => {
  using home = temporaryDirectory();
  const [key, certificate] = [`${home.path}/key.pem`, `${home.path}/certificate.pem`];
  const names = [
    "-subj",
    "/CN=silo test",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-addext",
    "basicConstraints=CA:FALSE",
  ];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  await runProgram("openssl", ["req", "-x509", ...curve, "-keyout", key, "-out", certificate, ...names]);
  await using registry = await startRegistry(data, { kind: "none" }, { certificate, key });
  const main = new URL("harness/pull_main.ts", import.meta.url).pathname;
  const pull = (env: Record<string, string>) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", main, home.path, `${registry.host}/team/tool:1`],
      env,
    }).output();
  const refused = await pull({});
  equal(refused.success, false);
  match(new TextDecoder().decode(refused.stderr), /no connection to 127\.0\.0\.1:\d+: .*certificate/i);
  const accepted = await pull({ DENO_CERT: certificate });
  ok(accepted.success, new TextDecoder().decode(accepted.stderr));
});
