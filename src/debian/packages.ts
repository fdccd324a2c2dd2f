/**
 * apt as a library: downloads verified packages of any Debian suite into a private directory, without root and without
 * touching what the host has installed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Host } from "../host.ts";
import { SiloError } from "../errors.ts";
import { debianArchitecture, hostMirror, sourceLines } from "./mirror.ts";
import { type Progress, silent } from "./progress.ts";
import { runCommand } from "./run_command.ts";

/** A downloaded package. */
export interface DebFile {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** SHA-256 of the .deb, hexadecimal. apt has checked it against the signed index. */
  readonly sha256: string;
  readonly path: string;
}

export interface DebianPackagesOptions {
  readonly suite: string;
  /** Where apt's state, lists and archives go. Made if it is not there; kept between runs, downloads resume. */
  readonly directory: string;
  readonly task: string;
  readonly progress?: Progress;
}

const NETWORK_HINT = "Check the network and apt's own configuration: `apt-get update` must work.";

/** A view of one suite with nothing installed, so that every dependency is part of what is downloaded. */
export class DebianPackages {
  readonly #options: Required<DebianPackagesOptions>;

  private constructor(options: DebianPackagesOptions) {
    this.#options = { progress: silent, ...options };
  }

  /**
   * Prepares the private directories and fetches the suite's package lists.
   *
   * @throws {SiloError} if there is no apt, keyring or network.
   */
  static async open(host: Host, options: DebianPackagesOptions): Promise<DebianPackages> {
    const packages = new DebianPackages(options);
    const { directory, suite } = options;
    for (const part of ["lists/partial", "archives/partial", "etc", "state"]) {
      await Deno.mkdir(`${directory}/${part}`, { recursive: true });
    }
    await Deno.writeTextFile(`${directory}/state/status`, "");
    const sources = await sourceLines(await hostMirror(host), suite, host.architecture);
    await Deno.writeTextFile(`${directory}/sources.list`, sources.join("\n") + "\n");
    await Deno.writeTextFile(`${directory}/apt.conf`, configuration(directory, debianArchitecture(host.architecture)));
    packages.#report("read the package lists");
    await packages.#apt("apt-get", ["update"], `read the package lists of ${suite}`);
    return packages;
  }

  /** The packages that `name` depends on directly, in the order of its control file. */
  async dependenciesOf(name: string): Promise<string[]> {
    const text = await this.#apt("apt-cache", ["depends", "--important", name], `look up the package ${name}`);
    return [...text.matchAll(/^\s+(?:Pre)?Depends: ([^\s<]+)$/gm)].map((match) => match[1]!);
  }

  /**
   * Downloads packages, with everything they depend on or (`alone`) without.
   *
   * @throws {SiloError} if a package is unknown or cannot be fetched.
   */
  async download(names: readonly string[], options: { alone?: boolean } = {}): Promise<DebFile[]> {
    const doing = `download ${names.length > 3 ? `${names.length} packages` : names.join(", ")}`;
    const request = options.alone ? ["download", ...names] : ["-y", "--download-only", "install", ...names];
    const files = parseUris(await this.#apt("apt-get", ["--print-uris", ...request], doing));
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const timer = setInterval(async () => {
      this.#report("download", { done: Math.min(await bytesIn(this.#archives), total), total });
    }, 250);
    try {
      // `apt-get download` writes to the working directory.
      await this.#apt("apt-get", request, doing, this.#archives);
    } finally {
      clearInterval(timer);
    }
    this.#report("download", { done: total, total });
    return await Promise.all(files.map((file) => describe(`${this.#archives}/${file.name}`)));
  }

  get #archives() {
    return `${this.#options.directory}/archives`;
  }

  #report(phase: string, amount: { done?: number; total?: number } = {}) {
    this.#options.progress({ task: this.#options.task, phase, ...amount });
  }

  async #apt(program: string, args: string[], doing: string, cwd?: string): Promise<string> {
    return await runCommand([program, "-q", "-c", `${this.#options.directory}/apt.conf`, ...args], {
      doing,
      hint: NETWORK_HINT,
      ...(cwd === undefined ? {} : { cwd }),
    });
  }
}

/**
 * The host's own configuration is read first, so proxies and credentials hold; its hooks are cleared (they are about
 * the host's packages), and every directory is ours.
 */
function configuration(directory: string, architecture: string): string {
  return `
#clear APT::Update::Pre-Invoke; #clear APT::Update::Post-Invoke; #clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke; #clear DPkg::Post-Invoke; #clear DPkg::Pre-Install-Pkgs; #clear APT::Architectures;
#clear APT::Default-Release; #clear Acquire::IndexTargets::deb::DEP-11;
Dir::Etc::SourceList "${directory}/sources.list"; Dir::Etc::SourceParts "-"; Dir::Etc::PreferencesParts "-";
Dir::Etc::Preferences "/dev/null";
Dir::State "${directory}/state"; Dir::State::Lists "${directory}/lists"; Dir::State::status "${directory}/state/status";
Dir::Cache "${directory}"; Dir::Cache::archives "${directory}/archives"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
Debug::NoLocking "true"; APT::Architecture "${architecture}"; APT::Architectures { "${architecture}"; };
APT::Install-Recommends "false"; APT::Sandbox::User ""; APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none"; Acquire::Retries "3"; Acquire::http::Timeout "30"; Acquire::https::Timeout "30";
APT::Get::AllowUnauthenticated "false"; Acquire::AllowInsecureRepositories "false";
`;
}

/** Reads lines of `apt-get --print-uris`: `'URI' file size hash`. */
export function parseUris(text: string): { name: string; size: number }[] {
  return [...text.matchAll(/^'[^']+' (\S+\.deb) (\d+)/gm)].map((match) => ({
    name: match[1]!,
    size: Number(match[2]),
  }));
}

async function describe(path: string): Promise<DebFile> {
  const hash = createHash("sha256");
  try {
    using file = await Deno.open(path);
    const buffer = new Uint8Array(1 << 18);
    for (let n; (n = await file.read(buffer)) !== null;) hash.update(buffer.subarray(0, n));
  } catch (cause) {
    throw new SiloError(`could not read the downloaded package ${path}`, { cause });
  }
  return { ...parseFileName(path.split("/").at(-1)!), sha256: hash.digest("hex"), path };
}

/** Splits `name_version_architecture.deb`; apt writes the colon of an epoch as `%3a`. */
export function parseFileName(name: string): { name: string; version: string; architecture: string } {
  const parts = decodeURIComponent(name.replace(/\.deb$/, "")).split("_");
  return { name: parts[0] ?? "", version: parts[1] ?? "", architecture: parts[2] ?? "" };
}

async function bytesIn(directory: string): Promise<number> {
  let bytes = 0;
  for (const part of [directory, `${directory}/partial`]) {
    try {
      for await (const entry of Deno.readDir(part)) {
        if (entry.isFile) bytes += (await Deno.stat(`${part}/${entry.name}`)).size;
      }
    } catch { /* apt moves files while this looks: the next look is right again */ }
  }
  return bytes;
}
