/**
 * The machine of a run: what was prepared when the first tool was installed.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import { locateGuest, locateHelper } from "../helper/locate.ts";
import type { Host } from "../host.ts";
import { type Machine, machineFilePath, overridesOf, readMachine } from "../machine/machine_file.ts";
import { ensureSiloHome } from "./silo_home.ts";

/**
 * The prepared machine. Quick if all is as it was; makes anew what was made of silo's own programs if they were built
 * again, or if `SILO_QEMU` names another QEMU. Fetches nothing behind the person's back.
 *
 * @throws {SiloError} that names what is missing.
 */
export async function readyMachine(host: Host): Promise<Machine> {
  const helper = locateHelper(host);
  ensureSiloHome(host);
  const known = readMachine(host);
  if (known !== undefined) return { ...known, helper };
  const overridden = await readOverridden(host);
  if (overridden !== undefined) return { ...overridden, helper };
  assertNothingMissing(host);
  const { ensureMachine } = await import("../machine/ensure_machine.ts");
  return await ensureMachine(host, { helper, guest: locateGuest(host) });
}

/** What was prepared, with the QEMU that `SILO_QEMU` names for this run alone. */
async function readOverridden(host: Host): Promise<Machine | undefined> {
  if (!host.env.SILO_QEMU) return undefined;
  const prepared = readMachine({ ...host, env: { ...host.env, SILO_QEMU: undefined } });
  const { commandFromEnvironment } = await import("../debian/toolbox/override.ts");
  const qemu = commandFromEnvironment(host, "SILO_QEMU");
  return prepared?.linux && qemu && { ...prepared, linux: { ...prepared.linux, qemu } };
}

/** Names the first file of `machine.json` that is gone: a person should know before it is fetched again. */
function assertNothingMissing(host: Host): void {
  const file = machineFilePath(host);
  let machine: Partial<Machine>;
  try {
    machine = JSON.parse(Deno.readTextFileSync(file));
  } catch {
    throw new SiloError(`could not start the sandbox: ${file} is missing or damaged`, { hint: HINT });
  }
  const files: [string, string | undefined][] = [
    ["kernel", machine.kernel?.path],
    ["initial file system", machine.initrd],
    ["scratch disk's template", machine.linux?.scratch.template],
    // Commands that were chosen under other circumstances are chosen anew.
    ["QEMU", machine.overrides === overridesOf({ env: {} }) ? machine.linux?.qemu[0] : undefined],
  ];
  for (const [what, path] of files) {
    if (path !== undefined && !isFile(path)) {
      throw new SiloError(`could not start the sandbox: its ${what} is missing: ${path}`, { hint: HINT });
    }
  }
}

const HINT = "`silo install TOOL` gets it again (what is there is kept); `silo doctor` checks everything.";

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
