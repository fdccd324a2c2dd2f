/**
 * Checks of what a run in this directory goes by: the directory itself, the settings, consent to them, and the tools
 * and versions that they name.
 *
 * @module
 */
import { type ConfigSource, readSources, type Sources } from "../config/layers.ts";
import { assertOwnProject, assertShareable, findProject, type Project } from "../config/project.ts";
import { isEmpty } from "../config/reach.ts";
import { pendingReach } from "../config/trust.ts";
import { keptDirectories } from "../engine/kept_directories.ts";
import { reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { installedVersion, wantedVersion } from "../tools/choose_version.ts";
import { type InstalledTool, readInstalled } from "../tools/installed.ts";
import { readDefinition } from "../tools/registry.ts";
import type { Finding } from "./check.ts";

export async function checkProject(host: Host): Promise<Finding[]> {
  const project = findProject(host.cwd());
  const installed = installedTools(host);
  const first = [...checkDefinitions(host, installed), ...checkPlace(host, project)];
  let read: Sources;
  try {
    read = await readSources(host, project);
  } catch (error) {
    return [...first, { name: "settings", status: "fail", detail: reasonOf(error), fix: "silo config edit" }];
  }
  const { sources, claims } = read;
  const detail = sources.length === 0 ? "none" : sources.map(({ origin }) => origin).join(", ");
  const findings: Finding[] = [...first, { name: "settings", status: "ok", detail }];
  for (const claim of claims) {
    if (isEmpty(await pendingReach(host, claim))) continue;
    const detail = `${claim.shown} opens more to the sandbox than was accepted`;
    findings.push({ name: "consent", status: "note", detail, fix: "silo trust" });
  }
  return [...findings, ...checkNamed(sources, installed)];
}

/** A list that cannot be read is a finding of its own. */
function installedTools(host: Host): ReadonlyMap<string, InstalledTool> {
  try {
    return readInstalled(host);
  } catch {
    return new Map();
  }
}

/** The registry's part of a tool, which the person may have written. */
function checkDefinitions(host: Host, installed: ReadonlyMap<string, InstalledTool>): Finding[] {
  const findings: Finding[] = [];
  for (const name of installed.keys()) {
    try {
      readDefinition(host, name);
    } catch (error) {
      const fix = "mend the file, or remove it: then silo's own definition counts";
      findings.push({ name, status: "fail", detail: reasonOf(error), fix });
    }
  }
  return findings;
}

function checkPlace(host: Host, project: Project): Finding[] {
  try {
    assertOwnProject(project, host);
    assertShareable(project.root, "as the project", host, keptDirectories(host));
    return [{ name: "project", status: "ok", detail: project.root }];
  } catch (error) {
    const fix = error instanceof SiloError ? error.hint : undefined;
    return [{ name: "project", status: "note", detail: reasonOf(error), ...(fix === undefined ? {} : { fix }) }];
  }
}

/** Tools that the settings name, in versions that are not there. */
function checkNamed(sources: readonly ConfigSource[], installed: ReadonlyMap<string, InstalledTool>): Finding[] {
  const names = new Set(sources.flatMap(({ config }) => Object.keys(config.tools ?? {})));
  return [...names].flatMap((name): Finding[] => {
    const wanted = wantedVersion(sources, name);
    if (wanted === undefined || installedVersion(installed, name, wanted) !== undefined) return [];
    return [{
      name,
      status: "note",
      detail: `${wanted} is what silo.toml asks for, and not installed`,
      fix: "silo sync",
    }];
  });
}
