/** What stands before a run: each module is a fraction of a millisecond, and one of Node's may be thirty. */
import { deepStrictEqual as same, ok } from "node:assert/strict";

interface Graph {
  readonly redirects: Readonly<Record<string, string>>;
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly isDynamic?: boolean;
    }[];
  }[];
}

const ROOT = new URL("../../../", import.meta.url);

/** What is loaded with a module of silo before its first line runs: types and what is imported later are not. */
async function loadedWith(path: string): Promise<string[]> {
  const root = new URL(path, ROOT).href;
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `--config=${new URL("deno.json", ROOT).pathname}`, root],
    env: { NO_COLOR: "1" },
  }).output();
  ok(success, new TextDecoder().decode(stderr));
  const { modules, redirects } = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const found = new Set([root]);
  for (const specifier of found) {
    for (const { code, isDynamic } of bySpecifier.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined && !isDynamic) found.add(redirects[code.specifier] ?? code.specifier);
    }
  }
  return [...found].map((specifier) => specifier.replace(ROOT.href, ""));
}

Deno.test("a dozen modules are loaded before a run's helper starts", async () => {
  const loaded = await loadedWith("main.ts");
  ok(loaded.includes("src/helper/spawn.ts"), "the graph is read");
  ok(loaded.length <= 12, loaded.join("\n"));
});

Deno.test("a run loads none of Node's modules, and no library but the one that reads TOML", async () => {
  const loaded = await loadedWith("src/cli/run_path.ts");
  ok(loaded.length > 50, "the graph is read");
  const foreign = loaded.filter((specifier) => !specifier.startsWith("src/"));
  same(foreign.filter((specifier) => !/^npm:\/*smol-toml@/.test(specifier)), []);
});
