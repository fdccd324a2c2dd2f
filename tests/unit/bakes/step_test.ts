import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { MergedSettings } from "../../../src/config/config.ts";
import { shellLine } from "../../../src/bakes/shell_line.ts";
import { inputsNamedBy, isPlainPath, type PlacedStep, stepKeys } from "../../../src/bakes/step.ts";

const settings = (env: Record<string, string> = {}) => ({ env }) as unknown as MergedSettings;
const step = (run: string, files: Record<string, string> = {}, env = {}): PlacedStep => ({
  step: {
    run,
    label: run,
    inputs: Object.entries(files).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) })),
  },
  settings: settings(env),
  network: null,
});

Deno.test("a key is the same for the same recipe, and differs with everything that decides what is made", () => {
  const key = (base: string, ...steps: PlacedStep[]) => stepKeys(base, steps).at(-1)!;
  const one = () => step("apt-get install -y jq", { "a.txt": "1" }, { A: "1", B: "2" });
  strictEqual(key("base", one()), key("base", step("apt-get install -y jq", { "a.txt": "1" }, { B: "2", A: "1" })));
  const others = [
    key("other", one()),
    key("base", step("apt-get install -y JQ", { "a.txt": "1" }, { A: "1", B: "2" })),
    key("base", step("apt-get install -y jq", { "a.txt": "2" }, { A: "1", B: "2" })),
    key("base", step("apt-get install -y jq", { "b.txt": "1" }, { A: "1", B: "2" })),
    key("base", step("apt-get install -y jq", { "a.txt": "1" }, { A: "1" })),
    key("base", { ...one(), network: { allow: ["example.com"] } }),
    key("base", one(), one()),
  ];
  strictEqual(new Set([key("base", one()), ...others]).size, others.length + 1);
});

Deno.test("the keys of a recipe's beginning are the beginning of its keys", () => {
  fc.assert(fc.property(fc.array(fc.string(), { minLength: 1 }), fc.nat(), (runs, at) => {
    const steps = runs.map((run) => step(run));
    const length = at % (runs.length + 1);
    deepStrictEqual(stepKeys("base", steps.slice(0, length)), stepKeys("base", steps).slice(0, length));
  }));
});

Deno.test("steps that are cut elsewhere are another recipe", () => {
  notStrictEqual(
    stepKeys("base", [step("a"), step("b")]).at(-1),
    stepKeys("base", [step("a\nb")]).at(-1),
  );
});

Deno.test("a shell takes a line of words for exactly these words", async () => {
  const word = fc.string({ minLength: 1 }).filter((text) => !text.includes("\0"));
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 2, maxLength: 5 }), async (words) => {
      const line = shellLine(["printf", "%s\\0", ...words]);
      const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", line] }).output();
      deepStrictEqual(new TextDecoder().decode(stdout).split("\0").slice(0, -1), words.map((it) => it.toWellFormed()));
    }),
    { numRuns: 30 },
  );
});

Deno.test("a command's files are found by its words and by what is known of its program", () => {
  const there = ["requirements.txt", "dev/more.txt", "package.json", "package-lock.json"];
  const named = (run: string) => inputsNamedBy(run, (path) => there.includes(path));
  deepStrictEqual(named("pip install -r requirements.txt -r ./dev/more.txt"), ["requirements.txt", "dev/more.txt"]);
  deepStrictEqual(named("npm ci"), ["package.json", "package-lock.json"]);
  deepStrictEqual(named("pip install -rrequirements.txt ../requirements.txt /etc/passwd"), []);
});

Deno.test("no path leads out of the project", () => {
  ok(isPlainPath("a/b.txt"));
  for (const path of ["", "/a", "..", "a/../b", "./a", "a//b", "-r", "a/", "a\0b"]) ok(!isPlainPath(path), path);
});
