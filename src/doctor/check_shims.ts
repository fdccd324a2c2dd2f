/**
 * Whether the shims are what a shell finds.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { shadowedShims } from "../shims/shadowed.ts";
import { shimDirectory } from "../shims/sync_shims.ts";
import { type InstalledTool, readInstalled } from "../tools/installed.ts";
import type { Finding } from "./check.ts";

/** Nothing is said where no tool has shims. */
export function checkShims(host: Host): Finding[] {
  let tools: InstalledTool[];
  try {
    tools = [...readInstalled(host).values()];
  } catch {
    return []; // told by another check
  }
  const names = tools.flatMap(({ shims }) => shims.map(({ name }) => name));
  if (names.length === 0) return [];
  const directory = shimDirectory(host);
  const shadowed = shadowedShims(host, directory, names);
  const name = "shims";
  if (shadowed === undefined) {
    const fix = 'eval "$(silo shellenv)" in the start-up file of your shell; `silo TOOL` works without';
    return [{ name, status: "note", detail: `${directory} is not on PATH`, fix }];
  }
  if (shadowed.length > 0) {
    const detail = `hidden by what comes first on PATH: ${shadowed.map(({ by }) => by).join(", ")}`;
    return [{ name, status: "note", detail, fix: `Put ${directory} before it on PATH` }];
  }
  return [{ name, status: "ok", detail: `${names.length} on PATH, none hidden` }];
}
