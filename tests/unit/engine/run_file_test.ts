/** What runs say about themselves, and which of them a word means. */
import { deepStrictEqual as same, match, ok, strictEqual as eq, throws } from "node:assert/strict";
import { execPlan } from "../../../src/cli/commands/machines/exec.ts";
import { chooseRun, type Run } from "../../../src/cli/commands/machines/find_run.ts";
import { age } from "../../../src/cli/commands/machines/ps.ts";
import { createRunDirectory } from "../../../src/engine/run_directory.ts";
import { announceRun, freeName, runningRuns } from "../../../src/engine/run_file.ts";
import { streamsOf } from "../../../src/engine/exec/messages.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";
import { somePlan } from "./some_plan.ts";

Deno.test("runs have the name of their project and the lowest number that is free, and are gone with their lock", async () => {
  using home = temporaryDirectory();
  const host = fakeHost({ siloHome: home.path, env: {} });
  eq(freeName("my app!", new Set(["my-app-1"])), "my-app-2");
  eq(freeName("--", new Set()), "run-1");
  const plan = {
    ...somePlan(),
    mounts: [{ tag: "workspace", hostPath: "/x/shop", guestPath: "/workspace", readOnly: false }],
  };
  const first = createRunDirectory(host);
  announceRun(host, first.path, plan);
  const second = createRunDirectory(host);
  announceRun(host, second.path, plan);
  const third = createRunDirectory(host); // it has not said anything yet
  const runs = await runningRuns(host);
  same(runs.map(({ name, project, directory }) => [name, project, directory]), [
    ["shop-1", "/x/shop", first.path],
    ["shop-2", "/x/shop", second.path],
  ]);
  ok(first.path.endsWith(runs[0]!.id));
  await first.remove();
  announceRun(host, third.path, plan);
  same((await runningRuns(host)).map(({ name }) => name).sort(), ["shop-1", "shop-2"]);
  await second.remove();
  await third.remove();
  same(await runningRuns(host), []);
});

Deno.test("a word is a run's name, its id, or the beginning of that", () => {
  const runs = [{ id: "aabbccdd", name: "shop-1" }, { id: "aabb0000", name: "shop-2" }] as Run[];
  eq(chooseRun(runs, "shop-2", "end").id, "aabb0000");
  eq(chooseRun(runs, "aabbc", "end").name, "shop-1");
  throws(() => chooseRun(runs, "aabb", "end"), /several sandboxes/);
  throws(() => chooseRun(runs, "shop-3", "end"), /no sandbox of that name runs/);
  throws(() => chooseRun([], "", "end"), /no sandbox/);
});

Deno.test("ages tell as much as tells", () => {
  same([0, 59, 60, 3_599, 3_600, 90_000].map(age), ["0s", "59s", "1m", "59m", "1h 0m", "1d 1h"]);
});

Deno.test("exec has the streams of its caller's own, and refuses what it does not understand", () => {
  const terminals = { stdin: true, stdout: true, stderr: false };
  const { process } = execPlan({ terminals, env: { TERM: "xterm" } }, ["ls", "-l"], { user: "root", env: ["A=b=c"] });
  same(process.argv, ["ls", "-l"]);
  same([process.env, process.root, process.cwd], [["TERM=xterm", "A=b=c"], true, null]);
  same(streamsOf(process.stdio), ["stdin", "stderr", "terminal"]);
  const plan = (options: Parameters<typeof execPlan>[2]) => () => execPlan(fakeHost(), ["x"], options);
  throws(plan({ user: "me" }), /host or root/);
  throws(plan({ user: "host", env: ["1=2"] }), /NAME=VALUE/);
  throws(plan({ user: "host", cwd: "x" }), /absolute path/);
  match(JSON.stringify(execPlan(fakeHost(), ["x"], { user: "host", cwd: "/a" })), /"cwd":"\/a"/);
});
