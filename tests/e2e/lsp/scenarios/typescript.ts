import type { Scenario } from "../scenario.ts";

/** typescript-language-server, as the registry's own step installs it. */
export const TYPESCRIPT: Scenario = {
  tool: "node",
  language: "typescript",
  files: {
    "package.json": '{ "name": "project", "private": true, "type": "module" }\n',
    "tsconfig.json":
      '{ "compilerOptions": { "strict": true, "module": "nodenext", "types": [] }, "include": ["src"] }\n',
    "src/tool.ts": `/** Greets somebody; see {@link https://example.com} and file:///workspace/src/tool.ts. */
export function greet(name: string): string {
  return "hello " + name;
}
`,
    "src/app.ts": `import { greet } from "./tool.js";

const wrong: number = "text";
export const all = ["a", "b"].map((it) => greet(it));
if (  wrong ) console.error(all );
`,
    "src/ü #1.ts": `import { greet } from "./tool.js";

greet("again");
`,
  },
  file: "src/app.ts",
  project: { word: "greet", nth: 1 },
  library: { word: "map" },
  complete: { word: '"b"].' },
  // Where the name is imported, a rename gives it another name there; where it is defined, everywhere.
  rename: { file: "src/tool.ts", at: { word: "greet" }, to: "welcome" },
  symbol: "greet",
  strange: { file: "src/ü #1.ts", at: { word: "greet", nth: 1 } },
  options: () => ({ disableAutomaticTypingAcquisition: true }),
  command: (uri) => ({
    command: "_typescript.goToSourceDefinition",
    arguments: [uri("src/app.ts"), { line: 3, character: 43 }],
  }),
};
