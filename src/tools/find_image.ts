/**
 * Which image of the store a word means.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { imageStoreOf } from "../images/debian_image.ts";
import { formatImageSource, parseImageSource } from "../images/image_source.ts";
import type { StoredImage } from "../images/image_store.ts";
import { isDigest } from "../images/oci_types.ts";
import { formatReference } from "../images/reference.ts";
import { nearest } from "../nearest.ts";
import { readInstalled } from "./installed.ts";

/** So many digits of a digest are taken for one. */
const SHORT_DIGEST = /^(?:sha256:)?([0-9a-f]{6,64})$/;

/**
 * Finds an image by its name in the store, an installed tool's name, a reference (`python:3.13`), a source of files, or
 * the beginning of its digest; in this order.
 *
 * @throws {SiloError} if there is none, or a digest's beginning has several.
 */
export async function findImage(host: Host, word: string): Promise<StoredImage> {
  const store = imageStoreOf(host);
  const tool = readInstalled(host).get(word);
  const references = await store.references();
  const name = [word, fullName(host, word)].find((it) => it !== undefined && references.includes(it));
  if (tool !== undefined && name !== word && isDigest(tool.image)) {
    const own = await store.read(tool.image, tool.source === "debian" ? tool.name : tool.source);
    if (own !== undefined) return await named(host, own) ?? own;
  }
  const found = name === undefined ? await byDigest(host, word) : await store.resolve(name);
  if (found !== undefined) return found;
  const guess = nearest(word, references);
  throw new SiloError(`could not find the image ${word}: there is none of that name`, {
    hint: guess ? `Did you mean ${guess}?` : "`silo image ls` shows the images there are.",
  });
}

/** The name that pulling or reading would give it; undefined if the word cannot be one. */
function fullName(host: Host, word: string): string | undefined {
  try {
    const source = parseImageSource(word, host.cwd());
    return source.kind === "registry" ? formatReference(source.reference) : formatImageSource(source);
  } catch (error) {
    if (error instanceof SiloError) return undefined;
    throw error;
  }
}

async function byDigest(host: Host, word: string): Promise<StoredImage | undefined> {
  const start = SHORT_DIGEST.exec(word)?.[1];
  if (start === undefined) return undefined;
  const matching = (await allImages(host)).filter(({ digest }) => digest.startsWith(`sha256:${start}`));
  if (new Set(matching.map(({ digest }) => digest)).size > 1) {
    throw new SiloError(`could not find the image ${word}: several digests begin like that`, {
      hint: "`silo image ls --json` shows them whole.",
    });
  }
  return matching[0];
}

/** The same image with the name that the store has for it. */
async function named(host: Host, { digest }: StoredImage): Promise<StoredImage | undefined> {
  return (await allImages(host)).find((image) => image.digest === digest);
}

async function allImages(host: Host): Promise<StoredImage[]> {
  const store = imageStoreOf(host);
  const images = await Promise.all((await store.references()).map((reference) => store.resolve(reference)));
  return images.filter((image) => image !== undefined);
}
