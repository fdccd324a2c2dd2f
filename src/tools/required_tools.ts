/** What must be there before a tool is installed: the `requires` of definitions, followed to their end. */
import { printable, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { readInstalled } from "./installed.ts";
import { readDefinition } from "./registry.ts";

/**
 * The tools that `tool` requires, directly or by others, and that are not installed: each once, and after what it
 * requires itself.
 *
 * @throws {SiloError} if tools require each other in a circle, or one is required that no registry has.
 */
export function requiredTools(host: Host, tool: string): string[] {
  const installed = readInstalled(host);
  const order = new Set<string>();
  const visit = (name: string, path: readonly string[]) => {
    const way = [...path, name];
    if (path.includes(name)) {
      throw new SiloError(`could not install ${tool}: tools require each other: ${printable(way.join(" → "))}`, {
        hint: `Take one of them out of \`requires\`, in ${host.siloHome}/registry`,
      });
    }
    const definition = readDefinition(host, name);
    if (definition === undefined && path.length > 0) {
      throw new SiloError(`could not install ${tool}: ${path.at(-1)} requires ${printable(name)}, which is not known`, {
        hint: "`silo list --available` shows what is.",
      });
    }
    for (const required of definition?.requires ?? []) {
      if (!installed.has(required) && !order.has(required)) visit(required, way);
    }
    if (path.length > 0) order.add(name);
  };
  visit(tool, []);
  return [...order];
}
