import { ok, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import { explainSystemError, printable, renderError, SiloError } from "../../../src/errors.ts";

Deno.test("an error is one message, its details and its hint indented under it", () => {
  const error = new SiloError("could not run x: why", { hint: "Do this.\nThen that.", details: "the tail" });
  eq(renderError(error), "silo: could not run x: why\n  the tail\n  Do this.\n  Then that.\n");
});

Deno.test("nothing that an error shows can drive a terminal", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const shown = renderError(new SiloError(text, { hint: text, details: text }));
    ok(!/[\p{Cc}\p{Bidi_Control}]/u.test(shown.replace(/[\n\t]/g, "")), JSON.stringify(shown));
  }));
  eq(printable("\x1b[2Jhi\r\n\u202e"), "\ufffd[2Jhi\n\ufffd");
});

Deno.test("what is no SiloError is shown as a bug, with its stack", () => {
  ok(/internal error[^]*errors_test/.test(renderError(new Error("oops"))));
});

Deno.test("a full disk is explained wherever it was noticed", () => {
  const full = Object.assign(new Error("No space left on device (os error 28): write"), { code: "ENOSPC" });
  const shown = explainSystemError(full) as SiloError;
  ok(shown instanceof SiloError);
  eq(shown.message, "could not go on: No space left on device: write");
  const other = new Error("x");
  eq(explainSystemError(other), other);
});
