/**
 * Coding agents.
 *
 * @module
 */
import type { ToolDefinition } from "./definition.ts";

/** Arguments that keep an agent from asking before each step; none for other programs, or other tools. */
export function autoApproval(definition: ToolDefinition | undefined, command: string | undefined): readonly string[] {
  const agent = definition?.agent;
  return agent !== undefined && command === agent.command ? agent.autoApprove : [];
}
