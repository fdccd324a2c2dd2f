/** `silo net`: what the network refused. */
import type { Command } from "commander";
import { printable, SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { type LogEntry, networkLogFile, readNetworkLog } from "../../network/network_log.ts";
import { writeAll } from "../output.ts";
import { table } from "../table.ts";
import { note } from "../say.ts";
import { tilde } from "../tilde.ts";

const EXAMPLES = `
Examples:
  silo net log                       what was refused lately, with the command that allows it
  silo net log --lines 5
  silo net log --json | jq .host     for programs
`;

/** Adds the group to the program. */
export function describeNet(program: Command, host: Host): void {
  const net = program.command("net").description("look at what the network refused").usage("COMMAND …")
    .addHelpText("after", EXAMPLES);
  net.command("log").description("show the latest refusals of all runs, the newest last")
    .option("-n, --lines <number>", "how many (50)")
    .option("--json", "print the lines of the log as they are: JSON")
    .addHelpText("after", EXAMPLES)
    .action((options) => netLog(host, options));
}

function netLog(host: Host, options: { lines?: string; json?: boolean }): void {
  const { lines = "50" } = options;
  if (!/^\d{1,6}$/.test(lines)) {
    throw new SiloError(`could not understand the command line: --lines is ${printable(lines)}, not a number`, {
      hint: "For example: silo net log --lines 5",
    });
  }
  const count = Number(lines);
  const entries = count === 0 ? [] : readNetworkLog(host.siloHome, count);
  writeAll(Deno.stdout, options.json ? entries.map((entry) => `${JSON.stringify(entry)}\n`).join("") : text(entries));
  if (entries.length === 0 && !options.json) {
    note(host, `nothing was refused yet (${tilde(host, networkLogFile(host.siloHome))})`);
  }
}

function text(entries: readonly LogEntry[]): string {
  const rows = entries.map(({ time, tool, host, port, reason, remedy, count }) => {
    const target = port === null ? host : `${host}:${port}`;
    const times = count > 1 ? ` (${count} times)` : "";
    const local = `${time.slice(0, 10)} ${time.slice(11, 19)}Z`;
    return [local, tool, target, `${reason}${times}`, remedy ?? ""].map((cell) => printable(String(cell)));
  });
  return table(rows);
}
