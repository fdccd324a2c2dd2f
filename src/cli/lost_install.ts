/**
 * Installs that end with the machine of a run. What a package manager puts outside of the project is thrown away like
 * everything there, while the manager itself says that it has succeeded; so silo says what became of it. Pure.
 *
 * @module
 */
import { shellLine } from "../bakes/shell_line.ts";
import { GUEST_CACHES } from "../cache/tool_caches.ts";
import type { RunPlan } from "../engine/run_plan.ts";
import { textOf } from "../helper/byte_string.ts";

interface Installer {
  readonly program: RegExp;
  /** Its own words for an install, among the first of its arguments that are no options. */
  readonly verb: RegExp;
  /** It installs outside of the project only with one of these. */
  readonly onlyWith?: RegExp;
  /** With one of these it installs elsewhere, or nothing. */
  readonly notWith?: RegExp;
  /** Variables that say where it installs, the first that is set. */
  readonly into?: readonly string[];
  /** It writes where only root may: as the person it fails, whatever it says of the reason. */
  readonly needsRoot?: true;
}

const ELSEWHERE = /^(-t|--target|--prefix|--root|--python|--dry-run|-h|--help)(=|$)/;

const INSTALLERS: readonly Installer[] = [
  { program: /^pip[\d.]*$/, verb: /^install$/, notWith: ELSEWHERE },
  {
    program: /^(npm|pnpm)$/,
    verb: /^(install|i|add)$/,
    onlyWith: /^(-g|--global)$/,
    notWith: /^(--prefix|--dry-run|-h|--help)(=|$)/,
    needsRoot: true,
  },
  {
    program: /^cargo$/,
    verb: /^install$/,
    // From the project (`--path`): a build does not have it.
    notWith: /^(--root|--path|--list|--dry-run|-n|-h|--help)(=|$)/,
    into: ["CARGO_INSTALL_ROOT", "CARGO_HOME"],
  },
  { program: /^go$/, verb: /^install$/, onlyWith: /@/, notWith: /^-(n|h|help)$/, into: ["GOBIN", "GOPATH"] },
  {
    program: /^deno$/,
    verb: /^install$/,
    onlyWith: /^(-\w*g\w*|--global)$/,
    notWith: /^(--root|-h|--help)(=|$)/,
    into: ["DENO_INSTALL_ROOT"],
  },
  { program: /^yarn$/, verb: /^global$/, onlyWith: /^add$/, notWith: /^--prefix(=|$)/, needsRoot: true },
  { program: /^pipx$/, verb: /^install$/ },
  { program: /^uv$/, verb: /^tool$/, onlyWith: /^install$/ },
  {
    program: /^gem$/,
    verb: /^install$/,
    notWith: /^(-i|--install-dir|--user-install|-h|--help)(=|$)/,
    needsRoot: true,
  },
  {
    program: /^apt(-get)?$/,
    verb: /^install$/,
    notWith: /^(-s|-d|--simulate|--dry-run|--download-only)$/,
    needsRoot: true,
  },
];

/** Exit codes of a shell for a program that is not there, or is none. */
const NOT_RUN = [126, 127];

/**
 * One line for a run that has ended; undefined if nothing that it installed is lost.
 *
 * @param code the program's exit code.
 */
export function lostInstall(
  { tool, process, workspace }: Pick<RunPlan, "tool" | "process" | "workspace">,
  code = 0,
): string | undefined {
  const [first = "", ...rest] = process.argv.map(textOf);
  const isModule = /^python[\d.]*$/.test(nameOf(first)) && rest[0] === "-m";
  const [program = "", ...args] = isModule ? rest.slice(1) : [nameOf(first), ...rest];
  const verb = args.find((arg) => !/^[-+]/.test(arg)); // `cargo +nightly install`
  const has = (pattern: RegExp | undefined) => pattern !== undefined && args.some((arg) => pattern.test(arg));
  const found = INSTALLERS.find((it) => it.program.test(program) && verb !== undefined && it.verb.test(verb));
  if (found === undefined || has(found.notWith) || (found.onlyWith !== undefined && !has(found.onlyWith))) return;
  if (code !== 0 && (!found.needsRoot || process.user.uid === 0 || NOT_RUN.includes(code))) return;
  const variable = (name: string) =>
    process.env.map(textOf).find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  const place = found.into?.map(variable).find((value) => value !== undefined);
  if (place !== undefined && [GUEST_CACHES, workspace].some((kept) => place.startsWith(`${kept}/`))) return;
  const isPip = /^pip[\d.]*$/.test(program);
  if (isPip && variable("VIRTUAL_ENV") !== undefined) return;
  const packages = program.startsWith("apt") ? packagesOf(args) : [];
  const keep = packages.length > 0
    ? `silo add --for ${tool} ${shellLine(packages)}`
    : `silo build ${tool} ${shellLine([program, ...args])}`;
  if (code !== 0) return `outside of the project only a build can install. To have it, and keep it: ${keep}`;
  const local = isPip ? `; or first make a virtual environment: silo run ${tool} -m venv .venv` : "";
  return `what ${program} installed is gone with its machine. To keep it: ${keep}${local}`;
}

/** What apt is to install: `silo add` fetches the lists of packages first, which images do not have. */
function packagesOf(args: readonly string[]): string[] {
  return args.filter((arg, i) => !arg.startsWith("-") && arg !== "install" && !/^-[toc]$/.test(args[i - 1] ?? ""));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
