/** `silo init` */
import { writeFileAtomic } from "../../../cache/atomic.ts";
import { fileToEdit } from "../../../config/edit_file.ts";
import { mistakesIn } from "../../../config/schema.ts";
import { acceptEdit } from "../../../config/trust.ts";
import { printable, reasonOf, SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { composeConfig, type InitAnswers, type InitTool, withIgnored } from "../../../init/compose.ts";
import { detectTools, type FoundTool } from "../../../init/detect.ts";
import { findMarkers } from "../../../init/look.ts";
import { isThere } from "../../../is_there.ts";
import { readInstalled } from "../../../tools/installed.ts";
import { availableTools } from "../../../tools/registry.ts";
import { ensureSiloHome } from "../../../tools/silo_home.ts";
import { parse } from "smol-toml";
import { say } from "../../say.ts";
import { tilde } from "../../tilde.ts";

export interface InitOptions {
  /** False: ask nothing. */
  readonly interactive: boolean;
  readonly tool?: readonly string[];
  readonly port?: readonly string[];
  readonly passEnv?: readonly string[];
}

export async function init(host: Host, options: InitOptions): Promise<void> {
  fileToEdit(host, false); // refuses where no project may be
  const root = host.cwd();
  const path = `${root}/silo.toml`;
  if (isThere(path)) {
    throw new SiloError(`could not begin: ${printable(path)} is there already`, {
      hint: "Change it: silo config edit, silo use TOOL, silo config network allow HOST",
    });
  }
  const found = detectTools(findMarkers(root));
  const given = (options.tool ?? []).map((word) => namedTool(host, word, found));
  const isAsked = options.interactive && host.terminals.stdin && host.terminals.stderr;
  const answers = isAsked
    ? await (await import("./init_questions.ts")).askInit(host, found, given, options)
    : answersOf(given.length > 0 ? given : found.map((it) => ({ ...it, ports: [] })), options);
  const text = composeConfig(answers);
  const config = parse(text);
  const [mistake] = mistakesIn(config, "project");
  if (mistake !== undefined) {
    throw new SiloError(`could not write silo.toml: ${printable(mistake.path.join("."))}: ${mistake.message}`);
  }
  await write(path, text);
  ensureSiloHome(host);
  await acceptEdit(host, path, {}, config); // the person's own words
  say(host, `Wrote ${tilde(host, path)}`);
  await ignoreOwnDirectory(host, root);
  tellNext(host, answers);
}

/** Answers by flags alone: ports without a tool are the only tool's, else everyone's. */
export function answersOf(tools: readonly InitTool[], options: InitOptions): InitAnswers {
  const ports = (options.port ?? []).map((word) => /^\d+$/.test(word) ? Number(word) : word);
  const passEnv = [...options.passEnv ?? []];
  const [only] = tools;
  if (tools.length === 1 && only !== undefined) {
    return { tools: [{ ...only, ports: [...only.ports, ...ports] }], passEnv, ports: [] };
  }
  return { tools, passEnv, ports };
}

function namedTool(host: Host, word: string, found: readonly FoundTool[]): InitTool {
  if (!readInstalled(host).has(word) && !availableTools(host).includes(word)) {
    throw new SiloError(`could not find the tool ${printable(word)}`, {
      hint: "`silo list --available` shows the tools.",
    });
  }
  return { tool: word, markers: found.find((it) => it.tool === word)?.markers ?? [], ports: [] };
}

/** In a repository, what silo keeps in the project is nobody else's. */
async function ignoreOwnDirectory(host: Host, root: string): Promise<void> {
  const path = `${root}/.gitignore`;
  const info = lstat(path);
  if (info === undefined && !isThere(`${root}/.git`)) return;
  if (info !== undefined && !info.isFile) return; // a link may lead anywhere
  const text = withIgnored(info === undefined ? "" : Deno.readTextFileSync(path));
  if (text === undefined) return;
  await write(path, text);
  say(host, `Added .silo/ to ${tilde(host, path)}`);
}

function tellNext(host: Host, { tools }: InitAnswers): void {
  const installed = readInstalled(host);
  const missing = tools.filter(({ tool }) => !installed.has(tool)).map(({ tool }) => tool);
  const [first] = tools;
  if (tools.length === 0) {
    say(host, "No tool was recognized; name one: silo use TOOL");
  } else if (missing.length > 0) {
    say(host, `Next: silo sync   installs ${missing.join(", ")}`);
  } else say(host, `Next: silo ${first!.tool} …`);
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFileAtomic(path, text, { mode: 0o644 });
  } catch (cause) {
    throw new SiloError(`could not write ${printable(path)}: ${reasonOf(cause)}`, { cause });
  }
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}
