import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import { exactArguments, exactVariable } from "../../../src/exact_bytes.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const lost = "\ufffd";

Deno.test("arguments that are text are taken as they are", () => {
  const never = () => {
    throw new Error("read");
  };
  same(exactArguments(["run", "", "é"], never), ["run", "", "é"]);
});

Deno.test("arguments that are not text are read from the kernel, counted from the end", () => {
  const line = () => bytes("deno\0run\0main.ts\0run\0\xff\0\0ok\0");
  same(exactArguments(["run", lost, "", "ok"], line), ["run", { base64: "/w==" }, "", "ok"]);
});

Deno.test("where the kernel does not tell, the text stands", () => {
  same(
    exactArguments([lost], () => {
      throw new Deno.errors.NotFound();
    }),
    [lost],
  );
  same(exactArguments([lost, "a"], () => bytes("a\0")), [lost, "a"]);
});

Deno.test("a variable that is not text is read from the kernel", () => {
  const environment = () => bytes("A=1\0RAW=a\xff\0");
  eq(exactVariable({ A: "1" }, "A", environment), "1");
  same(exactVariable({ A: "1" }, "RAW", environment), { base64: "Yf8=" });
  eq(exactVariable({}, "NONE", environment), undefined);
});
