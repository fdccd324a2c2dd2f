/**
 * Checks that the helper answers: its version, the hypervisor, the accelerator, QEMU's jail.
 *
 * @module
 */
import { findProgram } from "../debian/run_command.ts";
import { printable, reasonOf, SiloError } from "../errors.ts";
import { HelperClient } from "../helper/client.ts";
import { locateGuest, locateHelper } from "../helper/locate.ts";
import type { Result } from "../helper/protocol.ts";
import type { Host } from "../host.ts";
import type { Machine } from "../machine/machine_file.ts";
import { VERSION } from "../version.ts";
import type { Finding } from "./check.ts";

const PROBE_LIMIT_MS = 20_000;

/** Starts the helper once and asks it everything. */
export async function checkHelper(host: Host, machine: Machine | undefined): Promise<Finding[]> {
  let client: HelperClient | undefined;
  try {
    client = new HelperClient(locateHelper(host), host);
    const greeting = await client.initialize();
    const helper: Finding = {
      name: "silo-helper",
      status: "ok",
      detail: `${greeting.helper.version}, protocol ${greeting.protocol}, ${greeting.driver}, ${greeting.architecture}`,
    };
    return [helper, ...await probe(client, host, machine)];
  } catch (error) {
    const fix = error instanceof SiloError ? error.hint?.split("\n")[0] : undefined;
    return [{ name: "silo-helper", status: "fail", detail: printable(reasonOf(error)), ...(fix ? { fix } : {}) }];
  } finally {
    await client?.close();
  }
}

export function checkGuestAgent(host: Host): Finding {
  try {
    return { name: "silo-guest", status: "ok", detail: `${VERSION}, ${locateGuest(host)}` };
  } catch (error) {
    return { name: "silo-guest", status: "fail", detail: reasonOf(error), fix: "from a checkout: scripts/build" };
  }
}

async function probe(client: HelperClient, host: Host, machine: Machine | undefined): Promise<Finding[]> {
  const qemu = host.platform === "linux" ? await qemuOf(host, machine) : [];
  if (qemu === undefined) {
    return [{
      name: "hypervisor",
      status: "note",
      detail: "QEMU is not on PATH and not prepared yet",
      fix: "silo install TOOL gets one; or: sudo apt install qemu-system-x86",
    }];
  }
  try {
    const asked = { doing: "look at the hypervisor" };
    const params = host.platform === "linux" ? { linux: { qemu } } : {};
    return explain(await client.request("host/probe", params, asked, PROBE_LIMIT_MS));
  } catch (error) {
    const fix = error instanceof SiloError ? error.hint?.split("\n")[0] : undefined;
    return [{ name: "hypervisor", status: "fail", detail: printable(reasonOf(error)), ...(fix ? { fix } : {}) }];
  }
}

async function qemuOf(host: Host, machine: Machine | undefined): Promise<string[] | undefined> {
  if (host.env.SILO_QEMU) return [host.env.SILO_QEMU];
  if (machine?.linux !== undefined) return [...machine.linux.qemu];
  const name = host.architecture === "arm64" ? "qemu-system-aarch64" : "qemu-system-x86_64";
  const path = await findProgram(host, name);
  return path === undefined ? undefined : [path];
}

/** What the helper found, as findings. */
export function explain(result: Result<"host/probe">): Finding[] {
  const { hypervisor, accelerator, accelerators, jail } = result;
  const reasons = accelerators.map(({ name, usable, reason }) =>
    `${name} ${usable ? "works" : "does not work"}: ${reason}`
  );
  const emulated = accelerator === "tcg";
  return [
    { name: "hypervisor", status: "ok", detail: `${hypervisor.name} ${hypervisor.version}` },
    {
      name: "virtualization",
      status: emulated ? "note" : "ok",
      detail: printable(`${emulated ? "software emulation (tcg)" : accelerator}; ${reasons.join("; ")}`),
      ...(emulated
        ? { fix: "programs run about ten times slower; on a machine with hardware virtualization they do not" }
        : {}),
    },
    ...jail.map(({ layer, active, reason }): Finding => ({
      name: `jail: ${layer}`,
      status: active ? "ok" : "note",
      detail: printable(active ? `on${reason && `; ${reason}`}` : `off; ${reason}`),
    })),
  ];
}
