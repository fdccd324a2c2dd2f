/**
 * Installing and uninstalling tools. Every step leaves whole things or nothing, and the entry in `config.toml` comes
 * last: a tool is installed or it is not, wherever the work is cut off.
 *
 * @module
 */
import type { Progress } from "../debian/progress.ts";
import { SiloError } from "../errors.ts";
import { HelperClient } from "../helper/client.ts";
import { locateGuest, locateHelper } from "../helper/locate.ts";
import type { Host } from "../host.ts";
import { buildDebianImage, imageStoreOf, packageVersion } from "../images/debian_image.ts";
import { collectGarbage } from "../images/gc.ts";
import { type CreateRootfs, ensureRootfs, rootfsCacheOf } from "../images/image_rootfs.ts";
import type { StoredImage } from "../images/image_store.ts";
import { ensureMachine } from "../machine/ensure_machine.ts";
import { type Machine, readMachine } from "../machine/machine_file.ts";
import type { DebianSource, ToolDefinition } from "./definition.ts";
import { definitionToInstall } from "./installable.ts";
import { changeInstalled, type InstalledTool, readInstalled } from "./installed.ts";
import { assertRoom, ROOM_FOR_IMAGE, ROOM_FOR_MACHINE } from "./room.ts";
import { ensureSiloHome } from "./silo_home.ts";

/** Writing a root file system of some gigabytes on a slow disk stays under this, milliseconds. */
const CREATE_LIMIT_MS = 30 * 60_000;

export interface InstallRequest {
  readonly tool: string;
  /** What the person asked for after `@`: the version or the beginning of it; undefined: whatever there is. */
  readonly version: string | undefined;
  /** Build the image again though there is one. */
  readonly force: boolean;
}

/**
 * Builds the tool's image from Debian packages, makes its root file system and lists it. Safe to repeat: what is there
 * already is kept.
 *
 * @throws {SiloError} if the tool is not known or any step fails.
 */
export async function installFromDebian(
  host: Host,
  request: InstallRequest,
  progress: Progress,
): Promise<InstalledTool> {
  ensureSiloHome(host);
  const { definition, debian } = definitionToInstall(host, request.tool);
  if (readMachine(host) === undefined) assertRoom(host, `install ${definition.name}`, ROOM_FOR_MACHINE);
  const machine = await ensureMachine(host, { helper: locateHelper(host), guest: locateGuest(host) }, progress);
  const image = await imageOf(host, definition, debian, request.force, progress);
  const version = packageVersion(image, debian.versionFrom) ?? debian.suite;
  if (request.version !== undefined && version !== request.version && !version.startsWith(`${request.version}.`)) {
    throw new SiloError(
      `could not install ${definition.name}@${request.version}: Debian ${debian.suite} has ${definition.name} ${version}`,
      { hint: `Install that: silo install ${definition.name}` },
    );
  }
  const rootfs = await withHelper(host, machine, progress, (create) => ensureRootfs(host, image, create, progress));
  const tool: InstalledTool = {
    name: definition.name,
    version,
    source: "debian",
    image: image.digest,
    rootfs: rootfs.path.slice(host.siloHome.length + 1),
    environment: image.config.config?.Env ?? [],
    shims: definition.shims,
    installedAt: new Date(host.now()).toISOString(),
  };
  const before = readInstalled(host).get(tool.name);
  await changeInstalled(host, (tools) => tools.set(tool.name, tool));
  if (before !== undefined && before.image !== tool.image) await freeImage(host, before);
  return tool;
}

/**
 * Takes a tool off the list, then frees what no other tool needs. Runs under way keep what they use until they end.
 *
 * @throws {SiloError} if it is not installed.
 */
export async function uninstall(host: Host, name: string): Promise<InstalledTool> {
  let removed: InstalledTool | undefined;
  await changeInstalled(host, (tools) => {
    removed = tools.get(name);
    tools.delete(name);
  });
  if (removed === undefined) {
    throw new SiloError(`could not uninstall ${name}: it is not installed`, { hint: "`silo list` shows what is." });
  }
  const store = imageStoreOf(host);
  for (const reference of await store.references()) {
    if ((await store.resolve(reference))?.digest === removed.image) await store.untag(reference);
  }
  await freeImage(host, removed);
  return removed;
}

/** The image in the store, else a new one. */
async function imageOf(
  host: Host,
  definition: ToolDefinition,
  debian: DebianSource,
  force: boolean,
  progress: Progress,
): Promise<StoredImage> {
  const reference = `debian/${definition.name}:${debian.suite}`;
  const known = force ? undefined : await imageStoreOf(host).resolve(reference);
  if (known !== undefined) return known;
  assertRoom(host, `build the image of ${definition.name}`, ROOM_FOR_IMAGE);
  return await buildDebianImage(host, { reference, suite: debian.suite, packages: debian.packages }, progress);
}

/** Runs `action` with a helper that makes file systems; the helper is started when the first one is wanted. */
async function withHelper<T>(
  host: Host,
  machine: Machine,
  progress: Progress,
  action: (create: CreateRootfs) => Promise<T>,
): Promise<T> {
  let client: HelperClient | undefined;
  try {
    return await action(async (request) => {
      client = new HelperClient(machine.helper, host, { progress: (params) => progress(params as never) });
      await client.initialize();
      const params = { ...request, linux: { mke2fs: [...machine.mke2fs] } };
      await client.request("rootfs/create", params, { doing: "make the root file system" }, CREATE_LIMIT_MS);
    });
  } finally {
    await client?.close();
  }
}

/** Removes the root file system and the blobs of an image, if no installed tool has it any more. */
async function freeImage(host: Host, tool: InstalledTool): Promise<void> {
  const needed = () => [...readInstalled(host).values()].map((other) => other.image);
  if (needed().includes(tool.image)) return;
  await rootfsCacheOf(host).remove(tool.image);
  await collectGarbage(imageStoreOf(host), { needed, dropNames: false, dryRun: false });
}
