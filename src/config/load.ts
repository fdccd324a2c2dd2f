/**
 * Reading `silo.toml` files. Each is read once; the bytes that are judged are the bytes that are used.
 *
 * @module
 */
import { parse } from "smol-toml";
import { reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { ConfigFile, UserConfigFile } from "./config.ts";
import { Remembered, sha256 } from "./remembered.ts";

/** A file as it was read. */
export interface LoadedConfig<File extends ConfigFile = ConfigFile> {
  readonly path: string;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly digest: string;
  readonly config: File;
}

/** More than any person writes; a project's file is untrusted. */
const MAX_BYTES = 1024 * 1024;

/** Whose file it is. The same path is never both: the silo home is no project. */
export type ConfigKind = "user" | "project";

/**
 * Reads and checks a file; undefined if there is none.
 *
 * @throws {SiloError} with file, line and column, if it is not as it should be.
 */
export async function loadConfig<Kind extends ConfigKind>(
  host: Host,
  path: string,
  kind: Kind,
): Promise<LoadedConfig<Kind extends "user" ? UserConfigFile : ConfigFile> | undefined> {
  const bytes = readBounded(path);
  if (bytes === undefined) return undefined;
  const digest = await sha256(bytes);
  const { text, value } = await parseConfig(path, bytes);
  // Checking takes longer than all the rest of a start, so a file that was found good is not checked again.
  const checked = new Remembered(host, "checked");
  if (!await checked.has(path, digest)) {
    const { mistakesIn } = await import("./schema.ts");
    const mistakes = mistakesIn(value, kind);
    if (mistakes.length > 0) {
      const { explainMistakes } = await import("./explain.ts");
      throw explainMistakes(path, text, mistakes);
    }
    await checked.remember(path, digest).catch(() => {}); // a silo home that cannot be written is told elsewhere
  }
  return { path, digest, config: value as UserConfigFile };
}

/**
 * The TOML of a file.
 *
 * @throws {SiloError} with file, line and column, if it is none.
 */
export async function parseConfig(path: string, bytes: Uint8Array): Promise<{ text: string; value: unknown }> {
  const text = decodeConfig(path, bytes);
  try {
    return { text, value: parse(text) };
  } catch (error) {
    const { explainSyntax } = await import("./explain.ts");
    throw explainSyntax(path, error as Error);
  }
}

/** The bytes of a configuration file, 1 MiB at most; undefined if there is none. */
export function readBounded(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    // Asked before opening, which would wait for ever on a FIFO that a sandbox left there.
    if (!Deno.statSync(path).isFile) {
      throw new SiloError(`could not use the configuration: ${path} is not a regular file`);
    }
    using file = Deno.openSync(path, { read: true });
    const info = file.statSync();
    if (info.size > MAX_BYTES) throw new SiloError(`could not use the configuration: ${path} is over 1 MiB`);
    const buffer = new Uint8Array(info.size);
    let length = 0;
    for (let count; length < buffer.length && (count = file.readSync(buffer.subarray(length))) !== null;) {
      length += count;
    }
    return buffer.subarray(0, length);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    if (cause instanceof SiloError) throw cause;
    throw new SiloError(`could not read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** Its text: UTF-8. */
export function decodeConfig(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SiloError(`could not use the configuration: ${path} is not UTF-8 text`);
  }
}
