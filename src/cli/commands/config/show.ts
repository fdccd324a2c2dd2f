/** `silo config show` */
import { layersOf, readSources } from "../../../config/layers.ts";
import { findProject } from "../../../config/project.ts";
import { type NamedLayer, provenanceOf, provenanceOfFiles, renderProvenance } from "../../../config/provenance.ts";
import { isEmpty } from "../../../config/reach.ts";
import { pendingReach } from "../../../config/trust.ts";
import { printable, SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { readInstalled } from "../../../tools/installed.ts";
import { readDefinition } from "../../../tools/registry.ts";
import { writeAll } from "../../output.ts";
import { note } from "../../say.ts";
import { tilde } from "../../tilde.ts";
import { columnsOf } from "../../terminal_width.ts";

export async function configShow(host: Host, tool: string | undefined, options: { json?: boolean }): Promise<void> {
  const { sources, claims } = await readSources(host, findProject(host.cwd()));
  const definition = tool === undefined ? undefined : readDefinition(host, tool);
  const installed = tool === undefined ? undefined : readInstalled(host).get(tool);
  if (tool !== undefined && definition === undefined && installed === undefined) {
    throw new SiloError(`could not show the settings of ${printable(tool)}: no tool of that name is known`, {
      hint: "`silo list --available` shows the tools.",
    });
  }
  const below: NamedLayer[] = [];
  if (definition !== undefined) below.push({ origin: `registry: ${tool}`, settings: definition.settings });
  if (installed?.settings !== undefined) below.push({ origin: `silo install ${tool}`, settings: installed.settings });
  const values = tool === undefined
    ? provenanceOfFiles(sources, host.home)
    : provenanceOf([...below, ...layersOf(sources, tool, host.home)]);
  if (options.json) writeAll(Deno.stdout, `${JSON.stringify(values, null, 2)}\n`);
  else if (values.length === 0) writeAll(Deno.stdout, "# Nothing is set; `silo config default` shows what can be.\n");
  else {writeAll(
      Deno.stdout,
      printable(
        renderProvenance(values.map((it) => ({ ...it, origin: tilde(host, it.origin) })), columnsOf(host, "stdout")),
      ),
    );}
  for (const claim of claims) {
    if (isEmpty(await pendingReach(host, claim))) continue;
    note(host, `${tilde(host, claim.shown)} opens more than was accepted: silo trust`);
  }
}
