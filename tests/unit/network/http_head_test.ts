/** Heads: read strictly, and never in two ways. */
import { deepStrictEqual as same, ok, strictEqual as eq, throws } from "node:assert/strict";
import fc from "fast-check";
import { findHeadEnd, parseRequestHead, parseResponseHead, renderHead } from "../../../src/network/http/head.ts";
import {
  checkHostField,
  parseAbsoluteTarget,
  parseConnectTarget,
  parseOriginTarget,
} from "../../../src/network/http/target.ts";
import { parseHost } from "../../../src/network/policy/host_name.ts";
import { Refusal } from "../../../src/network/refusal.ts";
import { latin1, mutated } from "./bytes.ts";

const LINES = 256;
const parse = (text: string) => parseRequestHead(latin1(text), LINES);
const refused = (action: () => unknown, kind = "protocol", message = "") =>
  throws(action, (error) => error instanceof Refusal && error.kind === kind, message);

Deno.test("a request is read", () => {
  same(parse("GET http://a.com/ HTTP/1.1\r\nHost: a.com\r\nX-Y:  \t v w \t\r\nEmpty:\r\n\r\n"), {
    method: "GET",
    target: "http://a.com/",
    minor: 1,
    fields: [["Host", "a.com"], ["X-Y", "v w"], ["Empty", ""]],
  });
  eq(parse("GET / HTTP/1.0\r\n\r\n").minor, 0);
});

Deno.test("a response is read", () => {
  same(parseResponseHead(latin1("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n"), LINES), {
    status: 404,
    reason: "Not Found",
    minor: 1,
    fields: [["A", "b"]],
  });
  eq(parseResponseHead(latin1("HTTP/1.1 200\r\n\r\n"), LINES).reason, "");
  for (
    const line of ["HTTP/2 200", "HTTP/1.1 99 x", "HTTP/1.1 600 x", "HTTP/1.1  200", "ICY 200 OK", "HTTP/1.1 200OK"]
  ) {
    refused(() => parseResponseHead(latin1(`${line}\r\n\r\n`), LINES), "protocol", line);
  }
});

Deno.test("what servers read differently is refused", () => {
  for (
    const head of [
      "GET / HTTP/1.1\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
      "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\n: a\r\n\r\n",
      "GET / HTTP/1.1\r\nno colon\r\n\r\n",
      "GET / HTTP/1.1\r\nHo\x00st: a\r\n\r\n",
      "GET / HTTP/1.1\r\nH\xf6st: a\r\n\r\n",
      "GET / HTTP/1.1\r\nA: \x7f\r\n\r\n",
      "GET / HTTP/1.1\r\nA: \x1b[0m\r\n\r\n",
      "\r\nGET / HTTP/1.1\r\n\r\n",
      "GET  / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1 \r\n\r\n",
      " GET / HTTP/1.1\r\n\r\n",
      "GET /a b HTTP/1.1\r\n\r\n",
      "GET\t/ HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.2\r\n\r\n",
      "GET / HTTP/2.0\r\n\r\n",
      "GET / http/1.1\r\n\r\n",
      "GET /\r\n\r\n",
      "G(T / HTTP/1.1\r\n\r\n",
      "GET /\xe4 HTTP/1.1\r\n\r\n",
      "\r\n\r\n",
    ]
  ) refused(() => parse(head), "protocol", JSON.stringify(head));
});

Deno.test("a head that is too long in lines is refused", () => {
  refused(() => parse(`GET / HTTP/1.1\r\n${"A: b\r\n".repeat(LINES + 1)}\r\n`), "limit");
});

Deno.test("the end of a head is found wherever it was cut", () => {
  const head = latin1("GET / HTTP/1.1\r\nA: b\r\n\r\n");
  for (let cut = 0; cut < head.length; cut++) {
    eq(findHeadEnd(head.subarray(0, cut)), undefined);
    eq(findHeadEnd(head, cut), head.length);
    eq(findHeadEnd(Uint8Array.of(...head, 13, 10, 0), cut), head.length);
  }
});

Deno.test("a head that was written is read as the same", () => {
  const name = fc.stringMatching(/^[A-Za-z0-9-]{1,10}$/);
  const value = fc.stringMatching(/^[\x21-\x7e]{0,10}$/);
  fc.assert(fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (fields) => {
    same(parseRequestHead(renderHead("PUT /x HTTP/1.1", fields), LINES).fields, fields);
  }));
});

