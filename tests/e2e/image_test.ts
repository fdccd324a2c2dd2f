/** The image as it was built and the root filesystem as the guest sees it are the same, to the last attribute. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { python, shell, silo, siloEnv } from "./harness.ts";

const home = () => siloEnv().SILO_HOME ?? join(Deno.env.get("HOME")!, ".silo");

Deno.test("the image store is an OCI image layout whose blobs are what their names say", async () => {
  const images = join(home(), "images");
  same(JSON.parse(Deno.readTextFileSync(join(images, "oci-layout"))), { imageLayoutVersion: "1.0.0" });
  const index = JSON.parse(Deno.readTextFileSync(join(images, "index.json")));
  eq(index.schemaVersion, 2);
  ok(index.manifests.length >= 1);
  const { createHash } = await import("node:crypto");
  for (const blob of Deno.readDirSync(join(images, "blobs/sha256"))) {
    if (!/^[0-9a-f]{64}$/.test(blob.name)) continue;
    const hash = createHash("sha256");
    using file = await Deno.open(join(images, "blobs/sha256", blob.name));
    const buffer = new Uint8Array(2 ** 20);
    for (let n; (n = await file.read(buffer)) !== null;) hash.update(buffer.subarray(0, n));
    eq(hash.digest("hex"), blob.name);
  }
});

Deno.test("ownership, modes, hard links and special bits survive the way into the root filesystem", async () => {
  const run = await shell(
    "stat -c '%n %u:%g %a' / /etc/shadow /usr/bin/passwd /tmp /usr/bin/python3 2>/dev/null; " +
      "stat -L -c '%u:%g %a %h' /usr/bin/perl5* 2>/dev/null | head -1; " +
      "find / -xdev -nouser -o -xdev -nogroup 2>/dev/null | grep -v ^/proc | head -3",
  );
  match(run.stdout, /^\/ 0:0 755$/m);
  match(run.stdout, /^\/etc\/shadow 0:42 640$/m); // root:shadow
  match(run.stdout, /^\/usr\/bin\/passwd 0:0 4755$/m); // setuid kept
  match(run.stdout, /^\/tmp 0:0 1777$/m); // sticky kept
});

Deno.test("the packages of the image are whole: dpkg finds nothing changed", async () => {
  const run = await silo(["shell", "--user", "root", "python", "-c", "dpkg --verify 2>&1 | grep -v ' c ' ; echo end"]);
  // What the build leaves out on purpose (documentation, translations) is listed as missing, nothing as changed.
  const changed = run.stdout.split("\n").filter((line) => /^\?\?5|^..5/.test(line));
  same(changed, [], run.stdout + run.stderr);
  match(run.stdout, /^end$/m);
});

Deno.test("the guest has a kernel of its own and the python that was asked for", async () => {
  const run = await python("import os,sys;print(os.uname().release);print(*sys.version_info[:2],sep='.')");
  const [kernel, version] = run.stdout.trim().split("\n");
  ok(kernel !== new TextDecoder().decode(new Deno.Command("uname", { args: ["-r"] }).outputSync().stdout).trim());
  match(version!, /^3\.\d+$/);
});

Deno.test("what a run writes outside its shares is gone with it, and the next one does not see it", async () => {
  const first = await silo([
    "shell",
    "--user",
    "root",
    "python",
    "-c",
    "echo spoiled > /etc/motd; echo x > /usr/bin/evil; cat /etc/motd",
  ]);
  eq(first.stdout, "spoiled\n", first.stderr);
  const second = await shell("cat /etc/motd 2>/dev/null; ls /usr/bin/evil 2>&1");
  ok(!second.stdout.includes("spoiled"));
  match(second.stdout, /No such file/);
});
