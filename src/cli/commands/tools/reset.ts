/** `silo reset` */
import { runBase, staleRunDirectories } from "../../../engine/run_directory.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { readInstalled } from "../../../tools/installed.ts";
import { askYes } from "../../ask.ts";
import { note, say, warn } from "../../say.ts";
import { tilde } from "../../tilde.ts";

export async function reset(host: Host, options: { yes?: boolean; keepSettings?: boolean }): Promise<void> {
  const home = host.siloHome;
  const goes = contents(home, options.keepSettings === true);
  if (goes.length === 0) return say(host, `There is nothing to remove in ${tilde(host, home)}`);
  await assertNothingRuns(host);
  const list = goes.map((it) => `\n  - ${it.text}${toolsIn(host, it)}`).join("");
  (options.yes ? note : warn)(host, `this removes from ${tilde(host, home)}:${list}`);
  if (!options.yes) {
    if (!host.terminals.stdin || !host.terminals.stderr) {
      throw new SiloError("could not ask whether to remove it: this is not a terminal", {
        hint: "If you have read the list above and want it: silo reset --yes",
      });
    }
    if (!askYes("Remove all of it?")) throw new SiloError("could not reset: you said no");
  }
  // The list of tools goes first: what is gone after it belongs to no tool.
  for (const { names } of goes) {
    for (const name of names) await Deno.remove(`${home}/${name}`, { recursive: true }).catch(ignoreMissing);
  }
  say(host, "Removed. Projects and their silo.toml are as they were.");
}

interface Part {
  readonly names: readonly string[];
  readonly text: string;
}

const PARTS: readonly Part[] = [
  { names: ["config.toml", "config.toml.lock", "bin"], text: "the installed tools and their shims" },
  { names: ["images", "rootfs", "bakes", "machine", "scratch", "snapshots"], text: "images, builds and the machine" },
  { names: ["caches", "cache", "tool-caches"], text: "what tools keep between runs: package caches, logins of agents" },
  {
    names: ["projects", "state", "log", "logs"],
    text: "what was accepted, logs, and what was found out about this machine",
  },
  { names: ["silo.toml", "registry"], text: "your own silo.toml and definitions of tools" },
];

/** The names of the tools, where they go. */
function toolsIn(host: Host, part: Part): string {
  if (!part.names.includes("config.toml")) return "";
  try {
    return `: ${[...readInstalled(host).keys()].join(", ") || "none"}`;
  } catch {
    return ""; // a damaged list is one more reason to reset
  }
}

/** What is there of each part; whatever else is in the silo home goes with the last but one. */
function contents(home: string, keepSettings: boolean): Part[] {
  let entries: string[];
  try {
    entries = [...Deno.readDirSync(home)].map(({ name }) => name);
  } catch {
    return [];
  }
  const known = new Set(PARTS.flatMap(({ names }) => names));
  const others = entries.filter((name) => !known.has(name) && name !== "run");
  const parts = keepSettings ? PARTS.slice(0, -1) : PARTS;
  const found = parts.map(({ names, text }) => ({ names: names.filter((name) => entries.includes(name)), text }))
    .filter(({ names }) => names.length > 0);
  return others.length === 0 ? found : [...found, { names: others, text: `other files of silo: ${others.join(", ")}` }];
}

async function assertNothingRuns(host: Host): Promise<void> {
  const base = runBase(host);
  const stale = new Set(await staleRunDirectories(base, host.now()));
  let running = 0;
  try {
    for (const entry of Deno.readDirSync(base)) if (entry.name.startsWith("r-") && !stale.has(entry.name)) running++;
  } catch { /* nothing ran yet */ }
  if (running === 0) return;
  throw new SiloError(`could not reset: ${running === 1 ? "a sandbox is" : `${running} sandboxes are`} running`, {
    hint: "`silo ps` shows them; silo rm --all ends them.",
  });
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
