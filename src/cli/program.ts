/**
 * All commands but the runs.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { runBase, sweepRunDirectories } from "../engine/run_directory.ts";
import { EXIT, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { nearest } from "../nearest.ts";
import { COMMANDS } from "../tools/reserved_names.ts";
import { describeConfigCommands } from "./commands/config/describe.ts";
import { describeInit } from "./commands/init/describe.ts";
import { describeBuildCommands } from "./commands/build/describe.ts";
import { describeCacheCommands } from "./commands/cache/describe.ts";
import { describeMachineCommands } from "./commands/machines/describe.ts";
import { describeEditorCommands } from "./commands/editors/describe.ts";
import { describeNet } from "./commands/net.ts";
import { describeToolCommands } from "./commands/tools/describe.ts";
import { EXAMPLES, IMAGE_EXAMPLES, versionText } from "./help.ts";
import { COLUMNS, fitted } from "./fit.ts";
import { completeCommands, HELP_FORMAT } from "./help_format.ts";
import { writeAll } from "./output.ts";
import { explain } from "./say.ts";
import { showHelp } from "./show_help.ts";
import { tilde } from "./tilde.ts";

/** The exit code of the command that was run. */
interface Outcome {
  code: number;
}

/** Runs a command that is no run. Returns its exit code. */
export async function otherCommand(args: readonly string[], host: Host): Promise<number> {
  const outcome: Outcome = { code: EXIT.OK };
  const own = { ...host }; // how much it says is known when the command's flags are parsed
  const program = describeProgram(own, outcome);
  program.hook("preAction", (_, action) => {
    const { quiet, verbose } = action.optsWithGlobals();
    if (quiet) own.verbosity = "quiet";
    else if (verbose) own.verbosity = "verbose";
    explain(own, `command: ${action.name()}; silo home: ${tilde(own, own.siloHome)}`);
  });
  try {
    await program.parseAsync(completed(args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.OK; // help and version end this way
    throw mistake(error, args);
  } finally {
    await sweepRunDirectories(runBase(host), host.now());
  }
  return outcome.code;
}

/** Commands that only hold others. */
const GROUPS = ["image", "net", "cache", "projects", "config", "config network", "config ports"];

/** A group of commands alone is a question for its help. */
function completed(args: readonly string[]): string[] {
  if (args.length === 0) return ["help"];
  return GROUPS.includes(args.join(" ")) ? [...args, "--help"] : [...args];
}

/** The commands as they are parsed, and as help, completions and the manual tell of them. */
export function describeProgram(
  host: Host,
  outcome: Outcome,
  write = (text: string) => writeAll(Deno.stdout, text),
): Command {
  const program = new Command("silo")
    .description("Runs development tools, each in a fresh throw-away micro-VM.")
    .usage("[flags] COMMAND …\n       silo [flags] TOOL [args…]")
    .exitOverride()
    .enablePositionalOptions() // so that a build's command keeps its own flags
    .configureOutput({
      writeOut: (text) => write(fitted(text).replace(/\n{2,}$/, "\n")),
      writeErr: () => {}, // what is wrong is told by the error itself
      getOutHelpWidth: () => COLUMNS,
    })
    .configureHelp(HELP_FORMAT)
    .version(versionText().trim(), "-V, --version", "print the version")
    .addHelpText("after", EXAMPLES);
  const end = async (work: Promise<number | void>) => {
    outcome.code = await work ?? EXIT.OK;
  };

  // Handled before commander is loaded; listed here for the help.
  program.command("run [flags...]").description("run a tool (`silo run --help` for its flags)").helpOption(false)
    .usage("[flags] TOOL [args…]").action(() => {});
  program.command("shell [flags...]").description("open a shell in a tool's sandbox").helpOption(false)
    .usage("[flags] TOOL [args…]").action(() => {});

  describeEditorCommands(program, host, end);
  describeToolCommands(program, host, end);
  describeMachineCommands(program, host, end);
  describeImageCommands(program, host, end);
  describeBuildCommands(program, host, end);
  describeCacheCommands(program, host, end);
  describeConfigCommands(program, host, end);
  describeNet(program, host);
  describeInit(program, host, end);
  program.command("trust").description("accept what the project's silo.toml opens to the sandbox, as it is now")
    .option("-y, --yes", "do not ask")
    .option("--revoke", "take the acceptance back")
    .addHelpText(
      "after",
      "\nExamples:\n  silo trust\n  silo trust --yes      after reading silo.toml\n  silo trust --revoke\n",
    )
    .action((options) => end(import("./commands/trust.ts").then((it) => it.trust(host, options))));
  program.command("doctor").description("check whether everything works here, and say how to mend what does not")
    .option("--json", "print JSON")
    .option("--bundle <file.zip>", "collect what a bug report needs, without secrets")
    .addHelpText(
      "after",
      "\nExamples:\n  silo doctor\n  silo doctor --bundle report.zip\n  silo doctor --json | jq '.findings[] | select(.status == \"fail\")'\n",
    )
    .action((options) => end(import("./commands/doctor.ts").then((it) => it.doctor(host, options))));
  program.command("version").description("print the version").addHelpText("after", "\nExamples:\n  silo version\n")
    .action(() => writeAll(Deno.stdout, versionText()));
  program.command("help").argument("[command...]").description("print this, or a command's own help")
    .addHelpText("after", "\nExamples:\n  silo help\n  silo help install\n  silo help cache gc\n")
    .action((words) => showHelp(program, words, write));
  inGroups(program);
  completeCommands(program);
  return program;
}

/** Puts the commands under headings of the help, in their order. */
function inGroups(program: Command): void {
  const places = Object.entries(HELP_GROUPS).flatMap(([heading, names]) =>
    names.split(" ").map((name) => ({ heading, name }))
  );
  const place = (command: Command) => places.findIndex(({ name }) => name === command.name());
  (program.commands as Command[]).sort((a, b) => place(a) - place(b));
  for (const command of program.commands) command.helpGroup(places[place(command)]?.heading ?? "Other commands:");
}

const HELP_GROUPS = {
  "Run tools:": "run shell exec ps rm lsp",
  "Have tools:": "install uninstall list current use unuse pin unpin shim shellenv completions",
  "Projects:": "init build rebuild add sync projects clean config trust net ide",
  "This machine:": "doctor image cache prune reset version help",
};

function describeImageCommands(program: Command, host: Host, end: (work: Promise<void>) => Promise<void>): void {
  const image = program.command("image").description("look at the images of tools, save them, free their space")
    .usage("COMMAND …").addHelpText("after", IMAGE_EXAMPLES);
  const load = () => import("./commands/image.ts");
  image.command("ls").description("show the images")
    .option("--json", "print JSON")
    .action((options) => end(load().then((it) => it.imageLs(host, options))));
  image.command("inspect").argument("<image>").description("show what an image says about itself")
    .option("--json", "print JSON")
    .action((word, options) => end(load().then((it) => it.imageInspect(host, word, options))));
  image.command("save").argument("<image>").argument("<file>")
    .description("write an image as an OCI archive, for skopeo, podman and docker")
    .action((word, file) => end(load().then((it) => it.imageSave(host, word, file))));
  image.command("rm").argument("<image...>").description("remove images that no tool is installed from")
    .action((words) => end(load().then((it) => it.imageRm(host, words))));
  image.command("gc").description("remove every image and root file system that no installed tool has")
    .option("--dry-run", "only tell what would be removed")
    .option("--json", "print JSON")
    .action((options) => end(load().then((it) => it.imageGc(host, options))));
}

/** A mistake on the command line, in silo's own words. */
function mistake(error: CommanderError, args: readonly string[]): SiloError {
  const reason = error.message.replace(/^error: /, "").replace(/\s*\(Did you mean .*$/s, "").trim();
  const command = args.find((word) => !word.startsWith("-"));
  // The commands of a group (`silo config …`) are commander's own to suggest.
  const isFirst = command !== undefined && reason === `unknown command '${command}'`;
  const guess = isFirst ? nearest(command, COMMANDS) : undefined;
  const suggested = /\(Did you mean (?:one of )?([^?]*)\?\)/s.exec(error.message)?.[1] ?? guess;
  const help = command !== undefined && (COMMANDS as readonly string[]).includes(command)
    ? `silo help ${command}`
    : "silo help";
  return new SiloError(`could not understand the command line: ${reason}`, {
    hint: suggested ? `Did you mean ${suggested}?` : `\`${help}\` shows what there is.`,
  });
}
