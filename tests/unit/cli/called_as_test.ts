/** A link to silo that is called like a program is that program. */
import { strictEqual as eq } from "node:assert/strict";
import { calledAs } from "../../../src/cli/called_as.ts";

Deno.test("the last part of the name counts, and silo by any suffix is silo", () => {
  eq(calledAs("/home/me/bin/python"), "python");
  eq(calledAs("python3.12"), "python3.12");
  for (const own of ["silo", "/usr/bin/silo", "./silo-0.2", "", "/usr/bin/"]) eq(calledAs(own), undefined, own);
});
