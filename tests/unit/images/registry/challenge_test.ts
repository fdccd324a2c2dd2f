import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseChallenges } from "../../../../src/images/registry/challenge.ts";

const plain = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

Deno.test("parseChallenges() reads what registries send", () => {
  for (
    const [header, expected] of [
      [
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
        [["bearer", {
          realm: "https://auth.docker.io/token",
          service: "registry.docker.io",
          scope: "repository:a/b:pull,push",
        }]],
      ],
      ['Basic realm="x"', [["basic", { realm: "x" }]]],
      ['BASIC REALM=x , Bearer realm="y" , service=z', [["basic", { realm: "x" }], ["bearer", {
        realm: "y",
        service: "z",
      }]]],
      ['Negotiate, Basic realm="a \\"b\\" \\\\c"', [["negotiate", {}], ["basic", { realm: 'a "b" \\c' }]]],
      ["Negotiate dG9rZW4=, Basic", [["negotiate", {}], ["basic", {}]]],
      [' , ,Basic realm = "x",,', [["basic", { realm: "x" }]]],
      ["Bearer realm=", [["bearer", {}]]], // by the grammar an opaque token
      ["", []],
    ] as const
  ) {
    deepEqual(plain(header), expected, header);
  }
});

Deno.test("parseChallenges() refuses what does not follow the grammar", () => {
  for (
    const header of [
      'Bearer realm="x',
      'Bearer realm="x" service="y"',
      'realm="x"',
      'Bearer realm="a",realm="b"',
      'Bearer realm="a",REALM="b"',
      "Bearer {}",
      'Bearer realm="x\u0000"',
      'Bearer "x"',
      "Basic" + " ".repeat(9000),
    ]
  ) {
    throws(() => parseChallenges(header), SyntaxError, header);
  }
});

Deno.test("parseChallenges() reads back every value that can be quoted", () => {
  const value = fc.stringMatching(/^[\t -~]{0,30}$/);
  fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
    const header = values.map((value, at) => `p${at}="${value.replace(/["\\]/g, "\\$&")}"`).join(", ");
    deepEqual([...parseChallenges(`Bearer ${header}`)[0]!.parameters.values()], values);
  }));
});

Deno.test("parseChallenges() ends, whatever it is given", () => {
  const piece = fc.constantFrom("Bearer", " ", ",", "=", '"', "\\", "realm", "a", "é", "\0", "==");
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
    try {
      parseChallenges(pieces.join(""));
    } catch (error) {
      equal((error as Error).name, "SyntaxError");
    }
  }));
});
