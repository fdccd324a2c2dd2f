/**
 * What no sandbox may ever see: who could write there could decide what the next run may do, or be the next run.
 *
 * @module
 */
import { toolchainDirectory } from "../debian/toolchain_directory.ts";
import { ownPrograms } from "../helper/place.ts";
import type { Host } from "../host.ts";
import { runBase } from "./run_directory.ts";

/** silo's state, its run directories and its programs; absolute, free of symbolic links, whether they exist or not. */
export function keptDirectories(host: Host): string[] {
  return [host.siloHome, runBase(host), toolchainDirectory(host), ...ownPrograms()].map(resolved);
}

/** The path with the links of that part of it that exists followed. */
function resolved(path: string): string {
  for (let there = path, rest = ""; there !== ""; there = path.slice(0, path.length - rest.length)) {
    try {
      const real = Deno.realPathSync(there);
      return real === "/" ? rest || "/" : real + rest;
    } catch {
      rest = there.slice(there.lastIndexOf("/")) + rest;
    }
  }
  return path;
}
