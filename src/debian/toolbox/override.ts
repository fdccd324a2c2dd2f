/**
 * Environment variables that name a command.
 *
 * @module
 */
import type { Host } from "../../host.ts";
import { SiloError } from "../../errors.ts";

/**
 * Reads a command prefix from the environment: one path, or a JSON array of strings (`["/opt/ld.so","/opt/qemu"]`).
 *
 * @throws {SiloError} if it starts like an array and is none.
 */
export function commandFromEnvironment(host: Host, variable: string): string[] | undefined {
  const value = host.env[variable];
  if (value === undefined || value === "") return undefined;
  if (!value.startsWith("[")) return [value];
  try {
    const parsed: unknown = JSON.parse(value);
    if (Array.isArray(parsed) && parsed.length > 0 && parsed.every((part) => typeof part === "string")) return parsed;
  } catch { /* told below */ }
  throw new SiloError(`could not read ${variable}: it is neither a path nor a JSON array of strings`);
}
