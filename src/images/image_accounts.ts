/**
 * The groups of an image's own user, read from the accounts in its layers.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import type { ImageStore, StoredImage } from "./image_store.ts";
import { findUser } from "./image_user.ts";
import { LayerReader } from "./layer_reader.ts";
import { fileData } from "./sparse.ts";

const FILES = ["etc/passwd", "etc/group"] as const;
/** More than any system has; what is beyond is not read, bytes. */
const MAX_BYTES = 1024 * 1024;

/**
 * The groups that the image's `User` has, its own first; none if that is root or not known to the image. Call it when
 * the layers have been verified.
 */
export async function imageUserGroups(store: ImageStore, image: StoredImage): Promise<readonly number[]> {
  const user = image.config.config?.User ?? "";
  if (user === "") return [];
  const files = await readAccounts(store.layerPaths(image));
  try {
    const { uid, gid, groups } = findUser(user, files["etc/passwd"], files["etc/group"]);
    return uid === 0 ? [] : [...new Set([gid, ...groups])];
  } catch (error) {
    if (error instanceof SiloError) return []; // the program runs as the person in any case
    throw error;
  }
}

/** The two files as the uppermost layer that has them says. */
async function readAccounts(layers: readonly string[]): Promise<Record<typeof FILES[number], string>> {
  const found = { "etc/passwd": "", "etc/group": "" };
  const reader = new LayerReader(layers, undefined, Infinity);
  for (let layer = 0; layer < layers.length; layer++) {
    for await (const { entry, reader: data } of reader.again(layer)) {
      const file = FILES.find((name) => name === entry.path);
      if (file === undefined || entry.kind !== "file" || entry.size > MAX_BYTES) continue;
      const decoder = new TextDecoder();
      let text = "";
      for await (const chunk of fileData(data, entry)) text += decoder.decode(chunk, { stream: true });
      found[file] = text;
    }
  }
  return found;
}
