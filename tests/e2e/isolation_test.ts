/**
 * Issue: a tool sees the project, the declared mounts and the declared variables, and nothing else of the host.
 *
 * Canaries (files, a variable, a process, all with random contents) stand on the host outside of what is declared; the
 * scripts of tests/e2e/isolation look for them from inside a real VM, as the ordinary user and as the guest's root.
 */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { makeHost } from "./isolation/host.ts";
import { lookAround, swapMeanwhile, tryAsRoot } from "./isolation/runs.ts";

Deno.test("planted symlinks are dead in the guest or lead to the guest's own files", async () => {
  const { report } = await lookAround();
  for (const [path, outcome] of Object.entries(report.links)) {
    eq(`${path}: ${outcome}`, `${path}: No such file or directory`);
  }
  ok(report.passwd, "a symlink to /etc/passwd gave another file than the guest's own");
});

Deno.test("no path with .. leads out of the share to the host", async () => {
  const { report } = await lookAround();
  for (const [path, outcome] of Object.entries(report.climbs)) ok(outcome !== "LEAK", `${path} gave the host's file`);
  ok(report.above["is the guest's root"], `.. above /workspace is ${report.above.names}`);
});

Deno.test("no file, name or process of the guest holds anything of the host's canaries", async () => {
  const { report } = await lookAround();
  same(report.found, []);
  ok(report.files > 20, `only ${report.files} files were looked through`);
});

Deno.test("the environment is the declared variables and silo's own, nothing of the host's", async () => {
  const { report, host } = await lookAround();
  eq(report.environment.DECLARED, "declared value");
  eq(report.environment.PASSED, "passed value");
  const text = JSON.stringify(report.environment);
  for (const secret of [...host.canaries, host.home]) ok(!text.includes(secret), `${secret} is in ${text}`);
  // Where the network and the tool's caches are: in the sandbox, by silo's own word.
  const places =
    /^((http|https|all|no)_proxy|(HTTP|HTTPS|ALL|NO)_PROXY|NODE_USE_ENV_PROXY|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|GIT_SSL_CAINFO|CARGO_HTTP_CAINFO|AWS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|DENO_CERT|JAVA_TOOL_OPTIONS|(UV|POETRY)_CACHE_DIR)$/;
  for (const [name, value] of Object.entries(report.environment as Record<string, string>)) {
    if (places.test(name)) {
      match(
        value,
        /^(-Djavax\.net\.ssl\.trustStore=)?(1|http:\/\/127\.0\.0\.1:18018|localhost,[\d.,:]+|\/(run|var\/cache)\/silo\/\S+)$/,
        name,
      );
    }
  }
  const own =
    /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TERM|COLORTERM|TZ|PWD|SHLVL|_|HOSTNAME|TMPDIR|DECLARED|PASSED|SILO\w*|PYTHON\w*|PIP_\w+|SSL_\w+)$/;
  same(Object.keys(report.environment).filter((name) => !own.test(name) && !places.test(name)), []);
});

Deno.test("the host's processes are invisible", async () => {
  const { report } = await lookAround();
  same(report.processes.filter((p: string) => /deno|qemu|silo-helper|systemd/.test(p)), []);
});

Deno.test("the host's name is invisible, the user is the caller's by number only", async () => {
  const { report, host } = await lookAround();
  ok(!report.hostname.includes(Deno.hostname()), `the guest is called ${report.hostname}`);
  same(report.uid.slice(0, 2), [Deno.uid(), Deno.gid()]);
  same(report.uid[2].filter((g: number) => g !== Deno.gid()), [], "groups");
  ok(!report.environment.HOME.startsWith(host.home) || Deno.uid() === 0, `HOME is ${report.environment.HOME}`);
});

Deno.test("only what was declared is mounted from the host", async () => {
  const { report } = await lookAround();
  const shares = report.mounts.filter((m: string[]) =>
    !["proc", "sysfs", "devtmpfs", "tmpfs", "devpts", "mqueue", "cgroup2", "overlay"].includes(m[2]!)
  );
  same(shares.map((m: string[]) => `${m[2]} ${m[1]}`).sort(), [
    "9p /mnt/readonly",
    "9p /mnt/writable",
    "9p /var/cache/silo/project", // python's own cache, this project's alone
    "9p /workspace",
  ]);
});

Deno.test("there is no network device but lo, and no network card on any bus", async () => {
  const { report } = await lookAround();
  same(report.network, ["lo"]);
  same(report.netdev, ["lo"]);
  same(report.routes, []);
  ok(report.virtio.length > 0, "no virtio device at all was found: the look was in the wrong place");
  same(report.virtio.filter((id: string) => id === "0x0001"), []);
  same(report.pci.filter((c: string) => c.startsWith("0x02")), []);
});

