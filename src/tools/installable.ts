/**
 * Which tools can be installed, and why others cannot.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { nearest } from "../nearest.ts";
import type { DebianSource, ToolDefinition } from "./definition.ts";
import { readInstalled } from "./installed.ts";
import { availableTools, readDefinition } from "./registry.ts";
import { RESERVED_NAMES } from "./reserved_names.ts";

/**
 * The definition of a tool that is to be installed.
 *
 * @throws {SiloError} if there is none, it cannot be built, or it would take a name that is taken.
 */
export function definitionToInstall(
  host: Host,
  name: string,
): { definition: ToolDefinition; debian: DebianSource } {
  const refuse = (why: string, hint?: string) => new SiloError(`could not install ${name}: ${why}`, { hint });
  if (RESERVED_NAMES.has(name)) throw refuse(`\`silo ${name}\` is a command, so no tool may be called that`);
  const definition = readDefinition(host, name);
  if (definition === undefined) {
    const guess = nearest(name, availableTools(host));
    throw refuse(
      "no tool of that name is known",
      guess ? `Did you mean ${guess}?` : "`silo list --available` shows the tools there are.",
    );
  }
  if (definition.debian === undefined) throw refuse("it is not defined for Debian packages");
  for (const shim of definition.shims) {
    if (RESERVED_NAMES.has(shim.name)) throw refuse(`its shim ${shim.name} is called like a command of silo`);
    for (const other of readInstalled(host).values()) {
      if (other.name !== name && (other.name === shim.name || other.shims.some((taken) => taken.name === shim.name))) {
        throw refuse(`its shim ${shim.name} belongs to ${other.name} already`, `First: silo uninstall ${other.name}`);
      }
    }
  }
  return { definition, debian: definition.debian };
}
