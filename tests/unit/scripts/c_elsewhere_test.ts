import { deepStrictEqual as same, match } from "node:assert/strict";
import { declared, needsAll } from "../../../scripts/testing/c_elsewhere.ts";

Deno.test("the functions of a header are found, over lines and once, and no types", () => {
  const text =
    "struct silo_tool { int a; };\nint silo_b(int fd);\nvoid silo_a(\n    const struct silo_tool *tool);\nint silo_b(int);";
  same(declared([text]), ["silo_a", "silo_b"]);
});

Deno.test("the program has each of them", () => {
  match(needsAll([{ name: "x.h", text: "int silo_a(void);" }]), /^#include "x\.h"\n[^]*\(void \*\)silo_a,\n\};\n/);
});