Deno.test("declared mounts are there; a read-only one takes no change from the user", async () => {
  const { report, host } = await lookAround();
  eq(report.mounted["/mnt/readonly/file"], "read-only content");
  eq(report.mounted["/mnt/writable/file"], "writable content");
  same(report.written["/mnt/readonly/file"], ["Read-only file system", "Read-only file system"]);
  same(report.written["/mnt/writable/file"], ["ok", "ok"]);
  same(names(host.writable), ["file", "file.new"]);
});

Deno.test("a read-only mount takes no change from the guest's root either, also after a remount", async () => {
  const { report, host } = await tryAsRoot();
  eq(report.uid, 0);
  same(report.unmounted, ["ok", "ok"]);
  const { remount: _, ...tries } = report.readonly;
  for (const [what, outcome] of Object.entries(tries)) ok(outcome !== "ok", `${what} succeeded on a read-only mount`);
  same(names(host.readonly), ["file"]);
  eq(Deno.readTextFileSync(join(host.readonly, "file")), "read-only content");
});

Deno.test("share slots that the guest's root mounts by hand are the declared ones or empty and read-only", async () => {
  const { report, host } = await tryAsRoot();
  const declared = new Set(["share0", "share1"]); // the workspace and the read-only mount
  let empty = 0;
  for (const [slot, seen] of Object.entries<Slot>(report.slots)) {
    if (seen.mount !== "ok") continue;
    same(seen.leaks, [], slot);
    if (declared.has(slot.split(",")[0]!)) continue;
    same(seen.names, [], slot);
    ok(seen.write !== "ok", `${slot} could be written`);
    empty++;
  }
  ok(empty > 0, `no spare slot could be mounted: ${JSON.stringify(report.slots)}`);
  ok(report.slots.share0.names.includes("isolation"), "share0 is not the workspace");
  same(names(host.readonly), ["file"]);
});

Deno.test("the guest's root cannot write the root filesystem image", async () => {
  const { report } = await tryAsRoot();
  const roots = Object.values<Disk>(report.disks).filter((disk) => disk.serial === "root");
  eq(roots.length, 1, JSON.stringify(report.disks));
  eq(roots[0]!["read-only"], "1");
  ok(roots[0]!.write !== "ok", "the image was written");
  ok(roots[0]!["write after unlock"] !== "ok", "the image was written after BLKROSET");
});

Deno.test("nothing else of the host is found by the guest's root, under the mounts or in the image", async () => {
  const { report } = await tryAsRoot();
  same(report.found, []);
  same(report.kernel, []);
  same(report["under workspace"], []);
  for (const [path, outcome] of Object.entries(report.links)) ok(outcome !== "LEAK", `${path} gave the host's file`);
});

Deno.test("device nodes and set-ids that the guest's root makes on the share are nothing on the host", async () => {
  const { report, host } = await tryAsRoot();
  for (const entry of Deno.readDirSync(join(host.project, "special"))) {
    const info = Deno.lstatSync(join(host.project, "special", entry.name));
    ok(!info.isCharDevice && !info.isBlockDevice, `${entry.name} is a device node on the host`);
    // A set-id bit gives the caller's own identity at most, as the caller could do without silo.
    eq(`${entry.name} ${info.uid}:${info.gid}`, `${entry.name} ${Deno.uid()}:${Deno.gid()}`);
  }
  if (Deno.uid() !== 0) {
    ok(report.special["character device"] !== "ok");
    ok(report.special["chown to root"] !== "ok");
    ok(report.special.capability !== "ok");
  }
});

for (const who of ["user", "root"] as const) {
  Deno.test(`paths swapped for symlinks during the run never lead ${who} of the guest out of the share`, async () => {
    const { report, host, swaps } = await swapMeanwhile(who);
    same(report.leaks, []);
    const reads = Object.values<number>(report.seen).reduce((a, b) => a + b, 0);
    ok(reads >= 500 && swaps > 200, `too little was tried: ${reads} looks, ${swaps} swaps`);
    same(host.outsideState(), host.outsideBefore, "the directory outside was changed");
  });
}

Deno.test("the canaries would be found: the look finds one that is put into the project", async () => {
  using host = makeHost();
  Deno.writeTextFileSync(join(host.project, "left-here"), `text ${host.canaries[0]} text`);
  const { report } = await lookAround(host);
  same(report.found, ["/workspace/left-here"]);
});

interface Slot {
  mount: string;
  names: string[];
  leaks: string[];
  write: string;
}

interface Disk {
  serial: string;
  "read-only": string;
  write: string;
  "write after unlock": string;
}

function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
}
