/** What breaks between silo and a registry: the right retry, or one clear error, and nothing trusted that is not whole. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { SiloError } from "../../../src/errors.ts";
import { parseReference } from "../../../src/images/reference.ts";
import { realTransport } from "../../../src/images/registry/transport.ts";
import { pullImage, type PullOptions } from "../../../src/images/registry/pull.ts";
import { type Fault, type FaultRule, startFaultProxy } from "./harness/fault_proxy.ts";
import { startRegistry } from "./harness/registry_server.ts";
import { filledRegistry, quickClock, temporaryDirectory, testHost, testStore } from "./harness/setup.ts";

const files = temporaryDirectory();
const data = await filledRegistry(files.path);
addEventListener("unload", () => files[Symbol.dispose]());

const configDigest = await (async () => {
  await using registry = await startRegistry(data);
  const accept = "application/vnd.oci.image.manifest.v1+json";
  const answer = await fetch(`http://${registry.host}/v2/team/tool/manifests/1`, { headers: { accept } });
  return (await answer.json()).config.digest as string;
})();

const isBlob = (path: string) => path.includes("/blobs/");
const isManifest = (path: string) => path.includes("/manifests/");

/** Pulls through a proxy with that rule into an empty store. */
async function pullThrough(rule: FaultRule, options: PullOptions = {}, storePath?: string) {
  using home = temporaryDirectory();
  await using registry = await startRegistry(data);
  await using proxy = startFaultProxy(registry.host);
  proxy.rule = rule;
  const clock = quickClock();
  const store = testStore(storePath ?? home.path);
  const notes: string[] = [];
  const progress: PullOptions["progress"] = ({ phase }) => phase === "download" || notes.push(phase);
  const reference = parseReference(`${proxy.host}/team/tool:1`);
  const pulled = pullImage(testHost(home.path), store, reference, { clock, progress, ...options });
  const outcome = await pulled.then(
    (image) => ({ image, error: undefined }),
    (error: unknown) => ({ image: undefined, error }),
  );
  const blobs = trusted(store.directory);
  return { ...outcome, clock, notes, seen: proxy.seen, blobs, references: await store.references() };
}

function trusted(directory: string): string[] {
  try {
    return [...Deno.readDirSync(`${directory}/blobs/sha256`)].map(({ name }) => name);
  } catch {
    return [];
  }
}

/** The fault for the first `times` requests of each path that `which` chooses. */
const first = (times: number, which: (path: string) => boolean, fault: Fault): FaultRule => ({ path }, nth) =>
  which(path) && nth <= times ? fault : undefined;

for (
  const [name, rule, waits] of [
    ["a dropped manifest", first(2, isManifest, { kind: "drop" }), 2],
    ["a truncated manifest", first(1, isManifest, { kind: "truncate", bytes: 100 }), 1],
    ["500, then an answer", first(2, isManifest, { kind: "answer", status: 500 }), 2],
    ["502 for blobs", first(1, isBlob, { kind: "answer", status: 502 }), 4],
    ["blobs that are dropped", first(2, isBlob, { kind: "drop" }), 8],
    ["a delay", first(1, isManifest, { kind: "delay", ms: 100 }), 0],
    ["a damaged blob, once", first(1, isBlob, { kind: "corrupt", at: 50 }), 0],
    ["a damaged manifest, once", first(1, isManifest, { kind: "corrupt", at: 50 }), 0],
  ] as const
) {
  Deno.test(`pull survives ${name}`, async () => {
    const { image, error, clock } = await pullThrough(rule);
    equal(error, undefined);
    equal(image?.manifest.layers.length, 3);
    equal(clock.waits.length, waits);
  });
}

Deno.test("a broken blob is resumed by a range from where it stopped", async () => {
  const { error, seen, clock } = await pullThrough(({ path }, nth) => {
    return isBlob(path) && nth <= 2 ? { kind: "truncate", bytes: 400_000 } : undefined;
  });
  equal(error, undefined);
  const ranges = seen.map(({ headers }) => headers.get("range")).filter((range) => range !== null);
  ok(ranges.includes("bytes=400000-") && ranges.includes("bytes=800000-"), ranges.join());
  ok(clock.waits.every((wait) => wait >= 250 && wait <= 1000), clock.waits.join());
});

Deno.test("a server without ranges is read again from the start, to the same bytes", async () => {
  const { error, references } = await pullThrough(({ path }, nth) => {
    if (!isBlob(path)) return undefined;
    return nth === 1 ? { kind: "truncate", bytes: 400_000 } : { kind: "no-ranges" };
  });
  equal(error, undefined);
  equal(references.length, 1);
});

Deno.test("a connection that stays silent is given up and resumed", async () => {
  const transport = { ...realTransport({}), stallMs: 300 };
  const { error, notes } = await pullThrough(first(1, isBlob, { kind: "stall", bytes: 5000 }), { transport });
  equal(error, undefined);
  ok(notes.some((note) => note.includes("nothing came for too long")), notes.join());
});

Deno.test("429 is waited out as long as Retry-After says", async () => {
  const { error, clock } = await pullThrough(
    first(1, isManifest, { kind: "answer", status: 429, headers: { "retry-after": "7" } }),
  );
  equal(error, undefined);
  deepEqual(clock.waits, [7000]);
});

Deno.test("429 that asks for too long a wait is reported at once, with the time", async () => {
  const { error, clock } = await pullThrough(
    first(99, isManifest, { kind: "answer", status: 429, headers: { "retry-after": "3600" } }),
  );
  deepEqual(clock.waits, []);
  match((error as SiloError).message, /429: too many requests/);
  match((error as SiloError).hint!, /Wait 3600 s/);
});

