/**
 * Building an image out of Debian packages, as an ordinary user, where no container registry can be reached.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { constants, createZstdCompress } from "node:zlib";
import { debianArchitecture, hostMirror, sourceLines } from "../debian/mirror.ts";
import { type Progress, silent } from "../debian/progress.ts";
import { spawnCommand } from "../debian/run_command.ts";
import { ensureMmdebstrap } from "../debian/toolbox/mmdebstrap.ts";
import type { Host } from "../host.ts";
import { installedVersions } from "./dpkg_status.ts";
import { ImageStore, type StoredImage } from "./image_store.ts";
import { type Digest, type ImageConfig, type ImageManifest, MEDIA_TYPE } from "./oci_types.ts";
import { storingLock, takeLock } from "./store_locks.ts";

export interface DebianImageRequest {
  /** Name in the store, for example `debian/python:3.13`. */
  readonly reference: string;
  readonly suite: string;
  /** Beside the essential packages and apt. */
  readonly packages: readonly string[];
  /** The image's default command. */
  readonly command?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * In every image: certificates, git, and what a person expects in a shell. `netbase` and `media-types` are the small
 * tables of names that languages' network libraries read.
 */
export const BASE_PACKAGES: readonly string[] = [
  "ca-certificates",
  "curl",
  "git",
  "less",
  "media-types",
  "netbase",
  "procps",
  "vim-tiny",
];

/** The path of Debian for a user, with administrators' programs, as container images have it. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Level 1 keeps up with mmdebstrap; level 3 takes twice as long for a seventh less. */
const ZSTD_LEVEL = 1;

/** The annotation that lists what was asked for: `NAME=VERSION`, separated by spaces. */
const PACKAGES = "dev.silo.debian.packages";

/** Where the images of a silo home are. */
export function imageStoreOf(host: Host): ImageStore {
  return new ImageStore(`${host.siloHome}/images`);
}

/**
 * Builds an image and names it in the store. What an earlier image of that name needs is untouched until then.
 *
 * @throws {SiloError} if mmdebstrap cannot be run here or fails; the end of its output is in the details.
 */
export async function buildDebianImage(
  host: Host,
  request: DebianImageRequest,
  progress: Progress = silent,
): Promise<StoredImage> {
  const store = imageStoreOf(host);
  using _storing = await takeLock(storingLock(store.directory), { shared: true });
  const mmdebstrap = await ensureMmdebstrap(host, request.suite, progress);
  const sources = await sourceLines(await hostMirror(host), request.suite, host.architecture);
  const packages = [...new Set([...BASE_PACKAGES, ...request.packages])];
  const task = `build ${request.reference}`;
  const args = [
    "--variant=apt",
    "--format=tar",
    `--architectures=${debianArchitecture(host.architecture)}`,
    `--include=${packages.join(",")}`,
    // Documentation other than licences is of no use to a tool; what has to be kept by licence stays.
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    '--aptopt=Acquire::Languages "none"',
    // mmdebstrap copies these two from the host, of which the guest is to see nothing.
    '--customize-hook=rm -f "$1/etc/hostname" "$1/etc/resolv.conf"',
    '--customize-hook=ln -sf vim.tiny "$1/usr/bin/vim"',
    request.suite,
    "-", // the archive goes to stdout
    ...sources,
  ];
  progress({ task, phase: "start" });
  const child = spawnCommand([...mmdebstrap, ...args], {
    doing: `build the image ${request.reference}`,
    // In a user namespace the caller's directory and HOME may be out of reach.
    cwd: "/",
    env: {
      PATH: `${host.env.PATH ?? ""}:/usr/sbin:/sbin:/usr/bin:/bin`,
      HOME: host.home,
      TMPDIR: "/tmp",
      LC_ALL: "C.UTF-8",
    },
    onLine: (line) => progress({ task, phase: phaseOf(line) }),
    hint: "Check the network and apt's own configuration: `apt-get update` must work.",
  });
  const hash = createHash("sha256");
  const layer = store.putBlob(
    compress(hashed(child.stdout, hash, (done) => progress({ task, phase: "pack", done }))),
    MEDIA_TYPE.layerZstd,
  );
  // Both must have ended well: an archive that stops in the middle is a blob like any other.
  const [descriptor] = await Promise.all([layer, child.finished]);
  const diffId: Digest = `sha256:${hash.digest("hex")}`;

  const versions = await installedVersions(store.blobPath(descriptor.digest));
  const annotations = {
    "org.opencontainers.image.base.name": `debian:${request.suite}`,
    "dev.silo.debian.suite": request.suite,
    [PACKAGES]: packages.map((name) => `${name}=${versions.get(name) ?? ""}`).join(" "),
  };
  const created = new Date(host.now()).toISOString();
  const config: ImageConfig = {
    created,
    os: "linux",
    architecture: debianArchitecture(host.architecture),
    config: {
      Env: [`PATH=${DEFAULT_PATH}`, "LANG=C.UTF-8"],
      Cmd: request.command ?? ["/bin/bash"],
      Labels: { ...annotations, ...request.labels },
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created, created_by: `mmdebstrap --include=${packages.join(",")} ${request.suite}` }],
  };
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: await store.putDocument(config, MEDIA_TYPE.config),
    layers: [descriptor],
    annotations,
  };
  const named = await store.putDocument(manifest, MEDIA_TYPE.manifest);
  await store.tag(request.reference, { ...named, platform: { os: "linux", architecture: config.architecture } });
  return { reference: request.reference, digest: named.digest, manifest, config };
}

/**
 * The version of a package that an image was asked to have, without epoch and Debian revision: "3.13.5". Undefined if
 * the image was not built here or not asked for it.
 */
export function packageVersion(image: StoredImage, name: string): string | undefined {
  const entries = image.manifest.annotations?.[PACKAGES]?.split(" ") ?? [];
  const version = entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  return version?.replace(/^\d+:/, "").replace(/-[^-]*$/, "").replace(/[+~].*$/, "") || undefined;
}

/** mmdebstrap tells its steps as "I: …"; everything else is the output of what it runs. */
function phaseOf(line: string): string {
  const step = line.match(/^I: (.*?)(\.\.\.)?$/)?.[1];
  return step?.replace(/ in shell: .*| as tempdir$/, "") ?? "install packages";
}

async function* hashed(
  stream: AsyncIterable<Uint8Array>,
  hash: { update(data: Uint8Array): unknown },
  onBytes: (total: number) => void,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    total += chunk.length;
    onBytes(total);
    yield chunk;
  }
}

function compress(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const zstd = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  const source = Readable.from(stream);
  source.on("error", (error) => zstd.destroy(error));
  return source.pipe(zstd);
}
