/** `silo trust` */
import { loadConfig } from "../../config/load.ts";
import { findProject } from "../../config/project.ts";
import { Remembered } from "../../config/remembered.ts";
import { describeWidened } from "../../config/reach.ts";
import { acceptedReach, acceptFile, type AskTrust, pendingWidenings, widenings } from "../../config/trust.ts";
import { printable, SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { ensureSiloHome } from "../../tools/silo_home.ts";
import { askTrust } from "../ask_trust.ts";
import { writeAll } from "../output.ts";

export async function trust(host: Host, options: { yes?: boolean; revoke?: boolean }): Promise<void> {
  const { configPath } = findProject(host.cwd());
  if (configPath === undefined) {
    throw new SiloError("could not accept anything: there is no silo.toml here or in a parent directory");
  }
  const shown = printable(configPath);
  const trusted = new Remembered(host, "trusted");
  if (options.revoke) {
    await trusted.forget(configPath);
    writeAll(Deno.stdout, `${shown} is not accepted any more\n`);
    return;
  }
  const file = await loadConfig(host, configPath, "project");
  if (file === undefined) throw new SiloError(`could not read ${configPath}: it is gone`);
  const before = await acceptedReach(host, configPath) !== undefined;
  const widens = describeWidened(await pendingWidenings(host, configPath, file.config));
  if (widens.length === 0) {
    const all = widenings(file.config).map((line) => `- the sandbox ${line}\n`).join("");
    const nothing = "opens nothing to the sandbox, so there is nothing to accept";
    writeAll(Deno.stdout, `${shown} ${all === "" ? nothing : `is accepted already:\n${all.trimEnd()}`}\n`);
    return;
  }
  if (!await isWanted(host, { path: configPath, widens, before }, options.yes)) {
    throw new SiloError(`could not accept ${configPath}: you said no`);
  }
  ensureSiloHome(host);
  await acceptFile(host, configPath, file.config);
  writeAll(Deno.stdout, `Accepted ${shown}; if it asks for more, you will be asked again\n`);
}

async function isWanted(host: Host, question: Parameters<AskTrust>[0], yes?: boolean): Promise<boolean> {
  if (!yes && host.terminals.stdin && host.terminals.stderr) return await askTrust(question);
  writeAll(Deno.stdout, question.widens.map((line) => `- the sandbox ${line}\n`).join(""));
  if (yes) return true;
  throw new SiloError(`could not ask whether to accept ${question.path}: this is not a terminal`, {
    hint: "If you have read the list above and want it: silo trust --yes",
  });
}
