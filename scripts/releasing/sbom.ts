/**
 * What is inside a release, as CycloneDX 1.6 has it: every npm package of deno.lock that silo's modules load, with its
 * sum, Swift with the packages of the helper for macOS, the runtime, and silo's QEMU with what is linked into it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { OwnQemu } from "../../src/debian/toolbox/own_qemu.ts";

/** The parts of deno.lock that are read. */
export interface Lock {
  readonly npm: Record<string, { readonly integrity: string; readonly dependencies?: readonly string[] }>;
}

export interface Component {
  readonly type: "library" | "application";
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly { license: { id: string } }[];
  readonly hashes?: readonly { alg: string; content: string }[];
}

/** `@scope/name@1.2.3_peer@4` → name and version. */
export function nameAndVersion(key: string): { name: string; version: string } {
  const at = key.indexOf("@", 1);
  return { name: key.slice(0, at), version: key.slice(at + 1).split("_")[0]! };
}

/** The packages that these ones need, with themselves, as keys of the lock. */
export function closure(lock: Lock, direct: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (wanted: string) => {
    const key = lock.npm[wanted] === undefined
      ? Object.keys(lock.npm).find((key) => nameAndVersion(key).name === wanted)
      : wanted;
    if (key === undefined) throw new Error(`deno.lock does not have ${wanted}`);
    if (found.has(key)) return;
    found.add(key);
    for (const dependency of lock.npm[key]!.dependencies ?? []) visit(dependency);
  };
  for (const one of direct) visit(one);
  return [...found].sort();
}

/**
 * The list.
 *
 * @param direct What silo's modules import, as keys of the lock.
 * @param other What is not of npm.
 */
export function sbom(version: string, lock: Lock, direct: readonly string[], other: readonly Component[]): unknown {
  const packages = closure(lock, direct).map((key): Component => {
    const { name, version } = nameAndVersion(key);
    const [algorithm, sum] = lock.npm[key]!.integrity.split("-") as [string, string];
    return {
      type: "library",
      name,
      version,
      purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
      hashes: [{ alg: algorithm.replace("sha", "SHA-"), content: Buffer.from(sum, "base64").toString("hex") }],
    };
  });
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", name: "silo", version, "bom-ref": "silo" } },
    components: [...packages, ...other],
  };
}

/** silo's QEMU and its libraries, by the Debian source packages that they are built from. */
export function qemuComponents({ debian, sha256, libraries }: OwnQemu): Component[] {
  const fromDebian = (type: Component["type"], name: string, version: string): Component => ({
    type,
    name,
    version,
    purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=source&distro=bookworm`,
  });
  return [
    {
      ...fromDebian("application", "qemu", debian),
      licenses: [{ license: { id: "GPL-2.0-only" } }],
      hashes: [{ alg: "SHA-256", content: sha256 }],
    },
    ...Object.entries(libraries).map(([name, version]) => fromDebian("library", name, version)),
  ];
}

/** The parts of SwiftPM's Package.resolved (versions 2 and 3) that are read. */
export interface Resolved {
  readonly pins: readonly {
    readonly identity: string;
    readonly location: string;
    readonly state: { readonly version?: string; readonly revision: string };
  }[];
}

/** The Swift packages that the helper for macOS is linked with. */
export function swiftPackages({ pins }: Resolved): Component[] {
  return pins.map(({ identity, location, state }) => {
    const version = state.version ?? state.revision;
    const place = location.replace(/^https:\/\//, "").replace(/\.git$/, "");
    return { type: "library", name: identity, version, purl: `pkg:swift/${place}@${version}` };
  });
}

/** The npm packages that a module graph (`deno info --json`) loads, as `name@version`. */
export function directPackages(info: { modules: readonly Record<string, unknown>[] }): string[] {
  const found = new Set<string>();
  for (const module of info.modules) if (typeof module.npmPackage === "string") found.add(module.npmPackage);
  return [...found].sort();
}
