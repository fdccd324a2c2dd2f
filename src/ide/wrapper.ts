/**
 * A program that an editor starts where it takes a path and no arguments.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { replaceSettings } from "./replace_settings.ts";
import type { Server } from "./editor.ts";

/** Where it is: in the silo home, which no sandbox can write. */
export function wrapperPath(host: Host, tool: string): string {
  return `${host.siloHome}/editors/${tool}-language-server`;
}

/** Writes it. Editors ask a server for its version before they start it: that must not start a sandbox. */
export function writeWrapper({ tool, wrapper, program, command }: Server): void {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const text = `#!/bin/sh
# Written by \`silo ide\`: the language server of ${tool}, in its sandbox.
case "\${1-}" in
  --version) echo "${program} (in silo)"; exit 0 ;;
esac
exec ${quoted}
`;
  replaceSettings(wrapper, text, 0o755);
}
