/**
 * The `silo.toml` of a new project, as a person would write it. Pure.
 *
 * @module
 */
import { tomlKey, tomlLine } from "../config/toml_text.ts";

export interface InitTool {
  readonly tool: string;
  /** Files that told of it; none if the person named it. */
  readonly markers: readonly string[];
  readonly ports: readonly (number | string)[];
}

export interface InitAnswers {
  readonly tools: readonly InitTool[];
  readonly passEnv: readonly string[];
  /** Ports of no tool in particular. */
  readonly ports: readonly (number | string)[];
}

/** More markers are not named in a comment. */
const MAX_MARKERS = 3;

export function composeConfig({ tools, passEnv, ports }: InitAnswers): string {
  const first = tools[0]?.tool ?? "python";
  const parts = [
    `# The tools of this project run in sandboxes that see this directory and nothing else of the machine:\n` +
    `# silo ${first} …   What more they may do stands here; \`silo config default\` shows all that can be said.\n`,
  ];
  const top = [
    ...(passEnv.length > 0 ? [tomlLine(["passEnv"], passEnv)] : []),
    ...(ports.length > 0 ? [tomlLine(["ports"], ports)] : []),
  ];
  if (top.length > 0) parts.push(`${top.join("\n")}\n`);
  for (const { tool, markers, ports } of tools) {
    const more = markers.length > MAX_MARKERS ? `, and ${markers.length - MAX_MARKERS} more` : "";
    const why = markers.length === 0 ? "" : `  # ${markers.slice(0, MAX_MARKERS).join(", ")}${more}`;
    parts.push(`[tools.${tomlKey(tool)}]${why}\n${ports.length > 0 ? `${tomlLine(["ports"], ports)}\n` : ""}`);
  }
  return parts.join("\n");
}

/** `.gitignore` with silo's own directory in it; undefined if it says so already. */
export function withIgnored(text: string): string | undefined {
  if (text.split(/\r?\n/).some((line) => /^\/?\.silo\/?$/.test(line.trim()))) return undefined;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  return `${text}${text === "" || text.endsWith("\n") ? "" : eol}.silo/${eol}`;
}
