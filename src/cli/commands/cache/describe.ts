/** `silo cache …`, `silo prune`: what their command lines look like. */
import { type Command, InvalidArgumentError } from "commander";
import type { Host } from "../../../host.ts";

type End = (work: Promise<number | void>) => Promise<void>;

export function describeCacheCommands(program: Command, host: Host, end: End): void {
  const cache = program.command("cache").description("see what silo keeps on the disk, and free it")
    .usage("COMMAND …").addHelpText("after", EXAMPLES);
  cache.command("report").description("show where the room goes").option("--json", "print JSON")
    .action((options) => end(import("./report.ts").then((it) => it.cacheReport(host, options))));
  cache.command("list").alias("ls").description("show each root file system, build, snapshot and cache of a tool")
    .option("--json", "print JSON")
    .action((options) => end(import("./list.ts").then((it) => it.cacheList(host, options))));
  collecting(cache.command("gc").description("let go of what is older or larger than the limits"))
    .option("--images", "also images that no tool has")
    .option("--tool-caches", "also old files in the caches of tools")
    .option("--all", "all of these, and builds that no project needs any more")
    .action((options) => end(import("./gc.ts").then((it) => it.cacheGc(host, options))));
  cache.command("compress").description("compress root file systems and builds that were not used for 14 days")
    .option("--all", "whenever they were used last")
    .option("--dry-run", "only tell what would be done")
    .option("--json", "print JSON")
    .action((options) => end(import("./compress.ts").then((it) => it.cacheCompress(host, options))));
  cache.command("clean").description(
    "remove every root file system, build and snapshot; they are made again when needed",
  )
    .option("--safe", "only what no tool and no project needs")
    .option("--rootfs", "only root file systems")
    .option("--containers", "only what killed runs left")
    .option("--all", "the caches of tools, too (never logins and installed programs)")
    .option("--dry-run", "only tell what would be removed")
    .option("--json", "print JSON")
    .action((options) => end(import("./clean.ts").then((it) => it.cacheClean(host, options))));
  collecting(program.command("prune").description("free what is not needed: the same as cache gc --all"))
    .addHelpText("after", "\nExamples:\n  silo prune --dry-run\n  silo prune\n")
    .action((options) => end(import("./gc.ts").then((it) => it.cacheGc(host, { ...options, all: true }))));
}

function collecting(command: Command): Command {
  return command
    .option("--max-size <mib>", "a limit for this once, MiB", wholeNumber)
    .option("--max-age <days>", "an age for this once", wholeNumber)
    .option("--dry-run", "only tell what would be removed")
    .option("--json", "print JSON");
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It is not a whole number.");
  return Number(text);
}

const EXAMPLES = `
Examples:
  silo cache report
  silo cache list                    what needs which
  silo cache gc --dry-run --max-size 2048
  silo cache gc --images --tool-caches
  silo cache compress
  silo cache clean --safe

Limits are 8 GiB and 60 days for root file systems, builds and snapshots
together, 4 GiB and 30 days for each cache of a tool; [cache] in your own
silo.toml changes them. Once a day a run brings the first back under its limit
when it ends.
`;
