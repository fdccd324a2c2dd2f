/**
 * All layers of a run's settings, with where each comes from, and what of them needs consent.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { anchored, type ConfigFile, layersFor, type ToolSettings } from "./config.ts";
import { matchesRemote, remotesOf, repositoryOf } from "./git.ts";
import type { StepPrograms } from "../bakes/step_programs.ts";
import { readReach } from "./contents.ts";
import { loadConfig } from "./load.ts";
import type { LegacyConfig } from "./load_legacy.ts";
import type { Project } from "./project.ts";
import { NO_REACH, type Reach, reachOf } from "./reach.ts";
import { limitedParents } from "./trust.ts";
import { isThere } from "../is_there.ts";

/** What older programs called the file, in a project's root. */
export const LEGACY_FILES = [".siloconf", "silo.jsonc"];

/** One layer, its paths absolute. */
export interface Layer {
  /** For a person: a file, and the part of it. */
  readonly origin: string;
  readonly settings: ToolSettings;
}

/** What a person has to have accepted before the layers count. */
export interface Claim {
  /** What consent is remembered for. */
  readonly key: string;
  /** For a person. */
  readonly shown: string;
  readonly reach: Reach;
}

/** One file's part, with the directory that its paths are relative to. */
export interface ConfigSource {
  /** For a person: the file, and the part of it. */
  readonly origin: string;
  readonly config: ConfigFile;
  readonly directory: string;
  /** What its steps run, as it was when consent was looked for. */
  readonly programs?: StepPrograms | undefined;
}

export interface Sources {
  /** The weakest first: the person's own file, what it says of this repository, the project's. */
  readonly sources: readonly ConfigSource[];
  readonly claims: readonly Claim[];
  /** What a person should hear once, a line each. */
  readonly notices: readonly string[];
}

/**
 * Reads the files that count for a project.
 *
 * @throws {import("../errors.ts").SiloError} if one of them is wrong.
 */
export async function readSources(host: Host, project: Project | null): Promise<Sources> {
  const sources: ConfigSource[] = [];
  const claims: Claim[] = [];
  const notices: string[] = [];
  const ownPath = `${host.siloHome}/silo.toml`;
  const own = await loadConfig(host, ownPath, "user");
  const directory = host.siloHome;
  if (own !== undefined) sources.push({ origin: ownPath, config: own.config, directory });
  if (project === null) return { sources, claims, notices };

  const matching = own?.config.repos === undefined ? [] : matchingRepos(own.config.repos, project.root);
  for (const [pattern, config] of matching) {
    sources.push({ origin: `${ownPath} [repos."${pattern}"]`, config, directory });
  }
  if (matching.length > 0) {
    // Which remote a project has is written in the project: a sandbox could claim another's settings.
    const reaches = matching.map(([, config]) => reachOf(config));
    const names = matching.map(([pattern]) => pattern).join(", ");
    claims.push({
      key: `${project.root}#repos`,
      shown: `your settings for ${names} in ${project.root}`,
      reach: { grants: reaches.flatMap((it) => it.grants), limits: reaches.flatMap((it) => it.limits) },
    });
  }
  const path = `${project.root === "/" ? "" : project.root}/silo.toml`;
  const file = project.configPath === undefined ? undefined : await loadConfig(host, project.configPath, "project");
  const legacy = file === undefined ? await legacyOf(host, project.root) : undefined;
  if (legacy !== undefined) {
    const legacyReach = await readReach(legacy.config, project.root);
    sources.push({
      origin: legacy.path,
      config: legacy.config,
      directory: project.root,
      programs: legacyReach.programs,
    });
    claims.push({ key: legacy.path, shown: legacy.path, reach: legacyReach.reach });
    if (legacy.notice !== undefined) notices.push(legacy.notice);
  }
  if (file !== undefined) {
    const { reach, programs } = await readReach(file.config, project.root);
    sources.push({ origin: path, config: file.config, directory: project.root, programs });
    claims.push({ key: path, shown: path, reach });
  } else {
    // A file that withheld something and is gone has lost its limits.
    for (const lost of await limitedParents(host, project.root)) {
      claims.push({ key: lost, shown: `${lost}, which is gone`, reach: NO_REACH });
    }
  }
  return { sources, claims, notices };
}

/** What older programs have left in a project that has no `silo.toml`. */
async function legacyOf(host: Host, root: string): Promise<LegacyConfig | undefined> {
  for (const name of LEGACY_FILES) {
    const path = `${root === "/" ? "" : root}/${name}`;
    if (!isThere(path)) continue;
    return await (await import("./load_legacy.ts")).loadLegacy(host, path, "project");
  }
}

/** The layers of the sources that count for a tool (undefined: what counts for all), their paths absolute. */
export function layersOf(sources: readonly ConfigSource[], tool: string | undefined, home: string): Layer[] {
  return sources.flatMap(({ origin, config, directory }) => {
    const parts = tool === undefined ? [config] : layersFor(config, tool);
    return parts.map((part, i) => ({
      origin: i === 0 ? origin : `${origin} [tools.${tool}]`,
      settings: anchored(part, directory, home),
    }));
  });
}

/** The sections whose pattern a remote of the project matches, the shortest pattern first. */
function matchingRepos(repos: Readonly<Record<string, ConfigFile>>, root: string): [string, ConfigFile][] {
  const repository = repositoryOf(root);
  if (repository === undefined) return [];
  const remotes = remotesOf(repository);
  return Object.entries(repos)
    .filter(([pattern]) => remotes.some((remote) => matchesRemote(pattern, remote)))
    .sort(([a], [b]) => a.length - b.length);
}
