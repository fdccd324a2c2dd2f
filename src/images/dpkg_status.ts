/**
 * What dpkg has installed in a layer.
 *
 * @module
 */
import { ByteReader } from "./byte_reader.ts";
import { readLayer } from "./layer_stream.ts";
import { fileData } from "./sparse.ts";
import { readTar } from "./tar_reader.ts";

const STATUS = "var/lib/dpkg/status";

/** Name to version of each installed package; empty if the layer has no dpkg. */
export async function installedVersions(layer: string): Promise<Map<string, string>> {
  const reader = new ByteReader(readLayer(layer));
  try {
    for await (const entry of readTar(reader)) {
      if (entry.path !== STATUS) continue;
      const decoder = new TextDecoder();
      let text = "";
      for await (const chunk of fileData(reader, entry)) text += decoder.decode(chunk, { stream: true });
      return parseStatus(text);
    }
    return new Map();
  } finally {
    await reader.close();
  }
}

/** Reads dpkg's status file: paragraphs of `Field: value`. */
export function parseStatus(text: string): Map<string, string> {
  const versions = new Map<string, string>();
  for (const paragraph of text.split(/\n\n+/)) {
    const field = (name: string) => paragraph.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1];
    const [name, version] = [field("Package"), field("Version")];
    if (name && version && field("Status")?.endsWith(" installed")) versions.set(name, version);
  }
  return versions;
}
