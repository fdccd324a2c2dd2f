/** `silo config paths|edit|default|init|migrate|schema` */
import { writeFileAtomic } from "../../../cache/atomic.ts";
import type { ConfigFile } from "../../../config/config.ts";
import { readReach } from "../../../config/contents.ts";
import { type EditableFile, fileToEdit } from "../../../config/edit_file.ts";
import { LEGACY_FILES } from "../../../config/layers.ts";
import { parseLegacy } from "../../../config/legacy.ts";
import { loadConfig } from "../../../config/load.ts";
import { findProject } from "../../../config/project.ts";
import { isEmpty } from "../../../config/reach.ts";
import { templateText } from "../../../config/template.ts";
import { isTable, tomlKeys, tomlLine } from "../../../config/toml_text.ts";
import { acceptEdit, acceptMoved, pendingReach } from "../../../config/trust.ts";
import { printable, reasonOf, SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { isThere } from "../../../is_there.ts";
import { ensureSiloHome } from "../../../tools/silo_home.ts";
import { writeAll } from "../../output.ts";
import { table } from "../../table.ts";
import { note, say } from "../../say.ts";
import { columnsOf } from "../../terminal_width.ts";
import { tilde } from "../../tilde.ts";

export interface WhichFile {
  readonly global?: boolean;
  readonly local?: boolean;
}

/** `silo config paths` */
export function configPaths(host: Host, options: { json?: boolean }): Promise<void> {
  const { root, configPath } = findProject(host.cwd());
  const files = [
    { what: "your own", path: `${host.siloHome}/silo.toml` },
    { what: "project", path: configPath ?? `${root}/silo.toml` },
    { what: "installed tools", path: `${host.siloHome}/config.toml` },
    { what: "your own registry", path: `${host.siloHome}/registry` },
  ].map((file) => ({ ...file, exists: isThere(file.path) }));
  if (options.json) print(`${JSON.stringify(files, null, 2)}\n`);
  else {print(
      printable(
        table(
          files.map((it) => [it.what, tilde(host, it.path) + (it.exists ? "" : " (not there)")]),
          columnsOf(host, "stdout"),
        ),
      ),
    );}
  return Promise.resolve();
}

/** `silo config default` */
export function configDefault(_host: Host, options: WhichFile): Promise<void> {
  print(templateText(options.global ? "user" : "project"));
  return Promise.resolve();
}

/** `silo config init` */
export async function configInit(host: Host, options: WhichFile): Promise<void> {
  if (options.global && options.local) throw new SiloError("could not choose: --global and --local are both given");
  const { path, kind } = options.global ? fileToEdit(host, true) : { path: `${host.cwd()}/silo.toml`, kind: "project" };
  if (!options.global) fileToEdit(host, false); // refuses where no project may be
  if (isThere(path)) {
    throw new SiloError(`could not make ${path}: it is there already`, { hint: "Change it: silo config edit" });
  }
  ensureSiloHome(host);
  await write(path, templateText(kind as "user" | "project"));
  say(host, `Made ${tilde(host, path)}`);
}

/** `silo config schema` */
export async function configSchema(_host: Host, options: WhichFile): Promise<void> {
  const { jsonSchema } = await import("../../../config/json_schema.ts");
  print(`${JSON.stringify(jsonSchema(options.global ? "user" : "project"), null, 2)}\n`);
}

/** `silo config edit`: in the person's editor; what they write counts as accepted. */
export async function configEdit(host: Host, options: WhichFile): Promise<void> {
  const file = fileToEdit(host, options.global ?? false);
  if (!host.terminals.stdin || !host.terminals.stdout) {
    throw new SiloError("could not open an editor: this is not a terminal", { hint: `The file is ${file.path}` });
  }
  ensureSiloHome(host);
  const before = await loadConfig(host, file.path, file.kind).catch(() => undefined);
  if (!isThere(file.path)) await write(file.path, templateText(file.kind));
  const [program, ...args] = (host.env.VISUAL || host.env.EDITOR || "vi").split(/\s+/);
  let success: boolean;
  try {
    const command = new Deno.Command(program!, { args: [...args, file.path], stdin: "inherit", stdout: "inherit" });
    ({ success } = await command.spawn().status);
  } catch (cause) {
    throw new SiloError(`could not start the editor ${program}: ${reasonOf(cause)}`, {
      hint: "Set EDITOR to the one that you like.",
    });
  }
  if (!success) throw new SiloError(`could not take the change over: ${program} failed`);
  const after = await loadConfig(host, file.path, file.kind);
  if (after !== undefined && file.kind === "project") {
    await acceptEdit(host, file.path, before?.config ?? {}, after.config);
  }
}

/** `silo config migrate` */
export async function configMigrate(host: Host, file: string | undefined, options: WhichFile): Promise<void> {
  const source = file === undefined ? findLegacy(host, options) : file.startsWith("/") ? file : `${host.cwd()}/${file}`;
  const target: EditableFile = options.global || source.startsWith(`${host.siloHome}/`)
    ? { path: `${host.siloHome}/silo.toml`, kind: "user" }
    : { path: `${source.slice(0, source.lastIndexOf("/"))}/silo.toml`, kind: "project" };
  if (isThere(target.path)) {
    throw new SiloError(`could not migrate ${printable(source)}: ${printable(target.path)} is there already`, {
      hint: "Move one of the two away.",
    });
  }
  let converted;
  try {
    converted = await parseLegacy(source, Deno.readTextFileSync(source));
  } catch (cause) {
    throw new SiloError(`could not read ${printable(source)}: ${reasonOf(cause)}`, { cause });
  }
  const dropped = converted.dropped.map((key) => `# Not taken over, it has no counterpart: ${printable(key)}\n`).join(
    "",
  );
  const text = `${dropped}${dropped && "\n"}${renderConfig(converted.config)}`;
  const { mistakesIn } = await import("../../../config/schema.ts");
  const mistakes = mistakesIn(converted.config, target.kind);
  if (mistakes.length > 0) throw (await import("../../../config/explain.ts")).explainMistakes(source, text, mistakes);
  ensureSiloHome(host);
  await write(target.path, text);
  const config = converted.config as ConfigFile;
  if (target.kind === "project") await acceptMoved(host, source, target.path, config);
  say(host, `Wrote ${tilde(host, target.path)}; ${tilde(host, source)} is not read any more and may be removed`);
  for (const key of converted.dropped) say(host, `  not taken over: ${key}`);
  if (target.kind !== "project") return;
  const { reach } = await readReach(config, source.slice(0, source.lastIndexOf("/")));
  const isPending = !isEmpty(await pendingReach(host, { key: target.path, shown: target.path, reach }));
  if (isPending) note(host, `${tilde(host, target.path)} opens more than was accepted: silo trust`);
}

function findLegacy(host: Host, options: WhichFile): string {
  const xdg = host.env.XDG_CONFIG_HOME || `${host.home}/.config`;
  const { root } = findProject(host.cwd());
  const places = options.global
    ? [`${host.siloHome}/siloconf`, `${host.siloHome}/.siloconf`, `${xdg}/silo/silo.jsonc`]
    : LEGACY_FILES.map((name) => `${root}/${name}`);
  const found = places.find(isThere);
  if (found !== undefined) return found;
  throw new SiloError("could not migrate: there is no .siloconf and no silo.jsonc here", {
    hint: "Name the file: silo config migrate FILE; your own settings: --global",
  });
}

/** A whole file: what is no table first, then section after section. */
export function renderConfig(config: Record<string, unknown>): string {
  const sections: string[] = [];
  const visit = (path: string[], part: Record<string, unknown>) => {
    const isLists = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isTable);
    const lines = Object.entries(part).filter(([, value]) => !isTable(value) && !isLists(value))
      .map(([key, value]) => `${tomlLine([key], value)}\n`);
    // A tool's empty table names the tool.
    const isNamed = path.length > 0 && Object.keys(part).length === 0;
    if (lines.length > 0 || isNamed) {
      sections.push(`${path.length > 0 ? `[${tomlKeys(path)}]\n` : ""}${lines.join("")}`);
    }
    for (const [key, value] of Object.entries(part)) {
      if (isTable(value)) visit([...path, key], value);
      else if (isLists(value)) {
        for (const item of value as Record<string, unknown>[]) {
          const members = Object.entries(item).map(([name, it]) => `${tomlLine([name], it)}\n`).join("");
          sections.push(`[[${tomlKeys([...path, key])}]]\n${members}`);
        }
      }
    }
  };
  visit([], config);
  return sections.join("\n");
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFileAtomic(path, text, { mode: 0o644 });
  } catch (cause) {
    throw new SiloError(`could not write ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function print(text: string): void {
  writeAll(Deno.stdout, text);
}