const request = (target: string, host?: string, method = "GET") =>
  parse(`${method} ${target} HTTP/1.1\r\n${host === undefined ? "" : `Host: ${host}\r\n`}\r\n`);
const absolute = (target: string, host?: string) => {
  const head = request(target, host);
  const found = parseAbsoluteTarget(head);
  checkHostField(head, found);
  return `${found.host.kind === "name" ? found.host.name : found.host.address} ${found.port} ${found.path}`;
};

Deno.test("the target of a proxy request names host, port and path", () => {
  eq(absolute("http://A.com/x?y", "a.com"), "a.com 80 /x?y");
  eq(absolute("HTTP://a.com:8080", "a.com:8080"), "a.com 8080 /");
  eq(absolute("http://a.com?x=/y@z", "a.com:80"), "a.com 80 /?x=/y@z");
  eq(absolute("http://a.com./", "A.COM"), "a.com 80 /");
  eq(absolute("http://[2001:DB8::1]:81/", "[2001:db8::1]:81"), "2001:db8::1 81 /");
});

Deno.test("a Host that says otherwise is refused", () => {
  refused(() => absolute("http://a.com/", "b.com"), "mismatch");
  refused(() => absolute("http://a.com/", "a.com:81"), "mismatch");
  refused(() => absolute("http://a.com/", "a.com.b.com"), "mismatch");
  refused(() => absolute("http://a.com/"), "protocol");
  refused(() => absolute("http://a.com/", "a.com\r\nHost: b.com"), "protocol");
  refused(() => absolute("http://a.com/", "a.com, b.com"), "name");
});

Deno.test("targets that hide another host are refused", () => {
  for (
    const target of [
      "/x",
      "*",
      "a.com:80",
      "https://a.com/",
      "ftp://a.com/",
      "http:/a.com/",
      "http:a.com",
      "http:///x",
      "http://a.com@b.com/",
      "http://a.com:80@b.com/",
      "http://a.com:/",
      "http://a.com:0/",
      "http://a.com:99999/",
      "http://a.com/#@b.com",
      "http://a.com\\@b.com/",
      "http://a.com%2f@b.com/",
      "http://a%2ecom/",
      "http://127.1/",
      "http://0x7f000001/",
      "http://[::1%25eth0]/",
    ]
  ) {
    throws(() => absolute(target, "a.com"), Refusal, target);
  }
});

Deno.test("CONNECT needs a host and a port and nothing else", () => {
  const connect = (target: string, host?: string) => parseConnectTarget(request(target, host, "CONNECT"));
  eq(connect("A.com:443").port, 443);
  eq(connect("a.com:443", "a.com").port, 443);
  eq(connect("a.com:443", "a.com:443").port, 443);
  refused(() => connect("a.com:443", "b.com:443"), "mismatch");
  for (const target of ["a.com", "a.com:", "http://a.com:443", "u@a.com:443", "a.com:443/", "/", "a.com:443:443"]) {
    throws(() => connect(target), Refusal, target);
  }
});

Deno.test("inside a connection there are paths alone", () => {
  const authority = { host: parseHost("a.com"), port: 80 };
  eq(parseOriginTarget(request("/x?y", "a.com"), authority).path, "/x?y");
  for (const target of ["http://b.com/", "b.com:443", "*", "x"]) {
    refused(() => parseOriginTarget(request(target, "a.com"), authority), "protocol", target);
  }
});

Deno.test("fuzz: a head is read or refused, and what is read has no byte that ends a line", () => {
  const seeds = [
    "GET http://a.com/x HTTP/1.1\r\nHost: a.com\r\nContent-Length: 5\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive, x\r\n\r\n",
    "CONNECT a.com:443 HTTP/1.1\r\nHost: a.com:443\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b\r\n\r\n",
  ].map(latin1);
  fc.assert(
    fc.property(mutated(seeds), (bytes) => {
      for (const read of [parseRequestHead, parseResponseHead]) {
        try {
          const head = read(bytes, LINES);
          const texts = [...head.fields.flat(), "target" in head ? head.target : head.reason];
          ok(!texts.some((text) => /[\r\n\0]/.test(text)));
          if ("target" in head) {
            parseAbsoluteTarget(head);
          }
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      }
    }),
    { numRuns: 20_000 },
  );
});
