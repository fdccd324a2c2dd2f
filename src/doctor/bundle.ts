/**
 * `silo doctor --bundle`: what a bug report needs, in one file that holds no secret. Everything in it is text that a
 * person can read before they send it.
 *
 * @module
 */
import { strToU8, zipSync } from "fflate";
import { parse } from "smol-toml";
import { locateQemu } from "../debian/toolbox/qemu.ts";
import { reasonOf } from "../errors.ts";
import type { Host } from "../host.ts";
import { availableTools } from "../tools/registry.ts";
import { readInstalled } from "../tools/installed.ts";
import { VERSION } from "../version.ts";
import type { Finding } from "./check.ts";
import { redactConfig, redactText } from "./redact.ts";

/** More of a log's end is not taken along. */
const MAX_LOG_BYTES = 256 * 1024;
const MAX_LOGS = 20;

/** One file of the bundle. */
export interface BundleFile {
  readonly name: string;
  readonly text: string;
}

/** Collects what is there. `configs`: `silo.toml` files that count here. */
export async function collectBundle(
  host: Host,
  findings: readonly Finding[],
  configs: readonly string[],
): Promise<BundleFile[]> {
  const clean = (text: string) => redactText(text, host.home);
  const files: BundleFile[] = [
    { name: "README.txt", text: README },
    { name: "doctor.json", text: json(findings.map((it) => JSON.parse(clean(JSON.stringify(it))))) },
    { name: "versions.json", text: json(await versions(host)) },
    { name: "tools.json", text: clean(json(tools(host))) },
  ];
  configs.forEach((path, i) => {
    const text = readEnd(path, MAX_LOG_BYTES);
    if (text !== undefined) files.push({ name: `config/${i + 1}.json`, text: configText(path, text, host) });
  });
  for (const { name, path } of logsOf(host)) {
    const text = readEnd(path, MAX_LOG_BYTES);
    if (text !== undefined) files.push({ name: `logs/${name}`, text: clean(text) });
  }
  return files;
}

/** The bundle as a ZIP file. */
export function zipBundle(files: readonly BundleFile[], now: number): Uint8Array<ArrayBuffer> {
  const entries = Object.fromEntries(files.map(({ name, text }) => [`silo-report/${name}`, strToU8(text)]));
  return zipSync(entries, { mtime: new Date(now) }) as Uint8Array<ArrayBuffer>;
}

const README = `What is in here was collected by \`silo doctor --bundle\` for a bug report.

doctor.json    what silo doctor found
versions.json  versions of silo and of what it stands on
tools.json     what is installed
config/        the silo.toml files that count here; values of variables and secrets are left out
logs/          the ends of silo's own logs, without what looks like a token

Look through it before you send it.
`;

function configText(path: string, text: string, host: Host): string {
  const shown = redactText(path, host.home);
  try {
    return json({ file: shown, content: redactConfig(parse(text), host.home) });
  } catch (error) {
    // Its text cannot be told from its secrets.
    return json({ file: shown, notRead: redactText(reasonOf(error).split("\n")[0]!, host.home) });
  }
}

function tools(host: Host) {
  try {
    const installed = [...readInstalled(host).values()].map(({ name, version, source, image }) => ({
      name,
      version,
      source,
      image,
    }));
    return { installed, available: availableTools(host) };
  } catch (error) {
    return { notRead: reasonOf(error) };
  }
}

async function versions(host: Host) {
  return {
    silo: VERSION,
    deno: Deno.version,
    platform: host.platform,
    architecture: host.architecture,
    system: osRelease(),
    kernel: Deno.osRelease(),
    cpus: host.cpus,
    memoryMiB: Math.round(Deno.systemMemoryInfo().total / 1024 ** 2),
    terminal: host.env.TERM ?? null,
    qemu: await qemuLine(host),
    bubblewrap: await firstLine("bwrap", "--version"),
  };
}

function osRelease(): string | null {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(Deno.readTextFileSync("/etc/os-release"))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Of the one that silo uses. */
async function qemuLine(host: Host): Promise<string | null> {
  if (host.platform !== "linux") return null;
  const command = await locateQemu(host).catch(() => undefined);
  return command === undefined ? null : await firstLine(command[0]!, ...command.slice(1), "--version");
}

async function firstLine(program: string, ...args: string[]): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(5_000);
    const { stdout } = await new Deno.Command(program, { args, stderr: "null", signal }).output();
    return new TextDecoder().decode(stdout).split("\n")[0] || null;
  } catch {
    return null;
  }
}

/** The newest first. */
function logsOf(host: Host): { name: string; path: string }[] {
  const directory = `${host.siloHome}/logs`;
  try {
    return [...Deno.readDirSync(directory)].filter((entry) => entry.isFile)
      .map(({ name }) => ({ name, path: `${directory}/${name}`, time: Deno.statSync(`${directory}/${name}`).mtime }))
      .sort((a, b) => (b.time?.getTime() ?? 0) - (a.time?.getTime() ?? 0)).slice(0, MAX_LOGS);
  } catch {
    return [];
  }
}

/** The end of a regular file, as text. */
function readEnd(path: string, maxBytes: number): string | undefined {
  try {
    const { isFile, size } = Deno.statSync(path); // a FIFO would be waited for for ever
    if (!isFile) return undefined;
    using file = Deno.openSync(path);
    file.seekSync(Math.max(0, size - maxBytes), Deno.SeekMode.Start);
    const buffer = new Uint8Array(Math.min(size, maxBytes));
    let length = 0;
    for (let count; length < buffer.length && (count = file.readSync(buffer.subarray(length))) !== null;) {
      length += count;
    }
    return new TextDecoder().decode(buffer.subarray(0, length));
  } catch {
    return undefined;
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
