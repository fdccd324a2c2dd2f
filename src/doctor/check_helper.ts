/**
 * Checks that the helper answers: its version, the hypervisor, the accelerator, QEMU's jail.
 *
 * @module
 */
import { locateQemu } from "../debian/toolbox/qemu.ts";
import { findOwnQemu } from "../debian/toolbox/own_qemu.ts";
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
    const fix = error instanceof SiloError ? error.hint?.replaceAll("\n", " ") : undefined;
    return { name: "silo-guest", status: "fail", detail: reasonOf(error), ...(fix ? { fix } : {}) };
  }
}

async function probe(client: HelperClient, host: Host, machine: Machine | undefined): Promise<Finding[]> {
  const qemu = host.platform === "linux" ? await qemuOf(host, machine) : [];
  if (qemu === undefined) {
    return [{
      name: "hypervisor",
      status: "note",
      detail: "QEMU is not there and not prepared yet",
      fix: "silo install TOOL gets one; or: sudo apt install qemu-system-x86",
    }];
  }
  try {
    const asked = { doing: "look at the hypervisor" };
    const params = host.platform === "linux" ? { linux: { qemu } } : {};
    const result = await client.request("host/probe", params, asked, PROBE_LIMIT_MS);
    return explain(result, host.platform === "linux" ? whose(host, qemu) : undefined);
  } catch (error) {
    const fix = error instanceof SiloError ? error.hint?.split("\n")[0] : undefined;
    return [{ name: "hypervisor", status: "fail", detail: printable(reasonOf(error)), ...(fix ? { fix } : {}) }];
  }
}

async function qemuOf(host: Host, machine: Machine | undefined): Promise<string[] | undefined> {
  if (!host.env.SILO_QEMU && machine?.linux !== undefined) return [...machine.linux.qemu];
  return await locateQemu(host);
}

/** Whose QEMU it is. */
function whose(host: Host, command: readonly string[]): string {
  const own = findOwnQemu(host);
  if (own !== undefined && own.program === command[0]) return `silo's own, of Debian's ${own.debian}`;
  return host.env.SILO_QEMU ? `by SILO_QEMU: ${command.join(" ")}` : command.at(-1)!;
}

/**
 * What the helper found, as findings.
 *
 * @param origin Where the hypervisor is from, if that differs from host to host.
 */
export function explain(result: Result<"host/probe">, origin?: string): Finding[] {
  const { hypervisor, accelerator, accelerators, jail } = result;
  const reasons = accelerators.map(({ name, usable, reason }) =>
    `${name} ${usable ? "works" : "does not work"}: ${reason}`
  );
  const emulated = accelerator === "tcg";
  return [
    {
      name: "hypervisor",
      status: "ok",
      detail: printable(`${hypervisor.name} ${hypervisor.version}${origin === undefined ? "" : `, ${origin}`}`),
    },
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
