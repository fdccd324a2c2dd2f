/**
 * Where a Mac's machine comes from: the kernel out of Kata's release, the init image of the Containerization release
 * that the helper is linked with. Everything is pinned by its sum; nothing else is ever booted.
 *
 * @module
 */
import type { CreateRootfs } from "../../images/image_rootfs.ts";
import type { RegistrySettings } from "../../images/registry/endpoint.ts";
import pins from "./pins.json" with { type: "json" };

/** A kernel in an archive. */
export interface KernelSource {
  /** In names of files. */
  readonly name: string;
  readonly url: string;
  /** Of the archive, hexadecimal. */
  readonly sha256: string;
  /** The archive is not longer than this, bytes. */
  readonly maxBytes: number;
  /** The kernel's path in the archive: an uncompressed Image. */
  readonly member: string;
  /** What `uname -r` will say. */
  readonly release: string;
}

/** The first process of Apple's machines, as an image. */
export interface InitSource {
  /** With a tag: the version of Containerization. */
  readonly reference: string;
  /** The digest that the image has to have; absent: it is not known, and a person has to accept one. */
  readonly digest?: string | undefined;
  readonly sizeMiB: number;
}

export interface AppleSources {
  readonly kernel: KernelSource;
  readonly init: InitSource;
  /** How registries are reached; absent: as the person's configuration says. */
  readonly registries?: RegistrySettings;
  /** Makes a file system; absent: the helper does. */
  readonly create?: CreateRootfs;
}

const INIT = "ghcr.io/apple/containerization/vminit:0.40.2";

/**
 * The kernel is the one that Apple's own `container` 1.2 boots, by the sum that is pinned there. The init image has to
 * be of the very version that the helper is linked with (`exact:` in Package.swift; a test compares the two). Its
 * digest is published nowhere but in its registry: `scripts/pin-init` writes it down for a release. Until it has been
 * run where that registry can be reached, there is none, and each person accepts one.
 */
export const APPLE_SOURCES: AppleSources = {
  kernel: {
    name: "kata-3.28.0",
    url: "https://github.com/kata-containers/kata-containers/releases/download/3.28.0/kata-static-3.28.0-arm64.tar.zst",
    sha256: "f63d54507d1f18635d94475077e4c2330de4d8e05cedf25f7c38f063b0e66a91",
    maxBytes: 2e9,
    member: "opt/kata/share/kata-containers/vmlinux-6.18.15-186",
    release: "6.18.15",
  },
  init: { reference: INIT, digest: (pins as Record<string, string>)[INIT], sizeMiB: 512 },
};
