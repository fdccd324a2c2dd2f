/**
 * A machine for arm64 on whatever this host is: Debian's arm64 kernel, silo-guest built for arm64, a root file system of
 * one static program. Where the host has another processor, all of it is emulated.
 */
import { deepStrictEqual as same, match } from "node:assert/strict";
import { machineSteps } from "../conformance/machine_steps.ts";
import { MachineUnderTest } from "../conformance/machine.ts";
import { GREETING, HelperUnderTest } from "../conformance/helper.ts";
import { encodeFrame } from "../../src/helper/frames.ts";
import { VERSION } from "../../src/version.ts";
import { buildForArm64 } from "../../scripts/releasing/swift_programs.ts";
import { DebianPackages } from "../../src/debian/packages.ts";
import { findProgram, runCommand } from "../../src/debian/run_command.ts";
import { ensureMke2fs } from "../../src/debian/toolbox/e2fsprogs.ts";
import { toolchainDirectory } from "../../src/debian/toolchain_directory.ts";
import { unpackDebs } from "../../src/debian/unpack.ts";
import { realHost } from "../../src/host.ts";
import { ensureInitramfs } from "../../src/machine/initramfs.ts";
import { ensureKernel } from "../../src/machine/kernel.ts";

const host = realHost();
const qemu = await findProgram(host, "qemu-system-aarch64");
/** What is fetched and made once for all runs of the test. */
const kept = `${toolchainDirectory(host)}/arm64-test`;
const arm64 = { ...host, architecture: "arm64" as const, siloHome: kept };

/** One program, under the names of all that it can do. */
async function rootFileSystem(work: string): Promise<string> {
  const directory = `${kept}/busybox.apt`;
  const apt = await DebianPackages.open(arm64, { suite: "bookworm", directory, task: "fetch busybox" });
  await unpackDebs(await apt.download(["busybox-static"], { alone: true }), `${work}/root`);
  const names = "sh cat echo env id ls od printf sleep stty true uname".split(" ");
  for (const name of names) await Deno.symlink("busybox", `${work}/root/usr/bin/${name}`);
  for (const name of ["dev", "proc", "sys", "run", "tmp", "etc", "workspace"]) {
    await Deno.mkdir(`${work}/root/${name}`, { recursive: true });
  }
  const tar = `${work}/root.tar`;
  await runCommand(["tar", "--owner=0", "--group=0", "--numeric-owner", "-C", `${work}/root`, "-cf", tar, "."], {
    doing: "pack the root file system",
  });
  const output = `${work}/rootfs.ext4`;
  await using helper = await HelperUnderTest.greeted();
  const linux = { mke2fs: await ensureMke2fs(host) };
  const made = await helper.request("rootfs/create", { tar, output, sizeMiB: 64, label: "arm64", linux }, 60_000);
  if (made.error !== undefined) throw new Error(JSON.stringify(made.error));
  return output;
}

Deno.test({
  name: "a machine for arm64 does what one for this processor does",
  ignore: qemu === undefined || host.platform !== "linux",
  async fn(t) {
    const work = await Deno.makeTempDir({ prefix: "silo-arm64-" });
    try {
      await Deno.mkdir(`${kept}/machine`, { recursive: true });
      const guest = await buildForArm64("silo-guest");
      const kernel = await ensureKernel(arm64);
      const initrd = await ensureInitramfs(`${kept}/machine`, guest, kernel);
      await using machine = await MachineUnderTest.start({
        kernel: { path: kernel.image, initrd },
        rootfs: { path: await rootFileSystem(work) },
        scratch: null,
        cpus: 1,
        memoryMiB: 512,
        guest: {
          hostname: "arm",
          workspace: "/workspace",
          user: { uid: host.uid, gid: host.gid, name: "silo", home: "/home/silo", shell: "/bin/sh" },
        },
        boot: { timeoutMs: 180_000, attempts: 1 },
        linux: { qemu: [qemu!], accelerator: "tcg", stateDirectory: work },
      });
      await t.step("silo-helper built for arm64 starts there and says what it is", async () => {
        await Deno.copyFile(await buildForArm64("silo-helper"), `${machine.project}/silo-helper`);
        match((await machine.run(["./silo-helper", "--version"])).stdout, new RegExp(`^silo-helper ${VERSION}, `));
        const stdio = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;
        const greeting = encodeFrame({ jsonrpc: "2.0", id: 1, method: "initialize", params: GREETING });
        const { exit, stdout } = await machine.run(["./silo-helper"], { stdio }, greeting);
        same(exit, { code: 0 });
        match(stdout, /"architecture":"arm64"/);
      });
      await machineSteps(t, machine, "aarch64");
    } finally {
      await Deno.remove(work, { recursive: true });
    }
  },
});
