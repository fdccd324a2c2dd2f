/**
 * All checks of `silo doctor`, in the order in which a person should mend what they find.
 *
 * @module
 */
import type { Host } from "../host.ts";
import type { Finding } from "./check.ts";
import { checkMachine, checkMke2fs, checkRoom, checkRunDirectory, checkSiloHome, checkTools } from "./check_files.ts";
import { checkProject } from "./check_project.ts";
import { checkShims } from "./check_shims.ts";
import { checkGuestAgent, checkHelper } from "./check_helper.ts";

export async function examine(host: Host): Promise<Finding[]> {
  const home = checkSiloHome(host);
  const { finding, machine } = checkMachine(host);
  return [
    home,
    checkRoom(host),
    await checkRunDirectory(host),
    ...await checkHelper(host, machine),
    checkGuestAgent(host),
    finding,
    ...(machine ? checkMke2fs(machine) : []),
    ...checkTools(host),
    ...checkShims(host),
    ...await checkProject(host),
  ];
}
