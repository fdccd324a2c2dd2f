/** `silo add PKG…|LANGUAGE` */
import { addStep } from "../../../bakes/packages.ts";
import { ownSteps, withSteps } from "../../../bakes/place.ts";
import { recordSteps } from "../../../bakes/record.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { say } from "../../say.ts";
import { buildAndSay } from "./build_and_say.ts";
import { onlyTool, placeOf, scopeOf } from "./session.ts";

export interface AddOptions {
  readonly for?: string;
  readonly step?: readonly string[];
  readonly global?: boolean;
  readonly sync: boolean;
}

export async function add(host: Host, packages: readonly string[], options: AddOptions): Promise<void> {
  const added = [...(packages.length > 0 ? [addStep(packages)] : []), ...options.step ?? []];
  if (added.length === 0) {
    throw new SiloError("could not understand the command line: nothing to add is named", {
      hint: "For example: silo add ripgrep jq",
    });
  }
  const place = await placeOf(host);
  const scope = scopeOf(options);
  const what = packages.join(" ") || "the step";
  const tool = options.for ?? await onlyTool(host, place, scope, `add ${what}`);
  const before = ownSteps(place, scope, tool);
  const fresh = added.filter((step) => !before.includes(step));
  if (fresh.length === 0 && !options.sync) return say(host, `${tool} has ${what} recorded already`);
  const steps = [...before, ...fresh];
  const built = options.sync
    ? await buildAndSay(host, withSteps(place, scope, tool, steps), scope, tool, false)
    : undefined;
  const path = await recordSteps(host, scope, tool, steps, built);
  if (!options.sync) say(host, `Recorded ${what} for ${tool} in ${path}; \`silo sync\` builds it`);
}
