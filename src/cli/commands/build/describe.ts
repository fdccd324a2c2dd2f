/** `silo build|setup|rebuild|add|sync|projects|clean`: what their command lines look like. */
import { type Command, Option } from "commander";
import type { Host } from "../../../host.ts";
import {
  ADD_EXAMPLES,
  BUILD_EXAMPLES,
  CLEAN_EXAMPLES,
  PROJECTS_EXAMPLES,
  REBUILD_EXAMPLES,
  SYNC_EXAMPLES,
} from "./examples.ts";

type End = (work: Promise<number | void>) => Promise<void>;

export function describeBuildCommands(program: Command, host: Host, end: End): void {
  for (const name of ["build", "setup", "rebuild"] as const) {
    const about = {
      build: "add to a tool's root file system for good: run a command in it and keep what it changes",
      setup: "the same as build",
      rebuild: "the same as build --rerun",
    }[name];
    // Everything after TOOL is the command's own, so that its flags need no quoting.
    program.command(name, { hidden: name === "setup" }).argument("[tool]").argument("[cmd...]").description(about)
      .usage("[flags] TOOL [flags] [CMD…]")
      .passThroughOptions()
      .option("--global", "for every project, in your own silo.toml (else for this project, in its silo.toml)")
      .option("--script <file>", "run a script of the project")
      .option("--setup <cmd>", "put this one command in place of all that are recorded")
      .option("--rerun", "run the recorded steps again")
      .option("--remove", "forget the recorded steps")
      .option("--all", "with --rerun: all tools that have steps")
      .addHelpText("after", name === "rebuild" ? REBUILD_EXAMPLES : BUILD_EXAMPLES)
      .action((tool, words, options) =>
        end(import("./build.ts").then((it) => it.build(host, name, tool, words, options)))
      );
  }
  program.command("add").argument("[package...]").description("add packages or a language to a tool, and build it")
    .option("--for <tool>", "which tool (the project's, if it has one)")
    .option("--step <cmd>", "add any command instead (repeatable)", collect)
    .option("--global", "for every project")
    .option("--no-sync", "only record it; `silo sync` builds it")
    .addHelpText("after", ADD_EXAMPLES)
    .action((packages, options) => end(import("./add.ts").then((it) => it.add(host, packages, options))));
  program.command("sync").aliases(["pull", "apply"])
    .description("install and build what silo.toml names; does nothing where all is there")
    .option("--dry-run", "only tell what would be done")
    .option("--force", "build again even what is there")
    .option("--json", "print JSON")
    .addHelpText("after", SYNC_EXAMPLES)
    .action((options) => end(import("./sync.ts").then((it) => it.sync(host, options))));
  const projects = program.command("projects").description("look at the projects that have something in the silo home")
    .usage("COMMAND …").addHelpText("after", PROJECTS_EXAMPLES);
  projects.command("ls").description("show the projects that silo keeps something for, and how much").option(
    "--json",
    "print JSON",
  )
    .addHelpText("after", PROJECTS_EXAMPLES)
    .action((options) => end(import("./projects.ts").then((it) => it.projectsLs(host, options))));
  program.command("clean").description("free what silo keeps for this project: its caches and what was built for it")
    .option("--orphaned", "of all projects whose directories are gone, instead")
    .option("--caches-only", "only the caches of its tools")
    .option("--builds-only", "only what was built for it")
    .addOption(new Option("--rootfs-only", "the same: what was built are root file systems").hideHelp())
    .option("--force", "also what other projects use too")
    .option("--dry-run", "only tell what would be removed")
    .option("--json", "print JSON")
    .addHelpText("after", CLEAN_EXAMPLES)
    .action((options) => end(import("./clean.ts").then((it) => it.clean(host, options))));
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
