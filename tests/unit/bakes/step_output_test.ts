/** What a build that shows nothing tells of the step that failed. */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import { StepOutput } from "../../../src/bakes/step_output.ts";

function printed(...parts: string[]): string {
  const output = new StepOutput("MARK");
  for (const part of parts) output.write(new TextEncoder().encode(part));
  return output.text();
}

Deno.test("only the step that ran last is told, however its output is cut into pieces", () => {
  const all = "MARK\n+ one\nout of one\nMARK\n+ two\nout of two\n";
  eq(printed(all), "+ two\nout of two\n");
  eq(printed(...all), "+ two\nout of two\n");
});

Deno.test("a step before it that ends in the middle of a line is not told either", () => {
  eq(printed("MARK\n+ one\nno newline", "MARK\n+ two\n\x1b[31mred\x1b[0m\n"), "+ two\nred\n");
});

Deno.test("of much output the end is told, and no mark is looked for in what is gone", () => {
  const lines = Array.from({ length: 5_000 }, (_, at) => `line ${at}\n`).join("");
  const text = printed("MARK\n+ one\n", lines);
  match(text, /line 4999\n$/);
  ok(text.split("\n").length <= 40 && !text.includes("MARK"));
});

Deno.test("no two builds have the same mark", () => {
  eq(new Set(Array.from({ length: 3 }, () => new StepOutput().mark)).size, 3);
});
