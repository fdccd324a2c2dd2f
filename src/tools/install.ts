/**
 * Installing and uninstalling tools. Every step leaves whole things or nothing, and the entry in `config.toml` comes
 * last: a tool is installed or it is not, wherever the work is cut off.
 *
 * @module
 */
import { loadConfig } from "../config/load.ts";
import type { Progress } from "../debian/progress.ts";
import { SiloError } from "../errors.ts";
import { locateGuest, locateHelper } from "../helper/locate.ts";
import type { Host } from "../host.ts";
import { buildDebianImage, imageStoreOf, packageVersion } from "../images/debian_image.ts";
import { ensureRootfs, rootfsCacheOf } from "../images/image_rootfs.ts";
import type { StoredImage } from "../images/image_store.ts";
import { obtainImage } from "../images/obtain_image.ts";
import { whileStoring } from "../images/store_locks.ts";
import { ensureMachine } from "../machine/ensure_machine.ts";
import { readMachine } from "../machine/machine_file.ts";
import { nearest } from "../nearest.ts";
import { imageDefaults, imageVersion, usableVariables } from "./image_facts.ts";
import { freeImage } from "./image_garbage.ts";
import { type ImageRequest, type InstallPlan, planInstall, sourceText, type ToolRequest } from "./install_plan.ts";
import { changeInstalled, type InstalledTool, readInstalled } from "./installed.ts";
import { syncShims } from "../shims/sync_shims.ts";
import { checkedDefinition } from "./registry.ts";
import { assertRoom, ROOM_FOR_IMAGE, roomForMachine, roomForRootfs } from "./room.ts";
import { withRootfsHelper } from "./rootfs_helper.ts";
import { ensureSiloHome } from "./silo_home.ts";

export type InstallRequest = (ToolRequest | ImageRequest) & {
  /** Build again what is there already: the image if it is built here, and its root file system. */
  readonly force: boolean;
  /** Under `TOOL@VERSION`, beside the one that is there. */
  readonly beside?: boolean;
  /** Shims of a tool that is new count only in projects that name it. */
  readonly projectsOnly?: boolean;
};

/**
 * Gets the tool's image, makes its root file system and lists it. Safe to repeat: what is there already is kept.
 *
 * @throws {SiloError} if the tool is not known or any step fails.
 */
export async function install(host: Host, request: InstallRequest, progress: Progress): Promise<InstalledTool> {
  ensureSiloHome(host);
  if ("tool" in request) await checkedDefinition(host, request.tool); // its mistakes with their lines
  const plan = planned(host, request);
  if (readMachine(host) === undefined) assertRoom(host, `install ${plan.name}`, roomForMachine(host));
  const machine = await ensureMachine(host, { helper: locateHelper(host), guest: locateGuest(host) }, progress);
  const before = readInstalled(host).get(plan.name);
  // Until the tool is listed nothing else keeps its image.
  const tool = await whileStoring(imageStoreOf(host).directory, async () => {
    const image = await obtain(host, plan, request.force, progress);
    const version = versionOf(plan, image);
    const rootfs = await withRootfsHelper(host, machine, progress, async (create) => {
      if (request.force || await rootfsCacheOf(host).find(image.digest) === undefined) {
        assertRoom(host, `unpack the image of ${plan.name}`, roomForRootfs(image));
      }
      return await ensureRootfs(host, image, create, progress, request.force);
    });
    const imaged: InstalledTool = {
      name: plan.name,
      version,
      source: sourceText(plan.origin),
      image: image.digest,
      rootfs: rootfs.path.slice(host.siloHome.length + 1),
      environment: usableVariables(image),
      process: await imageDefaults(imageStoreOf(host), image),
      shims: plan.shims,
      ...plan.keeps,
      ...(request.projectsOnly && before === undefined ? { projectsOnly: true } : {}),
      installedAt: new Date(host.now()).toISOString(),
    };
    const tool = plan.postInstall.length === 0 ? imaged : await (await import("../bakes/build_tool.ts"))
      .completeTool(host, imaged, plan.postInstall, progress, request.force);
    await changeInstalled(host, (tools) => tools.set(tool.name, tool));
    await syncShims(host, readInstalled(host).values());
    return tool;
  });
  if (before !== undefined && before.image !== tool.image) await freeImage(host, before.image);
  return tool;
}

function planned(host: Host, request: InstallRequest): InstallPlan {
  const plan = planInstall(host, request);
  if (!request.beside || !("tool" in request)) return plan;
  return { ...plan, name: `${plan.name}@${request.version}`, shims: [] };
}

/**
 * Takes a tool off the list, then frees what no other tool needs. Runs under way keep what they use until they end.
 *
 * @throws {SiloError} if it is not installed.
 */
export async function uninstall(host: Host, name: string, keepImage = false): Promise<InstalledTool> {
  let removed: InstalledTool | undefined;
  const images = new Set<string>();
  await changeInstalled(host, (tools) => {
    removed = tools.get(name);
    // Other versions of it are nothing by themselves.
    for (const tool of [...tools.values()]) {
      if (tool.name !== name && !tool.name.startsWith(`${name}@`)) continue;
      images.add(tool.image);
      tools.delete(tool.name);
    }
  });
  if (removed === undefined) {
    const guess = nearest(name, [...readInstalled(host).keys()]);
    throw new SiloError(`could not uninstall ${name}: it is not installed`, {
      hint: guess ? `Did you mean ${guess}?` : "`silo list` shows what is.",
    });
  }
  await syncShims(host, readInstalled(host).values());
  if (!keepImage) { for (const image of images) await freeImage(host, image); }
  return removed;
}

/** The image, from wherever the plan says. */
async function obtain(host: Host, plan: InstallPlan, force: boolean, progress: Progress): Promise<StoredImage> {
  const store = imageStoreOf(host);
  const { name, origin } = plan;
  if (origin.kind === "debian") {
    const { suite, packages } = origin.debian;
    const reference = `debian/${name}:${suite}`;
    const known = force ? undefined : await store.resolve(reference);
    if (known !== undefined) return known;
    assertRoom(host, `build the image of ${name}`, ROOM_FOR_IMAGE);
    return await buildDebianImage(host, { reference, suite, packages }, progress);
  }
  const own = await loadConfig(host, `${host.siloHome}/silo.toml`, "user");
  try {
    return await obtainImage(host, store, origin.source, { settings: own?.config.registries, progress });
  } catch (error) {
    if (!(error instanceof SiloError) || plan.otherwise === undefined) throw error;
    throw new SiloError(error.message, {
      hint: [error.hint, plan.otherwise].filter((line) => line !== undefined).join("\n"),
      details: error.details,
      cause: error,
    });
  }
}

/** The version that is in the image; from Debian it must be the one that was asked for. */
function versionOf({ name, origin, version: told }: InstallPlan, image: StoredImage): string {
  if (told !== undefined) return told;
  if (origin.kind === "image") return imageVersion(image, origin.source, origin.versionVariable);
  const { debian, version: wanted } = origin;
  const version = (debian.versionFrom && packageVersion(image, debian.versionFrom)) || debian.suite;
  if (wanted === undefined || version === wanted || version.startsWith(`${wanted}.`)) return version;
  throw new SiloError(
    `could not install ${name}@${wanted} from Debian: Debian ${debian.suite} has ${name} ${version}`,
    { hint: `Install that: silo install ${name} --from debian` },
  );
}
