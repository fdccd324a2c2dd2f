/** Pulling from a real registry: every kind of login, both families of media types, mirrors, sharing. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { SiloError } from "../../../src/errors.ts";
import { parseReference } from "../../../src/images/reference.ts";
import { pullImage } from "../../../src/images/registry/pull.ts";
import { startFaultProxy } from "./harness/fault_proxy.ts";
import { startRegistry } from "./harness/registry_server.ts";
import { filledRegistry, quickClock, temporaryDirectory, testHost, testStore } from "./harness/setup.ts";
import { startTokenServer } from "./harness/token_server.ts";

const USER = { username: "ann", password: "s3cret: ü", identity: "identity-of-ann" };
const files = temporaryDirectory();
const data = await filledRegistry(files.path);
addEventListener("unload", () => files[Symbol.dispose]());

function login(host: string, entry: unknown): Record<string, string> {
  const directory = Deno.makeTempDirSync({ dir: files.path });
  Deno.writeTextFileSync(`${directory}/config.json`, JSON.stringify({ auths: { [host]: entry } }));
  return { DOCKER_CONFIG: directory };
}

const password = (user = USER) => ({
  auth: new TextEncoder().encode(`${user.username}:${user.password}`).toBase64(),
});

for (const repository of ["tool", "docker"]) {
  Deno.test(`pull stores and names team/${repository}, whose blobs are what their names say`, async () => {
    using home = temporaryDirectory();
    await using registry = await startRegistry(data);
    const store = testStore(home.path);
    const events: { done?: number; total?: number }[] = [];
    const image = await pullImage(
      testHost(home.path),
      store,
      parseReference(`${registry.host}/team/${repository}:1`),
      { progress: (event) => events.push(event) },
    );
    equal(image.manifest.layers.length, 3);
    deepEqual(image.config.config?.Entrypoint, ["/bin/tool"]);
    deepEqual(await store.references(), [`${registry.host}/team/${repository}:1`]);
    equal((await store.resolve(image.reference))?.digest, image.digest);
    for (const { name } of Deno.readDirSync(`${store.directory}/blobs/sha256`)) {
      const bytes = await Deno.readFile(`${store.directory}/blobs/sha256/${name}`);
      equal(createHash("sha256").update(bytes).digest("hex"), name);
    }
    const last = events.at(-1)!;
    equal(last.done, last.total);
    equal(last.total, image.manifest.layers.reduce((sum, { size }) => sum + size, 0));
    const partial = [...Deno.readDirSync(`${store.directory}/partial`)].filter(({ name }) => !name.endsWith(".lock"));
    deepEqual(partial, []);
  });
}

Deno.test("pull by digest gets that very manifest", async () => {
  using home = temporaryDirectory();
  await using registry = await startRegistry(data);
  const store = testStore(home.path);
  const host = testHost(home.path);
  const { digest } = await pullImage(host, store, parseReference(`${registry.host}/team/tool:1`));
  const again = await pullImage(host, store, parseReference(`${registry.host}/team/tool@${digest}`));
  equal(again.digest, digest);
  equal(again.reference, `${registry.host}/team/tool@${digest}`);
});

Deno.test("pull logs in with basic authentication from Docker's config.json", async () => {
  using home = temporaryDirectory();
  await using registry = await startRegistry(data, { kind: "basic", ...USER });
  const host = testHost(home.path, login(registry.host, password()));
  const image = await pullImage(host, testStore(home.path), parseReference(`${registry.host}/team/tool:1`));
  equal(image.manifest.layers.length, 3);
});

Deno.test("pull without a login, and with a wrong one, says what to do and does not try again", async () => {
  using home = temporaryDirectory();
  await using registry = await startRegistry(data, { kind: "basic", ...USER });
  const reference = parseReference(`${registry.host}/team/tool:1`);
  const clock = quickClock();
  await rejects(pullImage(testHost(home.path), testStore(home.path), reference, { clock }), (error: SiloError) => {
    match(error.message, /^could not pull 127\.0\.0\.1:\d+\/team\/tool:1: 127.* asks for a login/);
    match(error.hint!, /docker login 127\.0\.0\.1:\d+/);
    return true;
  });
  const env = login(registry.host, password({ ...USER, password: "wrong" }));
  await rejects(pullImage(testHost(home.path, env), testStore(home.path), reference, { clock }), (error: SiloError) => {
    match(error.message, /refuses the login from .*config\.json/);
    ok(!error.message.includes("wrong"), "no secret in a message");
    return true;
  });
  deepEqual(clock.waits, []);
});

Deno.test("pull gets a token with a password, with an identity token, and anonymously", async (t) => {
  for (
    const [name, entry, method] of [
      ["a password", password(), "GET"],
      ["an identity token", { identitytoken: USER.identity }, "POST"],
      ["nothing", undefined, "GET"],
    ] as const
  ) {
    await t.step(name, async () => {
      using home = temporaryDirectory();
      await using tokens = await startTokenServer(USER, entry === undefined);
      const { realm, service, certificate } = tokens;
      await using registry = await startRegistry(data, { kind: "token", realm, service, certificate });
      const env = entry === undefined ? {} : login(registry.host, entry);
      const image = await pullImage(
        testHost(home.path, env),
        testStore(home.path),
        parseReference(`${registry.host}/team/tool:1`),
      );
      equal(image.manifest.layers.length, 3);
      equal(tokens.requests.length, 1, "one token does for the manifest and all layers");
      const [request] = tokens.requests;
      equal(request!.method, method);
      match(`${request!.query}&${request!.body}`, /scope=repository%3Ateam%2Ftool%3Apull(&|$)/);
    });
  }
});

Deno.test("pull gets a new token when the old one has run out", async () => {
  using home = temporaryDirectory();
  await using tokens = await startTokenServer(USER);
  tokens.life = 1; // is replaced before each request, as it ends within the margin
  const { realm, service, certificate } = tokens;
  await using registry = await startRegistry(data, { kind: "token", realm, service, certificate });
  let now = Date.now();
  const clock = { ...quickClock(), now: () => now += 60_000 };
  const host = testHost(home.path, login(registry.host, password()));
  await pullImage(host, testStore(home.path), parseReference(`${registry.host}/team/tool:1`), { clock });
  ok(tokens.requests.length > 1);
});

Deno.test("a login that the token server refuses is reported with its origin", async () => {
  using home = temporaryDirectory();
  await using tokens = await startTokenServer(USER);
  const { realm, service, certificate } = tokens;
  await using registry = await startRegistry(data, { kind: "token", realm, service, certificate });
  const host = testHost(home.path, login(registry.host, password({ ...USER, password: "no" })));
  await rejects(
    pullImage(host, testStore(home.path), parseReference(`${registry.host}/team/tool:1`)),
    /refuses the login from .*config\.json.* 401/,
  );
});

Deno.test("a mirror is asked first, and the registry when the mirror fails", async () => {
  using home = temporaryDirectory();
  await using registry = await startRegistry(data);
  await using mirror = await startRegistry(data);
  await using broken = startFaultProxy(mirror.host);
  await using counted = startFaultProxy(registry.host);
  const reference = parseReference(`${counted.host}/team/tool:1`);
  const pull = (mirrors: string[], path: string) =>
    pullImage(testHost(home.path), testStore(path), reference, { settings: { mirrors: { [counted.host]: mirrors } } });

  await pull([mirror.host], `${home.path}/a`);
  deepEqual(counted.seen, [], "the mirror had everything");

  // The mirror has the manifest, and one of its layers is damaged: the registry itself mends that.
  broken.rule = ({ path }) => path.includes("/blobs/") ? { kind: "corrupt", at: 10 } : undefined;
  await pull([broken.host], `${home.path}/b`);
  broken.rule = ({ path }) => path.includes("/blobs/") ? { kind: "answer", status: 500 } : undefined;
  await pull([broken.host], `${home.path}/c`);
  broken.rule = () => ({ kind: "drop" });
  await pull([broken.host], `${home.path}/d`);
  ok(counted.seen.length > 0);
});

Deno.test("several pulls of one image at once load every blob once", async () => {
  using home = temporaryDirectory();
  await using registry = await startRegistry(data);
  await using proxy = startFaultProxy(registry.host);
  const store = testStore(home.path);
  const reference = parseReference(`${proxy.host}/team/tool:1`);
  const images = await Promise.all([1, 2, 3].map(() => pullImage(testHost(home.path), store, reference)));
  equal(new Set(images.map(({ digest }) => digest)).size, 1);
  const blobs = proxy.seen.map(({ path }) => path).filter((path) => path.includes("/blobs/"));
  equal(blobs.length, new Set(blobs).size, blobs.join("\n"));
});

Deno.test("an image for another platform is refused", async () => {
  using home = temporaryDirectory();
  await using registry = await startRegistry(data);
  const host = { ...testHost(home.path), architecture: "arm64" as const };
  await rejects(
    pullImage(host, testStore(home.path), parseReference(`${registry.host}/team/tool:1`)),
    /is for linux\/amd64, and this host runs linux\/arm64/,
  );
});
