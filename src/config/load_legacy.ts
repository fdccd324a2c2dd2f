/**
 * Configuration that older programs of this name wrote, where there is no `silo.toml` beside it. Loaded only then.
 *
 * @module
 */
import { printable, reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { ConfigFile } from "./config.ts";
import { parseLegacy } from "./legacy.ts";
import { type ConfigKind, decodeConfig, readBounded } from "./load.ts";
import { Remembered, sha256 } from "./remembered.ts";

/** A legacy file that counts. */
export interface LegacyConfig {
  readonly path: string;
  readonly config: ConfigFile;
  /** One line for a person, the first time that the file is read as it is now. */
  readonly notice: string | undefined;
}

/**
 * Reads a legacy file as today's settings.
 *
 * @throws {SiloError} if it cannot be read, or holds what `silo.toml` could not.
 */
export async function loadLegacy(host: Host, path: string, kind: ConfigKind): Promise<LegacyConfig | undefined> {
  const bytes = readBounded(path);
  if (bytes === undefined) return undefined;
  const text = decodeConfig(path, bytes);
  const { config, dropped } = await parseLegacy(path, text).catch((cause) => {
    throw new SiloError(`could not use the configuration: ${printable(path)}: ${reasonOf(cause)}`, { cause });
  });
  const { mistakesIn } = await import("./schema.ts");
  const [mistake] = mistakesIn(config, kind);
  if (mistake !== undefined) {
    const where = mistake.path.length === 0 ? "" : `${mistake.path.join(".")}: `;
    throw new SiloError(`could not use the configuration: ${printable(path)}: ${where}${printable(mistake.message)}`, {
      hint: "Correct it, or begin anew: move the file away and run silo init.",
    });
  }
  return { path, config: config as ConfigFile, notice: await noticeOnce(host, path, bytes, dropped) };
}

async function noticeOnce(
  host: Host,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  dropped: readonly string[],
): Promise<string | undefined> {
  const told = new Remembered(host, "checked");
  const digest = await sha256(bytes);
  if (await told.has(path, digest)) return undefined;
  await told.remember(path, digest).catch(() => {}); // a silo home that cannot be written is told elsewhere
  const lost = dropped.length === 0 ? "" : ` (without ${dropped.map(printable).join(", ")}, which it does not know)`;
  return `${printable(path)} is of an older program; it counts${lost}; silo config migrate makes a silo.toml of it`;
}
