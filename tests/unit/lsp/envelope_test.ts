/** Messages whose members come in any order, and those that are none. */
import { deepEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { MalformedJson } from "../../../src/lsp/json/cursor.ts";
import { conversation, decode, HOST_ROOT } from "./support.ts";

const uri = "file:///workspace/a.py";
const hostUri = `file://${HOST_ROOT}/a.py`;
const encode = (text: string) => new TextEncoder().encode(text);

/** A message with its members in that order, some of them its own that nobody knows. */
function written(members: [string, unknown][]): Uint8Array {
  return encode(
    `{ ${members.map(([name, value]) => `${JSON.stringify(name)} :${JSON.stringify(value)}`).join(" ,")} }`,
  );
}

function inAnyOrder(members: Record<string, unknown>): fc.Arbitrary<[string, unknown][]> {
  const all = Object.entries({ jsonrpc: "2.0", extra: [{ uri }], ...members });
  return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
}

Deno.test("paths are replaced wherever the contents stand among the members", () => {
  const params = (uri: string) => ({ uri, takeFocus: true });
  const show = inAnyOrder({ id: 5, method: "window/showDocument", params: params(uri) });
  fc.assert(fc.property(show, (members) => {
    const sent = decode(conversation().fromGuest(written(members)).forward);
    deepEqual(sent, { ...Object.fromEntries(members), params: params(hostUri) });
  }));
  const result = (uri: string) => [{ uri, range: {} }];
  fc.assert(fc.property(inAnyOrder({ id: "x", result: result(uri) }), (members) => {
    const talk = conversation();
    talk.fromHost(written([["id", "x"], ["method", "textDocument/definition"], ["params", {}]]));
    const sent = decode(talk.fromGuest(written(members)).forward);
    deepEqual(sent, { ...Object.fromEntries(members), result: result(hostUri) });
  }));
});

Deno.test("what two readers could take for two things is no message, before and behind the contents", () => {
  const others: Record<string, [string, unknown][]> = {
    "a second part": [["params", {}]],
    "a second name": [["method", "x"]],
    "an answer as well": [["result", null]],
    "an error as well": [["error", {}]],
    "an id that is none": [["id", {}]],
    "a second id": [["id", 1], ["id", 2]],
  };
  const question: [string, unknown][] = [["method", "window/logMessage"], ["params", { type: 3, message: "" }]];
  for (const [what, members] of Object.entries(others)) {
    for (const all of [[...question, ...members], [...members, ...question]]) {
      throws(() => conversation().fromGuest(written(all)), MalformedJson, what);
    }
  }
  for (
    const text of [
      "{}",
      "[]",
      '{"id":1}',
      '{"result":1}',
      '{"method":"x"} {}',
      '{"method":"x","params":{}} {}',
      '{"method":"x","params":{}',
    ]
  ) {
    throws(() => conversation().fromGuest(encode(text)), MalformedJson, text);
  }
});
