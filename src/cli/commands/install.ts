/** `silo install TOOL[@VERSION]`, `silo install --image REF` */
import type { Settings } from "../../config/config.ts";
import { reasonOf, SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { parseRule } from "../../network/policy/rule.ts";
import { shadowedShims } from "../../shims/shadowed.ts";
import { shimDirectory } from "../../shims/sync_shims.ts";
import { parseShim, type Shim } from "../../tools/definition.ts";
import { readMachine } from "../../machine/machine_file.ts";
import type { InstallRequest } from "../../tools/install.ts";
import { readInstalled } from "../../tools/installed.ts";
import { readDefinition } from "../../tools/registry.ts";
import { requiredTools } from "../../tools/required_tools.ts";
import { wholeNumber } from "../parse_run.ts";
import { ProgressLine } from "../progress_line.ts";
import { note, say } from "../say.ts";

export interface InstallOptions {
  readonly from?: string;
  readonly image?: string;
  readonly name?: string;
  readonly shim?: readonly string[];
  readonly setup?: string;
  readonly cpus?: string;
  readonly memory?: string;
  readonly network?: readonly string[];
  readonly force?: boolean;
}

export async function install(host: Host, word: string | undefined, options: InstallOptions): Promise<void> {
  const request = installRequest(word, options);
  await installWith(host, await withChosenVersion(host, request), {});
}

interface InstallExtra {
  readonly projectsOnly?: boolean;
}

/** Installs with progress on stderr, tools that it requires first, and says what is there now. */
export async function installWith(
  host: Host,
  request: InstallRequest,
  extra: InstallExtra,
): Promise<void> {
  const required = "tool" in request ? requiredTools(host, request.tool) : [];
  const from = "tool" in request ? request.from : undefined;
  for (const tool of required) await installOne(host, { tool, version: undefined, from, force: false }, extra);
  await installOne(host, request, extra);
}

async function installOne(host: Host, request: InstallRequest, extra: InstallExtra): Promise<void> {
  const { install } = await import("../../tools/install.ts");
  const { makeSnapshot } = await import("../../engine/make_snapshot.ts");
  const line = new ProgressLine(host);
  let installed;
  try {
    installed = await install(host, { ...request, ...extra }, line.show);
    const machine = readMachine(host);
    if (machine !== undefined) {
      await makeSnapshot(host, machine, installed, readDefinition(host, installed.name), line.show);
    }
  } finally {
    line.clear();
  }
  const names = installed.shims.map((shim) => shim.name).join(", ") || "what the image runs";
  const isBeside = installed.name.includes("@");
  const how = isBeside ? "" : `: silo ${installed.name} … (${names})`;
  say(host, `Installed ${isBeside ? installed.name : `${installed.name} ${installed.version}`}${how}`);
  warnShadowed(host, installed.shims);
}

/** Asks for the version where somebody can be asked and there is a choice. */
async function withChosenVersion(host: Host, request: InstallRequest): Promise<InstallRequest> {
  if (!("tool" in request) || request.version !== undefined || request.from === "debian") return request;
  if (!host.terminals.stdin || !host.terminals.stderr || readInstalled(host).has(request.tool)) return request;
  const definition = readDefinition(host, request.tool);
  if (definition?.image === undefined || definition.versions.length < 2) return request;
  const { pick } = await import("../pick.ts");
  const { version } = definition.image;
  const chosen = await pick(
    `Which version of ${request.tool}?`,
    definition.versions.map((it) => ({ value: it, hint: it === version ? "the default" : undefined })),
    version,
  );
  return { ...request, version: chosen };
}

/** Says which of the shims another program hides. */
function warnShadowed(host: Host, shims: readonly Shim[]): void {
  const hidden = shadowedShims(host, shimDirectory(host), shims.map(({ name }) => name)) ?? [];
  for (const { name, by } of hidden) {
    note(host, `${name} is hidden by ${by}, which comes first on PATH`);
  }
}

/**
 * The request that a command line stands for.
 *
 * @throws {SiloError} if its words do not fit together.
 */
export function installRequest(word: string | undefined, options: InstallOptions): InstallRequest {
  const { image, name, shim, from, setup, force = false } = options;
  const settings = settingsOf(options);
  const wrong = (why: string, hint?: string) =>
    new SiloError(`could not understand the command line: ${why}`, { hint: hint ?? "`silo help install` shows how." });
  if (image !== undefined) {
    // `silo install NAME --image REF` names it too.
    if (word !== undefined && name !== undefined && word !== name) {
      throw wrong(`${word} and --name ${name} both say what to call the image`);
    }
    if (word?.includes("@")) {
      throw wrong(
        `${word} and --image both say which version`,
        `To give the image a name: silo install --image ${image} --name ${word.split("@")[0]}`,
      );
    }
    if (from !== undefined) throw wrong("--from is for tools by name, --image says itself where it is");
    return {
      image,
      name: name ?? word,
      shims: shim?.flatMap(parseShims),
      force,
      setup: setup && readSetup(setup),
      settings,
    };
  }
  if (word === undefined) throw wrong("no tool is named", "For example: silo install python");
  if (name !== undefined || shim !== undefined) throw wrong("--name and --shim go with --image only");
  if (setup !== undefined || settings !== undefined) {
    throw wrong(
      "--setup, --cpus, --memory and --network go with --image only",
      `For ${word}: [tools.${word.split("@")[0]}] in silo.toml`,
    );
  }
  const [tool, version, ...rest] = word.split("@");
  if (!tool || version === "" || rest.length > 0) {
    throw new SiloError(`could not understand ${word}: it has the form TOOL or TOOL@VERSION`);
  }
  if (from !== undefined && from !== "debian" && from !== "registry") {
    throw wrong(`--from ${from} is no source`, "It is registry or debian; any other image: silo install --image REF");
  }
  return { tool, version, from, force };
}

/** What runs of an image get; undefined if nothing was said. */
function settingsOf({ cpus, memory, network }: InstallOptions): Settings | undefined {
  if (cpus === undefined && memory === undefined && network === undefined) return undefined;
  const allow = (network ?? []).flatMap((list) => list.split(",")).map((host) => {
    parseRule(host);
    return host;
  });
  return {
    ...(cpus === undefined && memory === undefined ? {} : {
      resources: {
        ...(cpus === undefined ? {} : { cpus: wholeNumber("--cpus", cpus, 1, 64) }),
        ...(memory === undefined ? {} : { memoryMB: wholeNumber("--memory", memory, 256, 1_048_576) }),
      },
    }),
    ...(network === undefined ? {} : { network: { allow } }),
  };
}

function readSetup(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw new SiloError(`could not read the setup ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function parseShims(list: string): Shim[] {
  return list.split(",").map((text) => {
    const shim = parseShim(text);
    if (shim !== undefined) return shim;
    throw new SiloError(`could not understand --shim ${list}: "${text}" is neither NAME nor NAME:COMMAND`, {
      hint: "For example: --shim python:python3,pip",
    });
  });
}
