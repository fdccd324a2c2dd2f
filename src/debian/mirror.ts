/**
 * Which Debian mirror to use: the one the host's own apt uses, so that silo reaches what the host reaches.
 *
 * @module
 */
import type { Architecture, Host } from "../host.ts";
import { SiloError } from "../errors.ts";
import { findProgram, runCommand } from "./run_command.ts";

export interface Mirror {
  /** Base URI of the archive, without a slash at the end. */
  readonly archive: string;
  /** Base URI of the security archive, if the host uses one. */
  readonly security: string | undefined;
}

const KEYRINGS = ["/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp"];

/** The name Debian has for an architecture. */
export function debianArchitecture(architecture: Architecture): "amd64" | "arm64" {
  return architecture === "arm64" ? "arm64" : "amd64";
}

/**
 * Asks apt where it gets its indices from; that reads every form of configuration apt knows. `SILO_DEBIAN_MIRROR`
 * (the base URI of a Debian archive) overrides it.
 *
 * @throws {SiloError} if there is no apt, or it is configured for no Debian archive.
 */
export async function hostMirror(host: Host): Promise<Mirror> {
  const override = host.env.SILO_DEBIAN_MIRROR?.replace(/\/+$/, "");
  const apt = await findProgram(host, "apt-get");
  if (apt === undefined || await findProgram(host, "dpkg-deb") === undefined) {
    throw new SiloError("could not use Debian packages: this host has no apt", {
      hint: "This works on Debian and its relatives.",
    });
  }
  const uris = await withEmptyLists((lists) =>
    runCommand([apt, "--print-uris", "update", "-o", `Dir::State::Lists=${lists}`, "-o", "Debug::NoLocking=1"], {
      doing: "ask apt for its mirrors",
      cwd: "/",
    })
  );
  const mirror = chooseMirror(uris);
  const archive = override || mirror.archive;
  if (!archive) {
    throw new SiloError("could not use Debian packages: apt is configured for no Debian archive", {
      hint: "Set SILO_DEBIAN_MIRROR to the base URI of a Debian archive (the part before /dists/).",
    });
  }
  return { archive: await direct(archive), security: mirror.security && await direct(mirror.security) };
}

/** Picks the archive and the security archive out of what `apt-get --print-uris update` prints. */
export function chooseMirror(printedUris: string): { archive: string | undefined; security: string | undefined } {
  const sources = [...printedUris.matchAll(/^'([^']+)\/dists\/([^']+)\/InRelease'/gm)]
    .map(([, uri, suite]) => ({ uri: uri!.replace(/\/+$/, ""), suite: suite! }))
    .filter(({ uri }) => !uri.startsWith("cdrom:"));
  const suites = /^(bookworm|trixie|forky|duke|sid|stable|oldstable|testing|unstable)$/;
  const archive = sources.find(({ uri, suite }) => uri.endsWith("/debian") && suites.test(suite)) ??
    sources.find(({ suite }) => suites.test(suite));
  const security = sources.find(({ suite }) => /^[a-z]+-security$/.test(suite) && suites.test(suite.split("-")[0]!));
  return { archive: archive?.uri, security: security?.uri };
}

/**
 * The lines of a sources.list for one suite: the release, its updates and, if the host has it, security.
 *
 * @throws {SiloError} if the archive's keyring is not there: nothing is ever taken unverified.
 */
export async function sourceLines(mirror: Mirror, suite: string, architecture: Architecture): Promise<string[]> {
  const options = `[arch=${debianArchitecture(architecture)} signed-by=${await findKeyring()}]`;
  const lines = [`deb ${options} ${mirror.archive} ${suite} main`];
  if (["sid", "unstable"].includes(suite)) return lines;
  lines.push(`deb ${options} ${mirror.archive} ${suite}-updates main`);
  if (mirror.security !== undefined) lines.push(`deb ${options} ${mirror.security} ${suite}-security main`);
  return lines;
}

async function findKeyring(): Promise<string> {
  for (const path of KEYRINGS) {
    if (await Deno.stat(path).then((info) => info.isFile, () => false)) return path;
  }
  throw new SiloError("could not verify Debian packages: the keyring of the archive is not on this host", {
    hint: "apt-get install debian-archive-keyring",
  });
}

/** `mirror+file:` names a list on this host, of use to nobody else: its first entry is the mirror. */
async function direct(uri: string): Promise<string> {
  if (!uri.startsWith("mirror+file:")) return uri;
  const list = await Deno.readTextFile(uri.slice("mirror+file:".length).replace(/^\/+/, "/"));
  const first = list.split("\n").map((line) => line.split(/[\s#]/)[0]!).find((line) => line !== "");
  return (first ?? uri).replace(/\/+$/, "");
}

async function withEmptyLists<T>(action: (directory: string) => Promise<T>): Promise<T> {
  const directory = await Deno.makeTempDir({ prefix: "silo-apt-" });
  try {
    await Deno.mkdir(`${directory}/partial`);
    return await action(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
