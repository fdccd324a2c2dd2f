/**
 * From a fresh checkout to a script that runs in a micro-VM. Every step may be repeated and is quick when it is done.
 *
 * `quickstart.ts [--build-qemu]`: with silo's own QEMU, where there is one for the host.
 */
import { parseArgs } from "node:util";
import { ensureSwift } from "../../src/debian/toolbox/swift.ts";
import { ensureHostPackages } from "../../src/debian/toolbox/host_packages.ts";
import { runCommand } from "../../src/debian/run_command.ts";
import type { Progress } from "../../src/debian/progress.ts";
import { findOwnQemu, hasOwnQemu } from "../../src/debian/toolbox/own_qemu.ts";
import { checkHelper } from "../../src/doctor/check_helper.ts";
import { SiloError } from "../../src/errors.ts";
import { type Host, realHost } from "../../src/host.ts";
import { ensureMachine, programsOf } from "../../src/machine/ensure_machine.ts";
import type { Machine } from "../../src/machine/machine_file.ts";
import { buildPrograms } from "./build_programs.ts";
import { ROOT } from "./checkout.ts";
import { ensureOwnQemu } from "./qemu/own_qemu.ts";
import { main, Steps } from "./steps.ts";

const SILO = `${ROOT}/scripts/silo`;
const EXAMPLE = `${ROOT}/examples/hello`;
const RESULT = `${EXAMPLE}/result.json`;

/** Runs silo as a person would; a line that it tells is a phase. */
async function silo(args: string[], doing: string, progress: Progress): Promise<void> {
  const onLine = (line: string) => progress({ task: `silo ${args[0]}`, phase: line.slice(0, 100) });
  await runCommand([SILO, ...args], { doing, onLine, cwd: ROOT });
}

async function runExample(): Promise<void> {
  await Deno.remove(RESULT).catch(() => {});
  const child = new Deno.Command(SILO, { args: ["run", "python", "hello.py"], cwd: EXAMPLE, stdin: "null" }).spawn();
  const { code } = await child.status;
  if (code !== 0) throw new SiloError(`could not run the example: silo exited with ${code}`);
  const result = await Deno.readTextFile(RESULT).then(JSON.parse).catch(() => undefined);
  if (typeof result?.kernel !== "string") {
    throw new SiloError(`could not run the example: it left no ${RESULT}`);
  }
}

/** What makes starts faster here, if anything does. */
async function advice(host: Host, machine: Machine): Promise<string> {
  if (!hasOwnQemu(host) || findOwnQemu(host) !== undefined) return "";
  const findings = await checkHelper(host, machine);
  const isEmulated = findings.some(({ name, status }) => name === "virtualization" && status === "note");
  return !isEmulated ? "" : `
Faster starts:       ${ROOT}/scripts/build-qemu   (no hardware virtualization here; some three minutes)`;
}

await main(async () => {
  const host = realHost();
  const { values } = parseArgs({ options: { "build-qemu": { type: "boolean", default: false } } });
  const buildsQemu = values["build-qemu"] && hasOwnQemu(host);
  const steps = new Steps(buildsQemu ? 7 : 6);
  const told = (list: readonly string[]) => list.length > 0 ? `installed ${list.join(", ")}` : "all there";
  // What a Mac needs is Xcode alone, which the compiler's step looks for; images for it come from their registries.
  const isMac = host.platform === "macos";
  const packages = (progress: Progress) => isMac ? Promise.resolve([]) : ensureHostPackages(host, progress);
  await steps.run("Packages of this host", packages, told);
  await steps.run("silo's libraries", async () => {
    await runCommand([Deno.execPath(), "install", "--quiet"], { doing: "fetch silo's libraries", cwd: ROOT });
  });
  const toolchain = await steps.run("Swift compiler", (progress) => ensureSwift(host, progress), (found) => {
    return found.kind === "host" ? found.swift : found.prefix;
  });
  await steps.run("silo-helper and silo-guest", (progress) => buildPrograms(host, toolchain, progress));
  if (buildsQemu) {
    await steps.run(
      "silo's QEMU",
      (progress) => ensureOwnQemu(host, progress),
      ({ debian }) => `of Debian's ${debian}`,
    );
  }
  const machine = await steps.run(
    "Kernel and disks of the VM",
    (progress) => ensureMachine(host, programsOf(host, ROOT), progress),
    (machine) => `Linux ${machine.kernel.release}`,
  );
  await steps.run(
    isMac ? "Python, from its registry" : "Python, from Debian's packages",
    (progress) => silo(["install", "python", ...isMac ? [] : ["--from", "debian"]], "install python", progress),
  );

  console.error("\n$ cd examples/hello && silo run python hello.py");
  await runExample();
  console.error(`
That ran in a micro-VM of its own, which is gone now. What it wrote is in examples/hello/result.json.
From any directory:  ${SILO} run python app.py
Shorter:             ln -s ${SILO} ~/.local/bin/silo${await advice(host, machine)}`);
});
