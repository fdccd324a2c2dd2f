/** Pinning Apple's init image, against a real registry. */
import { deepStrictEqual as same, equal as eq, rejects } from "node:assert/strict";
import { pinInit } from "../../../scripts/releasing/pin_init.ts";
import { makeImage, pushImage } from "../registry/harness/images.ts";
import { startRegistry } from "../registry/harness/registry_server.ts";
import { temporaryDirectory, testHost } from "../registry/harness/setup.ts";

Deno.test("an init image is pinned to what its registry gives, by its version; a registry that is silent changes nothing", async () => {
  using files = temporaryDirectory();
  const pins = `${files.path}/pins.json`;
  Deno.writeTextFileSync(pins, `{ "before": "sha256:0" }`);
  const layout = `${files.path}/layout`;
  await makeImage(layout, "vminit", [{ write: { "sbin/vminitd": "init" } }]);
  const host = testHost(files.path);
  const reference = await (async () => {
    await using registry = await startRegistry(`${files.path}/data`);
    const reference = `${registry.host}/apple/vminit:0.40.2`;
    await rejects(pinInit(host, { reference }, pins), /0\.40\.2/);
    same(JSON.parse(Deno.readTextFileSync(pins)), { before: "sha256:0" });
    await pushImage(layout, "vminit", reference);
    const digest = await pinInit(host, { reference }, pins);
    same(JSON.parse(Deno.readTextFileSync(pins)), { [reference]: digest });
    const answer = await fetch(`http://${registry.host}/v2/apple/vminit/manifests/0.40.2`, {
      headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    await answer.body?.cancel();
    eq(digest, answer.headers.get("docker-content-digest"));
    return reference;
  })();
  const kept = Deno.readTextFileSync(pins);
  await rejects(pinInit(host, { reference }, pins), /could not/);
  eq(Deno.readTextFileSync(pins), kept);
});
