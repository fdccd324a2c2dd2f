/** Writes the digest of Apple's init image down: `pin_init.ts`. */
import { writeFileAtomic } from "../../src/cache/atomic.ts";
import { type Host, realHost } from "../../src/host.ts";
import { parseReference } from "../../src/images/reference.ts";
import { currentDigest, type PullOptions } from "../../src/images/registry/pull.ts";
import { APPLE_SOURCES, type InitSource } from "../../src/machine/apple/sources.ts";
import { ROOT } from "../setup/checkout.ts";

/**
 * Asks the image's registry for its digest, and writes that to `file` as `sources.ts` reads it: by the image's name with
 * its version, so that no other version is held to it.
 *
 * @throws {SiloError} if the registry cannot be asked; the file stays as it is then.
 */
export async function pinInit(
  host: Host,
  source: Pick<InitSource, "reference">,
  file: string,
  options: PullOptions = {},
): Promise<string> {
  const digest = await currentDigest(host, parseReference(source.reference), options);
  await writeFileAtomic(file, JSON.stringify({ [source.reference]: digest }, null, 2) + "\n");
  return digest;
}

if (import.meta.main) {
  const file = `${ROOT}/src/machine/apple/pins.json`;
  const before = APPLE_SOURCES.init.digest;
  const { reference } = APPLE_SOURCES.init;
  try {
    const digest = await pinInit(realHost(), APPLE_SOURCES.init, file);
    console.log(`${reference}\n${before === digest ? "is still" : `was ${before ?? "not pinned"}, is now`} ${digest}`);
  } catch (error) {
    console.error(`pin-init: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
