import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { noteProject } from "../../../src/bakes/projects.ts";
import { useFile } from "../../../src/cache/in_use.ts";
import { ownerDirectory } from "../../../src/cache/tool_caches.ts";
import { collectEntries, collectToolCaches } from "../../../src/disk/collect.ts";
import { collectAtEnd } from "../../../src/disk/collect_at_end.ts";
import { diskEntries } from "../../../src/disk/entries.ts";
import { limitsOf } from "../../../src/disk/limits.ts";
import { cleanProject, projectStates } from "../../../src/disk/project_state.ts";
import { cacheClean } from "../../../src/cli/commands/cache/clean.ts";
import { isThere } from "../../../src/is_there.ts";
import { DAY_MS, makeEntry, makeHome } from "./support.ts";

const limits = limitsOf({ rootfs: { maxSizeMB: 1, maxAgeDays: 60 } });

Deno.test("what is too old goes, then what was unused longest, and a dry run tells the same and does nothing", async () => {
  using home = makeHome();
  const { siloHome } = home.host;
  const old = makeEntry(siloHome, "rootfs", "1", 64, 61);
  const long = makeEntry(siloHome, "bakes", "2", 640, 3);
  const fresh = makeEntry(siloHome, "rootfs", "3", 640, 0);
  Deno.mkdirSync(`${siloHome}/snapshots/abc`, { recursive: true });
  const dry = await collectEntries(home.host, limits, { dryRun: true });
  deepStrictEqual(dry.map(({ entry, why }) => [entry.path, why]), [[old, "age"], [long, "size"]]);
  ok([old, long, fresh].every(isThere));
  const real = await collectEntries(home.host, limits, { dryRun: false });
  deepStrictEqual(real.map(({ entry }) => entry.path), [old, long]);
  deepStrictEqual([old, `${old}.json`, long, fresh, `${fresh}.json`].map(isThere), [false, false, false, true, true]);
});

Deno.test("an entry that a run has stays", async () => {
  using home = makeHome();
  const old = makeEntry(home.host.siloHome, "rootfs", "1", 64, 61);
  {
    using _run = useFile(old);
    const [collected] = await collectEntries(home.host, limits, { dryRun: false });
    ok(collected!.isUsed && isThere(old));
  }
  await collectEntries(home.host, limits, { dryRun: false });
  ok(!isThere(old));
});

Deno.test("a run looks after the caches once a day", async () => {
  using home = makeHome();
  const first = makeEntry(home.host.siloHome, "rootfs", "1", 64, 61);
  await collectAtEnd(home.host);
  ok(!isThere(first));
  const second = makeEntry(home.host.siloHome, "rootfs", "2", 64, 61);
  await collectAtEnd(home.host);
  ok(isThere(second), "not again on the same day");
  await collectAtEnd({ ...home.host, now: () => Date.now() + 2 * DAY_MS });
  ok(!isThere(second));
});

Deno.test("old files of a tool's cache go, links are not followed, and a cache that a run has stays", async () => {
  using home = makeHome();
  const { path, lock } = ownerDirectory(home.host, "python", "p");
  Deno.mkdirSync(`${path}/pip/deep`, { recursive: true });
  const outside = `${home.root}/outside`;
  Deno.writeTextFileSync(outside, "mine");
  const [old, fresh, link] = [`${path}/pip/deep/old`, `${path}/pip/fresh`, `${path}/pip/link`];
  Deno.writeTextFileSync(old, "x");
  Deno.writeTextFileSync(fresh, "x");
  Deno.symlinkSync(home.root, link);
  Deno.writeTextFileSync(lock, "");
  const then = new Date(Date.now() - 31 * DAY_MS);
  Deno.utimeSync(old, then, then);
  {
    using _run = useFile(lock);
    deepStrictEqual(await collectToolCaches(home.host, limitsOf({}), false), []);
  }
  strictEqual((await collectToolCaches(home.host, limitsOf({}), false))[0]!.files, 1);
  deepStrictEqual([old, `${path}/pip/deep`, fresh, link, outside].map(isThere), [false, false, true, true, true]);
});

Deno.test("a build goes with the last project that needs it, and a project that is gone needs none", async () => {
  using home = makeHome();
  const { host } = home;
  const build = makeEntry(host.siloHome, "bakes", "a", 64, 0);
  const [one, two] = [`${home.root}/one`, `${home.root}/two`];
  for (const path of [one, two]) {
    Deno.mkdirSync(path);
    await noteProject(host, path, { tool: "python", bake: "a".repeat(64) });
  }
  deepStrictEqual((await diskEntries(host))[0]!.users, [one, two]);
  const request = { caches: true, builds: true, force: false, dryRun: false };
  const stateOf = async (path: string) => (await projectStates(host)).find((it) => it.path === path)!;
  strictEqual((await cleanProject(host, await stateOf(one), request))[0]!.result, "shared");
  ok(isThere(build));
  Deno.removeSync(two);
  const state = await stateOf(two);
  ok(state.isOrphaned);
  strictEqual((await cleanProject(host, state, request))[0]!.result, "removed");
  ok(!isThere(build));
  deepStrictEqual(await projectStates(host), []);
});

Deno.test("cleaning all caches leaves what a definition keeps: logins, and programs that were installed", async () => {
  using home = makeHome();
  const { path, lock } = ownerDirectory(home.host, "rust", "project");
  for (const name of ["cargo", "programs"]) {
    Deno.mkdirSync(`${path}/${name}`, { recursive: true });
    Deno.writeTextFileSync(`${path}/${name}/file`, "x");
  }
  Deno.writeTextFileSync(lock, "");
  await cacheClean({ ...home.host, verbosity: "quiet" }, { all: true });
  deepStrictEqual(["cargo", "programs"].map((name) => isThere(`${path}/${name}`)), [false, true]);
});
