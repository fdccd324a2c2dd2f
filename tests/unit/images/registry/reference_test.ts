import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { formatReference, parseReference, shortReference } from "../../../../src/images/reference.ts";

const HEX = "0123456789abcdef".repeat(4);

Deno.test("parseReference() fills in registry, library and latest", () => {
  for (
    const [text, full] of [
      ["python", "docker.io/library/python:latest"],
      ["python:3.13", "docker.io/library/python:3.13"],
      ["owner/tool", "docker.io/owner/tool:latest"],
      ["docker.io/python", "docker.io/library/python:latest"],
      ["index.docker.io/owner/tool", "docker.io/owner/tool:latest"],
      ["ghcr.io/a/b/c:v1", "ghcr.io/a/b/c:v1"],
      ["localhost/tool", "localhost/tool:latest"],
      ["localhost:5000/tool:x", "localhost:5000/tool:x"],
      ["127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b:latest"],
      ["[::1]:5000/tool", "[::1]:5000/tool:latest"],
      ["[2001:db8::2]/tool", "[2001:db8::2]/tool:latest"],
      ["HOST.example.com/tool", "host.example.com/tool:latest"],
      [`python@sha256:${HEX}`, `docker.io/library/python@sha256:${HEX}`],
      [`python:3@sha256:${HEX}`, `docker.io/library/python:3@sha256:${HEX}`],
      ["a__b/c--d/e.f", "docker.io/a__b/c--d/e.f:latest"],
    ] as const
  ) {
    equal(formatReference(parseReference(text)), full);
  }
});

Deno.test("parseReference() refuses what is no reference, and says which part is wrong", () => {
  for (
    const [text, why] of [
      ["", /it is empty/],
      ["https://ghcr.io/a/b", /address and not a reference/],
      ["Python", /lower case/],
      ["Host/tool", /lower case/],
      ["a b", /white space/],
      ["python:", /cannot be a tag/],
      ["python:.x", /cannot be a tag/],
      [`python:${"x".repeat(129)}`, /cannot be a tag/],
      ["python@sha256:12", /no digest/],
      [`python@md5:${HEX}`, /no digest/],
      [`a@sha256:${HEX}@sha256:${HEX}`, /more than one @/],
      ["a//b", /empty path component/],
      ["a/../b", /cannot be part/],
      ["a/b/", /empty path component/],
      ["a___b", /cannot be part/],
      ["ghcr.io/", /no repository/],
      ["host:99999/a", /not a port/],
      ["host:/a", /not a port/],
      ["[::1/a", /not a host/],
      ["[::zz]:1/a", /not a host/],
      ["-host.com/a", /not the name/],
      ["a:b@c.com/x", /no digest/],
      [HEX, /image id/],
      ["x".repeat(2000), /longer than/],
      [`a/${"x".repeat(256)}`, /longer than 255/],
    ] as const
  ) {
    throws(() => parseReference(text), (error: Error) => {
      match(error.message, /^could not read the image reference "/);
      match(error.message, why);
      return true;
    }, text);
  }
});

const component = fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}$/);
const host = fc.oneof(
  fc.stringMatching(/^[a-z0-9]{1,8}\.[a-z]{2,5}$/),
  fc.constantFrom("localhost", "[::1]", "[fe80::1:2]", "127.0.0.1", "docker.io"),
);
const port = fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined });
const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined });
const digest = fc.option(fc.stringMatching(/^sha256:[0-9a-f]{64}$/), { nil: undefined });

Deno.test("formatReference() and shortReference() are read back as the same reference", () => {
  fc.assert(
    fc.property(
      fc.option(fc.tuple(host, port), { nil: undefined }),
      fc.array(component, { minLength: 1, maxLength: 4 }),
      tag,
      digest,
      (where, path, tag, digest) => {
        fc.pre(where !== undefined || path.length === 1 || !path[0]!.includes(".")); // would be a host
        const registry = where ? `${where[0]}${where[1] ? `:${where[1]}` : ""}/` : "";
        const text = `${registry}${path.join("/")}${tag ? `:${tag}` : ""}${digest ? `@${digest}` : ""}`;
        const reference = parseReference(text);
        deepEqual(parseReference(formatReference(reference)), reference);
        deepEqual(parseReference(shortReference(reference)), reference);
        ok(reference.tag !== undefined || reference.digest !== undefined);
      },
    ),
  );
});

Deno.test("parseReference() of anything is a reference or one clear error", () => {
  const pieces = fc.array(fc.constantFrom("a", "A", "/", ":", "@", ".", "-", "_", "[", "]", "sha256:", HEX, "é", "\0"));
  fc.assert(fc.property(fc.oneof(fc.string(), pieces.map((list) => list.join(""))), (text) => {
    try {
      const reference = parseReference(text);
      deepEqual(parseReference(formatReference(reference)), reference);
    } catch (error) {
      equal((error as Error).name, "SiloError");
    }
  }));
});