const body = JSON.stringify({ errors: [{ code: "DENIED", message: "the plan\u001b[31m has ended" }] });
for (
  const [status, message, hint, tries] of [
    [401, /asks for a login/, /docker login/, 1],
    [403, /answered 403 \(DENIED: the plan/, /that you may read it/, 1],
    [404, /answered 404.* there is no such image or tag/, /name and the tag/, 1],
    [429, /too many requests/, /Wait/, 5],
    [500, /answered 500.* again and again/, /Try again later/, 5],
    [503, /answered 503/, /Try again later/, 5],
  ] as const
) {
  Deno.test(`${status} for ever is one error after ${tries} tries, and leaves nothing`, async () => {
    const headers = { "www-authenticate": 'Basic realm="x"' };
    const { error, seen, blobs, references } = await pullThrough(
      ({ path }) => isManifest(path) ? { kind: "answer", status, body, headers } : undefined,
    );
    ok(error instanceof SiloError);
    match(error.message, /^could not pull 127\.0\.0\.1:\d+\/team\/tool:1: /);
    match(error.message, message);
    match(error.hint!, hint);
    equal(seen.filter(({ path }) => isManifest(path)).length, tries);
    deepEqual([blobs, references], [[], []]);
  });
}

for (
  const [name, fault, message] of [
    ["damaged", { kind: "corrupt", at: 9 }, /arrives damaged/],
    ["dropped", { kind: "drop" }, /no connection to 127/],
    ["cut off", { kind: "truncate", bytes: 10 }, /no connection to 127/],
    ["too long", { kind: "longer", bytes: 4096 }, /is longer than the \d+ bytes announced/],
    ["missing", { kind: "answer", status: 404 }, /404/],
    ["forbidden", { kind: "answer", status: 403 }, /403/],
  ] as const
) {
  Deno.test(`a layer that is ${name} for ever ends the pull, and the image has no name`, async () => {
    const { error, references, blobs } = await pullThrough(({ path }) => {
      // The configuration passes: it is the first blob that is asked for.
      return isBlob(path) && !path.endsWith(configDigest) ? fault : undefined;
    });
    ok(error instanceof SiloError, String(error));
    match(error.message, message);
    deepEqual(references, []);
    deepEqual(blobs, [configDigest.slice("sha256:".length)], "no layer is trusted");
  });
}

Deno.test("a killed pull leaves nothing that is trusted, and the next one goes on with it", async () => {
  using home = temporaryDirectory();
  await using registry = await startRegistry(data);
  await using proxy = startFaultProxy(registry.host);
  proxy.rule = ({ path }) =>
    isBlob(path) && !path.endsWith(configDigest) ? { kind: "stall", bytes: 600_000 } : undefined;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-all",
      new URL("harness/pull_main.ts", import.meta.url).pathname,
      home.path,
      `${proxy.host}/team/tool:1`,
    ],
    stdout: "piped",
  }).spawn();
  // It says when all three layers have stopped.
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; !text.includes("1800000");) {
    const { done, value } = await lines.read();
    if (done) throw new Error(`the pull ended by itself: ${text}`);
    text += value;
  }
  child.kill("SIGKILL");
  await child.status;
  await lines.cancel();
  const store = testStore(home.path);
  deepEqual(await store.references(), []);
  deepEqual(trusted(store.directory), [configDigest.slice("sha256:".length)]);

  proxy.rule = () => undefined;
  const before = proxy.seen.length;
  await pullImage(testHost(home.path), store, parseReference(`${proxy.host}/team/tool:1`));
  const layers = proxy.seen.slice(before).filter(({ path }) => isBlob(path));
  deepEqual(layers.map(({ headers }) => headers.get("range")), Array(3).fill("bytes=600000-"));
});

Deno.test("pulls in two processes load every blob once", async () => {
  using home = temporaryDirectory();
  await using registry = await startRegistry(data);
  await using proxy = startFaultProxy(registry.host);
  proxy.rule = ({ path }) => isBlob(path) ? { kind: "delay", ms: 200 } : undefined;
  const main = new URL("harness/pull_main.ts", import.meta.url).pathname;
  const results = await Promise.all([1, 2].map(() =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", main, home.path, `${proxy.host}/team/tool:1`],
    }).output()
  ));
  for (const { success, stderr } of results) ok(success, new TextDecoder().decode(stderr));
  const blobs = proxy.seen.map(({ path }) => path).filter(isBlob);
  equal(blobs.length, new Set(blobs).size, blobs.join("\n"));
});

Deno.test("a pull that is called off stops at once and keeps what it has", async () => {
  const abort = new AbortController();
  const reason = new Error("called off");
  using home = temporaryDirectory();
  const { error } = await pullThrough(
    first(1, (path) => isBlob(path) && !path.endsWith(configDigest), { kind: "stall", bytes: 100_000 }),
    {
      signal: abort.signal,
      progress: ({ done }) => {
        if ((done ?? 0) >= 100_000) abort.abort(reason);
      },
    },
    home.path,
  );
  equal(error, reason);
  ok([...Deno.readDirSync(`${home.path}/images/partial`)].some(({ name }) => !name.endsWith(".lock")));
});

Deno.test("nobody at the address is one error that says so", async () => {
  using home = temporaryDirectory();
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr as Deno.NetAddr;
  closed.close();
  const clock = quickClock();
  await rejects(
    pullImage(testHost(home.path), testStore(home.path), parseReference(`127.0.0.1:${port}/a/b`), { clock }),
    /no connection to 127\.0\.0\.1:\d+: .*refused/i,
  );
});
