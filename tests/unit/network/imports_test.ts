/** The rules are read, and the egress loaded, in every run that has a network: it stays small. */
import { deepStrictEqual as same } from "node:assert/strict";

Deno.test("the egress needs no package", async () => {
  const root = new URL("../../../src/network/", import.meta.url);
  const seen = new Set<string>();
  const visit = async (directory: URL) => {
    for await (const entry of Deno.readDir(directory)) {
      const at = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, directory);
      if (entry.isDirectory) await visit(at);
      else {
        const text = await Deno.readTextFile(at);
        // Node's own parts are none; what loads them is loaded by runs with secrets alone.
        const lazy = root.href + "secrets/";
        for (const [, from] of text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^."][^"]*)"/gm)) {
          if (!(at.href.startsWith(lazy) && from!.startsWith("node:"))) seen.add(from!);
        }
        for (const [, from] of text.matchAll(/^import [^;]*?"(\.\.\/[^"]*)"/gm)) {
          const target = new URL(from!, at);
          if (!target.href.startsWith(root.href)) seen.add(target.pathname.split("/").at(-1)!);
        }
      }
    }
  };
  await visit(root);
  same([...seen].sort(), ["concatenate.ts", "errors.ts"]);
});
