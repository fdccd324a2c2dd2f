/**
 * What an installed tool takes over from its image. The image is untrusted: what does not fit is left out.
 *
 * @module
 */
import { absolutePath } from "../images/image_process.ts";
import { imageUserGroups } from "../images/image_accounts.ts";
import type { ImageSource } from "../images/image_source.ts";
import type { ImageStore, StoredImage } from "../images/image_store.ts";
import type { ImageDefaults } from "./installed.ts";

/** A version as people write it; nothing else is shown as one. */
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;

/** The image's variables, `NAME=value` each. One without a value would be the host's in Docker: here it is nobody's. */
export function usableVariables(image: Pick<StoredImage, "config">): string[] {
  return (image.config.config?.Env ?? []).filter((entry) => entry.indexOf("=") > 0 && !entry.includes("\0"));
}

/** What the image runs, where, and with which groups. */
export async function imageDefaults(store: ImageStore, image: StoredImage): Promise<ImageDefaults> {
  const { Entrypoint, Cmd, WorkingDir } = image.config.config ?? {};
  const words = (list: readonly string[] | undefined | null) => (list ?? []).filter((word) => !word.includes("\0"));
  return {
    entrypoint: words(Entrypoint),
    command: words(Cmd),
    directory: WorkingDir && !WorkingDir.includes("\0") ? absolutePath(WorkingDir) : "",
    groups: await imageUserGroups(store, image),
  };
}

/** The version: what the image's own variable says, else its tag, else the beginning of its digest. */
export function imageVersion(
  image: Pick<StoredImage, "config" | "digest">,
  source: ImageSource,
  variable: string | undefined,
): string {
  const entry = variable === undefined
    ? undefined
    : image.config.config?.Env?.find((one) => one.startsWith(`${variable}=`));
  const told = entry?.slice(variable!.length + 1);
  if (told !== undefined && VERSION.test(told)) return told;
  const tag = source.kind === "registry" ? source.reference.tag : undefined;
  return tag ?? image.digest.slice("sha256:".length, "sha256:".length + 12);
}
