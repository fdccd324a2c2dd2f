import { match, strictEqual as eq } from "node:assert/strict";
import { Timings } from "../../../src/cli/timings.ts";
import { fakeHost } from "../support.ts";

Deno.test("the phases add up to the whole run, whatever was not told", () => {
  let now = 21.5;
  const timings = new Timings({ ...fakeHost(), monotonic: () => now });
  now = 30;
  timings.mark("plan");
  now = 500;
  timings.add("restore", 400);
  const lines = timings.report().trimEnd().split("\n");
  const milliseconds = lines.slice(0, -1).map((line) => Number(/([\d.]+) ms$/.exec(line)![1]));
  eq(milliseconds.slice(0, -1).reduce((sum, ms) => sum + ms, 0), milliseconds.at(-1));
  match(
    lines.join("\n"),
    /deno +21\.5 ms\n.*plan +8\.5 ms\n.*restore +400\.0 ms\n.*rest +70\.0 ms\n.*whole run +500\.0 ms/,
  );
  eq(lines.at(-1), "silo: attempts: 1");
});
