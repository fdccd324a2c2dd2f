/**
 * What a Mac's machine needs, got by the real code on whatever this host is: the kernel from a server of files that
 * breaks off and lies, the init image from a real registry, its file system by the real helper.
 */
import { deepStrictEqual as same, equal as eq, match, ok, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { runCommand } from "../../../src/debian/run_command.ts";
import { silent } from "../../../src/debian/progress.ts";
import { ensureMke2fs } from "../../../src/debian/toolbox/e2fsprogs.ts";
import { SiloError } from "../../../src/errors.ts";
import { type Host, realHost } from "../../../src/host.ts";
import type { CreateRootfs } from "../../../src/images/image_rootfs.ts";
import type { AppleSources } from "../../../src/machine/apple/sources.ts";
import { ensureMachine } from "../../../src/machine/ensure_machine.ts";
import { readMachine } from "../../../src/machine/machine_file.ts";
import { withRootfsHelper } from "../../../src/tools/rootfs_helper.ts";
import { startFaultProxy } from "../registry/harness/fault_proxy.ts";
import { makeImage, noise, pushImage } from "../registry/harness/images.ts";
import { type RegistryServer, startRegistry } from "../registry/harness/registry_server.ts";
import { temporaryDirectory, testHost } from "../registry/harness/setup.ts";

const ROOT = decodeURIComponent(new URL("../../..", import.meta.url).pathname).replace(/\/$/, "");
const MEMBER = "opt/kata/share/kata-containers/vmlinux-6.18.15-186";
const HELPER = `${ROOT}/build/silo-helper`;

const files = temporaryDirectory();
addEventListener("unload", () => files[Symbol.dispose]());
const kernel = noise(3_000_000, 7);
const archive = await kataArchive(files.path);
const sha256 = createHash("sha256").update(archive).digest("hex");
const mke2fs = await ensureMke2fs(realHost());

async function kataArchive(directory: string): Promise<Uint8Array> {
  const root = `${directory}/kata`;
  Deno.mkdirSync(`${root}/${MEMBER.slice(0, MEMBER.lastIndexOf("/"))}`, { recursive: true });
  Deno.writeFileSync(`${root}/${MEMBER}`, kernel);
  Deno.symlinkSync("vmlinux-6.18.15-186", `${root}/opt/kata/share/kata-containers/vmlinux.container`);
  Deno.writeFileSync(`${root}/opt/kata/other`, noise(500_000, 8));
  await runCommand(["tar", "-C", root, "-cf", `${directory}/kata.tar`, "./opt"], { doing: "pack" });
  return zstdCompressSync(Deno.readFileSync(`${directory}/kata.tar`));
}

/** A server of one file that knows ranges. */
function serveArchive(content: Uint8Array = archive) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? NaN);
    if (Number.isNaN(from)) return new Response(content as Uint8Array<ArrayBuffer>);
    if (from >= content.length) return new Response(null, { status: 416 });
    const headers = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
    return new Response(content.slice(from) as Uint8Array<ArrayBuffer>, { status: 206, headers });
  });
  return { host: `127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function withVminit(): Promise<RegistryServer & { readonly digest: string }> {
  const data = `${files.path}/data`;
  const registry = await startRegistry(data);
  const layout = `${files.path}/layout`;
  if (!Deno.readDirSync(files.path).some(({ name }) => name === "layout")) {
    await makeImage(layout, "vminit", [{ write: { "sbin/vminitd": "init", "sbin/vmexec": "exec" } }]);
    await pushImage(layout, "vminit", `${registry.host}/apple/vminit:0.40.2`);
  }
  const answer = await fetch(`http://${registry.host}/v2/apple/vminit/manifests/0.40.2`, {
    headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
  });
  await answer.body?.cancel();
  return { ...registry, digest: answer.headers.get("docker-content-digest")! };
}

/** Of a Mac, with a home of its own; only how a file system is made is this host's. */
function mac(home: string, env: Record<string, string> = {}): Host {
  return { ...testHost(home, env), platform: "macos" };
}

const create: CreateRootfs = (request) =>
  withRootfsHelper(
    realHost(),
    { helper: HELPER, linux: { mke2fs, qemu: [], scratch: { template: "", sizeMiB: 0 } } },
    silent,
    (make) => make(request),
  );

function sources(from: string, registry: string, digest?: string): AppleSources {
  return {
    kernel: {
      name: "kata-test",
      url: `http://${from}/kata.tar.zst`,
      sha256,
      maxBytes: archive.length + 10,
      member: MEMBER,
      release: "6.18.15",
    },
    init: { reference: `${registry}/apple/vminit:0.40.2`, digest, sizeMiB: 64 },
    registries: {},
    create,
  };
}

const programs = { helper: HELPER, guest: `${ROOT}/build/silo-guest` };

