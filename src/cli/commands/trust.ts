/** `silo trust` */
import { type Claim, readSources } from "../../config/layers.ts";
import { findProject } from "../../config/project.ts";
import { describeWidened, NO_REACH, widened } from "../../config/reach.ts";
import { Remembered } from "../../config/remembered.ts";
import { accept, acceptedReach, type AskTrust, pendingReach } from "../../config/trust.ts";
import { SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { ensureSiloHome } from "../../tools/silo_home.ts";
import { askTrust, showTrust } from "../ask_trust.ts";
import { writeAll } from "../output.ts";
import { say } from "../say.ts";
import { tilde } from "../tilde.ts";

export async function trust(host: Host, options: { yes?: boolean; revoke?: boolean }): Promise<void> {
  const project = findProject(host.cwd());
  const { claims } = await readSources(host, project);
  if (claims.length === 0) {
    throw new SiloError("could not accept anything: there is no silo.toml here or in a parent directory");
  }
  for (const claim of claims) {
    if (options.revoke) {
      await new Remembered(host, "trusted").forget(claim.key);
      say(host, `${tilde(host, claim.shown)} is not accepted any more`);
    } else await trustOne(host, claim, options.yes);
  }
}

async function trustOne(host: Host, claim: Claim, yes: boolean | undefined): Promise<void> {
  const shown = tilde(host, claim.shown);
  const accepted = await acceptedReach(host, claim.key);
  const before = accepted !== undefined;
  const widens = describeWidened(await pendingReach(host, claim), accepted);
  if (widens.length === 0) {
    const all = describeWidened(widened(NO_REACH, claim.reach)).map((line) => `\n  the sandbox ${line}`).join("");
    const nothing = "opens nothing to the sandbox, so there is nothing to accept";
    writeAll(Deno.stdout, `${shown} ${all === "" ? nothing : `is accepted already:${all}`}\n`);
    return;
  }
  if (!await isWanted(host, { path: claim.shown, widens, before }, yes)) {
    throw new SiloError(`could not accept ${shown}: you said no`);
  }
  ensureSiloHome(host);
  await accept(host, claim);
  say(host, `Accepted ${shown}; if it asks for more, you will be asked again`);
}

/**
 * What it is about goes to stderr, as everything that is asked or refused: what a script keeps of a refusal is the list
 * and the reason together. Nothing is said of what `--yes` accepts quietly.
 */
async function isWanted(host: Host, question: Parameters<AskTrust>[0], yes?: boolean): Promise<boolean> {
  if (!yes && host.terminals.stdin && host.terminals.stderr) return await askTrust(host, question);
  if (!yes || host.verbosity !== "quiet") showTrust(host, question);
  if (yes) return true;
  throw new SiloError(`could not ask whether to accept ${tilde(host, question.path)}: this is not a terminal`, {
    hint: "If you have read the list above and want it: silo trust --yes",
  });
}
