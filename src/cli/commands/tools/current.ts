/** `silo current [TOOL]` */
import { loadConfig } from "../../../config/load.ts";
import { findProject } from "../../../config/project.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { nearest } from "../../../nearest.ts";
import { shadowedShims } from "../../../shims/shadowed.ts";
import { shimDirectory } from "../../../shims/sync_shims.ts";
import { installedVersion, wantedVersion } from "../../../tools/choose_version.ts";
import { type InstalledTool, readInstalled } from "../../../tools/installed.ts";
import { writeAll } from "../../output.ts";
import { table } from "../../table.ts";
import { tilde } from "../../tilde.ts";
import { columnsOf } from "../../terminal_width.ts";

/** What a tool is here. */
interface Current {
  readonly tool: string;
  /** Null: the version that is asked for is not installed. */
  readonly version: string | null;
  readonly wanted: string | null;
  /** The file that asks for it; null if none does. */
  readonly from: string | null;
  /** Whether a shim of it typed here is silo's. */
  readonly counts: boolean;
  /** Shims that another program hides. */
  readonly shadowed: readonly { name: string; by: string }[];
}

export async function current(host: Host, only: string | undefined, options: { json?: boolean }): Promise<void> {
  const installed = readInstalled(host);
  const files = await filesHere(host);
  const names = new Set([...installed.keys()].filter((name) => !name.includes("@")));
  for (const { config } of files) Object.keys(config.tools ?? {}).forEach((name) => names.add(name));
  if (only !== undefined && !names.has(only)) {
    const guess = nearest(only, [...names]);
    throw new SiloError(`could not tell what ${only} is here: it is not installed, and no silo.toml names it`, {
      hint: guess ? `Did you mean ${guess}?` : `Install it: silo install ${only}`,
    });
  }
  const chosen = [...names].filter((name) => only === undefined || name === only).sort();
  const all = chosen.map((tool) => describe(host, tool, installed, files));
  if (options.json) writeAll(Deno.stdout, `${JSON.stringify(only === undefined ? all : all[0], null, 2)}\n`);
  else writeAll(Deno.stdout, all.length === 0 ? "No tool is installed. silo install TOOL\n" : render(host, all));
}

type File = {
  readonly path: string;
  readonly config: { readonly tools?: Readonly<Record<string, { version?: string | undefined }>> | undefined };
};

async function filesHere(host: Host): Promise<File[]> {
  const own = await loadConfig(host, `${host.siloHome}/silo.toml`, "user");
  const { configPath } = findProject(host.cwd());
  const shared = configPath === undefined ? undefined : await loadConfig(host, configPath, "project");
  return [own, shared].filter((file) => file !== undefined) as File[];
}

function describe(
  host: Host,
  tool: string,
  installed: ReadonlyMap<string, InstalledTool>,
  files: readonly File[],
): Current {
  const wanted = wantedVersion(files, tool) ?? null;
  const namedBy = files.findLast(({ config }) => Object.hasOwn(config.tools ?? {}, tool));
  const here = installedVersion(installed, tool, wanted ?? undefined);
  const plain = installed.get(tool);
  const shims = plain?.shims.map(({ name }) => name) ?? [];
  return {
    tool,
    version: here?.version ?? null,
    wanted,
    from: namedBy?.path ?? null,
    counts: plain !== undefined && (!plain.projectsOnly || namedBy?.path.startsWith(`${host.siloHome}/`) === false),
    shadowed: shadowedShims(host, shimDirectory(host), shims) ?? [],
  };
}

function render(host: Host, all: readonly Current[]): string {
  const rows = all.map(({ tool, version, wanted, from, counts }) => [
    tool,
    version ?? `${wanted ?? "-"}, not installed: silo use ${tool}${wanted ? `@${wanted}` : ""}`,
    counts ? "silo's" : "the next on PATH",
    from === null ? "-" : tilde(host, from),
  ]);
  const hidden = all.flatMap(({ shadowed }) => shadowed).map(({ name, by }) => `${name} is hidden by ${by}\n`).join("");
  return table([["TOOL", "VERSION", "ITS NAME HERE IS", "NAMED BY"], ...rows], columnsOf(host, "stdout")) + hidden;
}
