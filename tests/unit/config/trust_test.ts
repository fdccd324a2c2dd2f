import { deepStrictEqual as same, match, rejects, strictEqual as eq } from "node:assert/strict";
import type { ConfigFile } from "../../../src/config/config.ts";
import type { SiloError } from "../../../src/errors.ts";
import { describeWidened, NO_REACH, reachOf, widened } from "../../../src/config/reach.ts";
import { Remembered } from "../../../src/config/remembered.ts";
import { acceptEdit, acceptMoved, type AskTrust, requireTrust } from "../../../src/config/trust.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const widening: ConfigFile = { passEnv: ["TOKEN"], mounts: [{ source: "/a", target: "/b" }] };
const file = (config: ConfigFile, path = "/proj/silo.toml") => ({ key: path, shown: path, reach: reachOf(config) });
const widenings = (config: ConfigFile) => describeWidened(widened(NO_REACH, reachOf(config)));
const never: AskTrust = () => Promise.reject(new Error("asked"));

Deno.test("what widens is named, wherever in the file it stands; what does not is passed over", () => {
  same(widenings({ env: { A: "1" }, resources: { cpus: 8 }, tools: { python: { env: {} } } }), []);
  same(
    widenings({
      ...widening,
      tools: { node: { passEnv: ["X"], mounts: [{ source: "/c", target: "/d", readOnly: true }] } },
    }),
    [
      "sees /a of this machine as /b, and may change it",
      "sees the environment variable TOKEN",
      "sees /c of this machine as /d, read-only (node)",
      "sees the environment variable X (node)",
    ],
  );
});

Deno.test("more memory or disk of the host than a run has anyway is a person's to give", () => {
  same(widenings({ resources: { memoryMB: 2048, rootfsSizeMB: 8192 } }), []);
  same(widenings({ resources: { memoryMB: 2049 }, tools: { node: { resources: { rootfsSizeMB: 100_000 } } } }), [
    "may use 2049 MiB of this machine's memory",
    "may use 100000 MiB of this machine's disk (node)",
  ]);
});

Deno.test("each way into the network, into this machine and to a secret is named", () => {
  same(
    widenings({
      network: {
        allow: ["*.a.com", { host: "git.corp", private: true }],
        installAllow: ["b.com"],
        deny: ["x"],
        hostPorts: [5432],
      },
      ports: ["auto", "8080:80"],
      passSshAgent: true,
      secrets: { T: { from: "env:T", hosts: ["c.com"] } },
    }),
    [
      "reaches *.a.com",
      "reaches git.corp, at a private address too",
      "reaches b.com while it is built",
      "reaches port 5432 of this machine",
      "gets every port it listens on opened on this machine",
      "gets port 8080:80 opened on this machine",
      "may sign with every key of your ssh-agent",
      "sends the secret T (env:T) to c.com",
    ],
  );
});

Deno.test("a source cannot write to the terminal that asks about it", () => {
  const [line] = widenings({ mounts: [{ source: "/a\x1b[2J\n- harmless", target: "/b" }] });

  eq(/\p{Cc}/u.test(line!), false);
});

Deno.test("a file that widens nothing needs nobody", async () => {
  await requireTrust(fakeHost(), file({ env: { A: "1" } }), never);
});

Deno.test("without anybody to ask, a file that widens is refused with what it wants and the remedy", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  await rejects(requireTrust(host, file(widening), undefined), (error: SiloError) => {
    match(error.details!, /TOKEN/);
    match(error.hint!, /silo trust/);
    return true;
  });
});

Deno.test("what was accepted is not asked again, what is new or lies elsewhere is", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  let asked = 0;
  const yes: AskTrust = () => Promise.resolve(++asked > 0);
  await requireTrust(host, file(widening), yes);
  await requireTrust(host, file(widening), never);
  eq(asked, 1);
  await requireTrust(host, file({ passEnv: ["TOKEN"], env: { A: "1" } }), never); // narrower
  await rejects(
    requireTrust(host, file({ ...widening, passEnv: ["TOKEN", "MORE"] }), undefined),
    (error: SiloError) => {
      eq(error.details, "- the sandbox sees the environment variable MORE");
      return true;
    },
  );
  await rejects(
    requireTrust(host, file(widening, "/other/silo.toml"), undefined),
    /has not been accepted/,
  );
});

Deno.test("what a file withholds cannot be taken out of it unseen, though nobody was asked for it", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  await requireTrust(host, file({ mount: { exclude: ["keys"] } }), never);
  await rejects(requireTrust(host, file({}), undefined), (error: SiloError) => {
    eq(error.details, "- the sandbox sees keys of the project again");
    return true;
  });
});

Deno.test("a person's own edit is accepted; what somebody else wrote into the file before waits on", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  const [planted, edited] = [{ passEnv: ["PLANTED"] }, { passEnv: ["PLANTED"], ports: [1] }];
  await acceptEdit(host, "/proj/silo.toml", planted, edited);
  await requireTrust(host, file({ ports: [1] }), never);
  await rejects(requireTrust(host, file(edited), undefined), (error: SiloError) => {
    eq(error.details, "- the sandbox sees the environment variable PLANTED");
    return true;
  });
});

Deno.test("of a file that is made from another what was accepted stays so, and nothing more", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  const [legacy, made] = ["/proj/.siloconf", "/proj/silo.toml"];
  await requireTrust(host, file({ ports: [1], mount: { exclude: ["keys"] } }, legacy), () => Promise.resolve(true));
  await acceptMoved(host, legacy, made, { ports: [1], passEnv: ["PLANTED"] });
  await rejects(
    requireTrust(host, file({ ports: [1], passEnv: ["PLANTED"] }, made), undefined),
    (error: SiloError) => {
      eq(
        error.details,
        "- the sandbox sees the environment variable PLANTED\n- the sandbox sees keys of the project again",
      );
      return true;
    },
  );
  await requireTrust(host, file({ ports: [1], mount: { exclude: ["keys"] } }, made), never);
});

Deno.test("a no is a no, and is not remembered as a yes", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  await rejects(requireTrust(host, file(widening), () => Promise.resolve(false)), /has not been accepted/);
  await rejects(requireTrust(host, file(widening), undefined), /has not been accepted/);
});

Deno.test("consent is taken back, and a failure to do so is not passed over", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  const trusted = new Remembered(host, "trusted");
  await trusted.forget("/proj/silo.toml");
  await trusted.remember("/proj/silo.toml", "d1");
  await trusted.forget("/proj/silo.toml");
  eq(await trusted.has("/proj/silo.toml", "d1"), false);
  await trusted.remember("/proj/silo.toml", "d1");
  const folder = `${directory.path}/state/trusted`;
  const [entry] = [...Deno.readDirSync(folder)];
  Deno.removeSync(`${folder}/${entry!.name}`);
  Deno.mkdirSync(`${folder}/${entry!.name}/full`, { recursive: true });
  await rejects(trusted.forget("/proj/silo.toml"));
});
