/**
 * What a run will be, and why, in some lines: for `--verbose`. Pure.
 *
 * @module
 */
import type { ConfigSource } from "../config/layers.ts";
import type { Project } from "../config/project.ts";
import type { RunPlan } from "../engine/run_plan.ts";
import { textOf } from "../helper/byte_string.ts";
import type { Host } from "../host.ts";
import { wantedVersion } from "../tools/choose_version.ts";
import type { InstalledTool } from "../tools/installed.ts";
import { tilde } from "./tilde.ts";

/** What a run was decided from. */
export interface PlanFacts {
  readonly plan: RunPlan;
  /** Null: none is shared. */
  readonly project: Project | null;
  readonly files: readonly ConfigSource[];
  /** The installed tool in the version that counts here. */
  readonly chosen: InstalledTool;
  /** The same on the root file system that was built for it here. */
  readonly tool: InstalledTool;
  readonly helper: string;
}

/** Lines without a newline. Values of variables are not told, only their names. */
export function explainRun(host: Pick<Host, "home" | "siloHome">, facts: PlanFacts): string[] {
  const { plan, project, files, chosen, tool, helper } = facts;
  const { cpus, memoryMiB, processes, snapshots } = plan.machine;
  const path = (text: string) => tilde(host, text);
  const wanted = wantedVersion(files, chosen.name);
  return [
    project === null
      ? "project: none is shared"
      : `project: ${path(project.root)}, as ${
        project.configPath === undefined
          ? "the current directory: no parent has a silo.toml"
          : `${path(project.configPath)} says`
      }`,
    `settings: ${["the tool's definition", ...files.map(({ origin }) => path(origin))].join(", then ")}`,
    `tool: ${chosen.name} ${chosen.version} from ${chosen.source}, ${
      wanted === undefined ? "no file asks for a version" : `silo.toml asks for ${wanted}`
    }`,
    `root file system: ${tool.rootfs === chosen.rootfs ? "as it was installed" : "with what silo.toml adds to it"}, ${
      path(plan.image.rootfs)
    }`,
    `program: ${plan.process.argv.map(textOf).join(" ")}`,
    `runs as: ${plan.process.user.uid === 0 ? "the sandbox's root" : "you"}, in ${textOf(plan.process.cwd)}`,
    ...plan.mounts.map(({ hostPath, guestPath, readOnly }) =>
      `mount: ${path(hostPath)} at ${guestPath}${readOnly ? ", read-only" : ""}`
    ),
    ...plan.files.map(({ hostPath, guestPath }) => `file: ${path(hostPath)} at ${guestPath}`),
    ...(plan.covered.length === 0 ? [] : [`hidden: ${plan.covered.join(", ")}`]),
    `variables: ${plan.process.env.map((entry) => textOf(entry).replace(/=.*$/s, "")).toSorted().join(" ")}`,
    `network: ${networkText(plan)}`,
    ...(plan.ports.forwards.length === 0
      ? []
      : [`ports: ${plan.ports.forwards.map((it) => `${it.address}:${it.hostPort} to ${it.guestPort}`).join(", ")}`]),
    `machine: ${cpus} processor${cpus === 1 ? "" : "s"}, ${memoryMiB} MiB, ${
      processes === null ? "any number of" : `at most ${processes}`
    } processes, ${snapshots === null ? "booted from cold" : "from a snapshot if there is one"}`,
    `helper: ${path(helper)}`,
  ];
}

function networkText({ network }: RunPlan): string {
  if (network === null) return "none: no rule allows a host";
  const { mode, allow, deny, hostPorts } = network.policy;
  if (mode === "open" || mode === "learn") return `every public host (${mode})`;
  const list = (what: string, items: readonly string[]) => items.length === 0 ? [] : [`${what} ${items.join(" ")}`];
  return [
    ...list("allows", allow.map(({ text }) => text)),
    ...list("denies", deny.map(({ text }) => text)),
    ...list("ports of this machine", hostPorts.map(String)),
  ].join("; ") || "on, and no host is allowed";
}