Deno.test("a Mac's machine is got once, by sums that are pinned", async () => {
  using home = temporaryDirectory();
  const host = mac(home.path);
  const phases = new Set<string>();
  const { machine, from } = await (async () => {
    await using server = serveArchive();
    await using registry = await withVminit();
    const from = sources(server.host, registry.host, registry.digest);
    return { from, machine: await ensureMachine(host, programs, ({ phase }) => phases.add(phase), from) };
  })();
  eq(machine.linux, undefined);
  eq(machine.kernel.release, "6.18.15");
  ok(Deno.readFileSync(machine.kernel.path).every((byte, at) => byte === kernel[at]));
  const debugfs = [...mke2fs.slice(0, -1), mke2fs.at(-1)!.replace(/mke2fs$/, "debugfs")];
  eq(await runCommand([...debugfs, "-R", "cat /sbin/vminitd", machine.initrd], { doing: "read the init" }), "init");
  ok(phases.has("download") && phases.has("unpack"), [...phases].join());
  same(readMachine(host), machine);
  const left = [...Deno.readDirSync(`${host.siloHome}/machine`)].map(({ name }) => name).filter((name) =>
    !/\.lock$|^(?:machine|init)\.json$|^partial$/.test(name)
  );
  same(left.sort(), [`apple-kata-test-${sha256.slice(0, 12)}`, machine.initrd.split("/").at(-1)], "and nothing else");
  // Both servers gone: what is there is enough, also when it has to be looked through again.
  Deno.removeSync(`${host.siloHome}/machine/machine.json`);
  same(await ensureMachine(host, programs, silent, from), machine);
});

Deno.test("the kernel's download goes on where a connection or a killed silo left it", async () => {
  using home = temporaryDirectory();
  await using server = serveArchive();
  await using proxy = startFaultProxy(server.host);
  await using registry = await withVminit();
  proxy.rule = (_, nth) => nth <= 2 ? { kind: "truncate", bytes: 1_000_000 } : undefined;
  await ensureMachine(mac(home.path), programs, silent, sources(proxy.host, registry.host, registry.digest));
  same(proxy.seen.map(({ headers }) => headers.get("range")), [null, "bytes=1000000-", "bytes=2000000-"]);
});

Deno.test("an archive that is not what its sum stands for is never unpacked", async () => {
  using home = temporaryDirectory();
  await using server = serveArchive(archive.with(100_000, archive[100_000]! ^ 1));
  await using registry = await withVminit();
  const host = mac(home.path);
  await rejects(
    ensureMachine(host, programs, silent, sources(server.host, registry.host, registry.digest)),
    (error: SiloError) => {
      match(error.message, /^could not fetch the kernel of the VM: .* is not what sha256:\w{64} stands for/);
      return true;
    },
  );
  ok(
    ![...Deno.readDirSync(`${host.siloHome}/machine`)].some(({ name, isDirectory }) =>
      isDirectory && name !== "partial"
    ),
  );
  eq(readMachine(host), undefined);
});

Deno.test("an archive that has no end is cut off at its bound", async () => {
  using home = temporaryDirectory();
  await using server = serveArchive(new Uint8Array(archive.length + 1_000_000));
  await using registry = await withVminit();
  await rejects(
    ensureMachine(mac(home.path), programs, silent, sources(server.host, registry.host, registry.digest)),
    /it sends more than the \d+ bytes/,
  );
});

Deno.test("an init image of no known digest is refused until a person accepts one, once", async () => {
  using home = temporaryDirectory();
  await using server = serveArchive();
  await using proxy = startFaultProxy(server.host);
  await using registry = await withVminit();
  const from = sources(proxy.host, registry.host);
  const accepted = `${from.init.reference}@${registry.digest}`;
  await rejects(ensureMachine(mac(home.path), programs, silent, from), (error: SiloError) => {
    match(error.message, /silo knows no checksum to hold 127\S+ to/);
    ok(error.hint?.includes(`SILO_VMINIT=${accepted} silo install`), error.hint);
    return true;
  });
  same(proxy.seen, [], "nothing else was loaded before that");
  await rejects(
    ensureMachine(mac(home.path, { SILO_VMINIT: from.init.reference }), programs, silent, from),
    /could not use SILO_VMINIT: .* has no digest/,
  );
  const other = `${from.init.reference}@sha256:${"0".repeat(64)}`;
  await rejects(ensureMachine(mac(home.path, { SILO_VMINIT: other }), programs, silent, from), /could not pull/);
  const own = { ...programs, helper: `${home.path}/silo-helper` };
  Deno.writeTextFileSync(own.helper, "of this release");
  await ensureMachine(mac(home.path, { SILO_VMINIT: accepted }), own, silent, from);
  const machine = await ensureMachine(mac(home.path), own, silent, from);
  ok(machine.initrd.includes(registry.digest.slice(7, 23)));
  // The next release has another init, which nobody has accepted.
  Deno.writeTextFileSync(own.helper, "of the next release");
  const next = { ...from, init: { ...from.init, reference: from.init.reference.replace("0.40.2", "0.41.0") } };
  await rejects(ensureMachine(mac(home.path), own, silent, next), /could not pull .*0\.41\.0/);
});
