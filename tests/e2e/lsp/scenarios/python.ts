import type { Scenario } from "../scenario.ts";

/** python-lsp-server, of Debian's packages. */
export const PYTHON: Scenario = {
  tool: "test-lsp",
  language: "python",
  files: {
    "app.py": `import json

from pkg.tool import greet


def main():
    unused = 1
    print(json.dumps({"hello": greet("world")}))


main( )
`,
    "pkg/__init__.py": "",
    "pkg/tool.py": `def greet(name):
    """Greets NAME, as in file:///workspace/pkg/tool.py."""
    return "hello " + name
`,
    "other dir/ü #1.py": `from pkg.tool import greet

greet("again")
`,
  },
  file: "app.py",
  project: { word: "greet", nth: 1 },
  library: { word: "dumps" },
  complete: { word: "json.", nth: 0 },
  rename: { file: "app.py", at: { word: "greet", nth: 1 }, to: "welcome" },
  symbol: "greet",
  strange: { file: "other dir/ü #1.py", at: { word: "greet", nth: 1 } },
  options: (path) => ({ pylsp: { plugins: { jedi: { extra_paths: [`${path}/pkg`] } } } }),
};
