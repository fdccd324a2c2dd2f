import { textOf } from "../../helper/byte_string.ts";
import type { HostVariables } from "../guest_environment.ts";
import type { SshAgentPlan } from "./serve_agent.ts";

/** Which keys of the person's agent the sandbox may use; null if none, or if the host has no agent. */
export function planSshAgent(
  setting: boolean | readonly string[] | undefined,
  variables: HostVariables,
): SshAgentPlan | null {
  if (setting === undefined || setting === false || (Array.isArray(setting) && setting.length === 0)) return null;
  const socket = textOf(variables("SSH_AUTH_SOCK") ?? "");
  return socket.startsWith("/") ? { socket, keys: setting === true ? "all" : setting as readonly string[] } : null;
}
