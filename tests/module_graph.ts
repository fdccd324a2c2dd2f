/** Which modules are loaded with another. */
import { ok } from "node:assert/strict";

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

const ROOT = new URL("../", import.meta.url);

/**
 * What is loaded with a module before its first line runs: neither types, nor what is imported later.
 *
 * @param path of the module, from the checkout's root or absolute.
 * @returns specifiers, those of the checkout as paths from its root.
 */
export async function loadedWith(path: string): Promise<string[]> {
  const first = new URL(path, ROOT).href;
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `--config=${new URL("deno.json", ROOT).pathname}`, first],
    env: { NO_COLOR: "1" },
  }).output();
  ok(success, new TextDecoder().decode(stderr));
  const { modules, redirects } = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const found = new Set([first]);
  for (const specifier of found) {
    for (const { code, isDynamic } of bySpecifier.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined && !isDynamic) found.add(redirects[code.specifier] ?? code.specifier);
    }
  }
  return [...found].map((specifier) => specifier.replace(ROOT.href, ""));
}
