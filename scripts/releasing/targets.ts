/**
 * What a release is made for.
 *
 * @module
 */
import type { Architecture, Platform } from "../../src/host.ts";
import { SiloError } from "../../src/errors.ts";

export interface Target {
  /** In file names: `silo-0.1.0-linux-x86_64.tar.gz`. */
  readonly name: string;
  readonly platform: Platform;
  readonly architecture: Architecture;
  /** `deno compile --target`. */
  readonly triple: string;
  /** The npm package that Deno itself comes in. */
  readonly runtime: string;
  /** Debian's name of the architecture, where there is a package. */
  readonly debian?: string;
}

export const TARGETS: readonly Target[] = [
  {
    name: "linux-x86_64",
    platform: "linux",
    architecture: "x86_64",
    triple: "x86_64-unknown-linux-gnu",
    runtime: "@deno/linux-x64-glibc",
    debian: "amd64",
  },
  {
    name: "linux-arm64",
    platform: "linux",
    architecture: "arm64",
    triple: "aarch64-unknown-linux-gnu",
    runtime: "@deno/linux-arm64-glibc",
    debian: "arm64",
  },
  {
    name: "macos-arm64",
    platform: "macos",
    architecture: "arm64",
    triple: "aarch64-apple-darwin",
    runtime: "@deno/darwin-arm64",
  },
];

/** @throws {SiloError} if there is none of that name. */
export function targetNamed(name: string): Target {
  const target = TARGETS.find((one) => one.name === name);
  if (target === undefined) {
    throw new SiloError(`could not make a release for "${name}"`, {
      hint: `There are ${TARGETS.map((one) => one.name).join(", ")}.`,
    });
  }
  return target;
}

/** The target that this machine is. */
export function ownTarget(host: { platform: Platform; architecture: Architecture }): Target {
  return targetNamed(`${host.platform}-${host.architecture}`);
}
