/** Where a login, a request or a redirect may go. */
import { deepEqual, equal, throws } from "node:assert/strict";
import { endpointsOf, isLoopback } from "../../../../src/images/registry/endpoint.ts";
import { checkRealm, requestToken } from "../../../../src/images/registry/token.ts";
import { redirectTarget, send, type Transport } from "../../../../src/images/registry/transport.ts";

Deno.test("isLoopback() knows this machine in every notation, and nothing else", () => {
  for (
    const host of ["localhost", "localhost:5000", "127.0.0.1", "127.9.9.9:80", "[::1]:5000", "a.localhost", "0x7f.1"]
  ) {
    equal(isLoopback(host), true, host);
  }
  for (
    const host of ["example.com", "localhost.example.com", "10.0.0.1", "[::2]", "128.0.0.1", "127.0.0.1.nip.io", ""]
  ) {
    equal(isLoopback(host), false, host);
  }
});

Deno.test("a token server has to be https, or beside a registry that is asked without TLS on this machine", () => {
  const https = new URL("https://registry.example.com/v2/");
  const loopback = new URL("http://127.0.0.1:5000/v2/");
  const lan = new URL("http://lan.example.com:5000/v2/");
  const settings = { plainHttp: ["lan.example.com:5000"] };
  for (
    const [realm, registry] of [
      ["https://auth.example.com/token", https],
      ["https://auth.example.com/token", loopback],
      ["http://127.0.0.1:5001/token", loopback],
      ["http://lan.example.com:5001/token", lan],
    ] as const
  ) {
    equal(checkRealm(realm, registry, settings).href, realm);
  }
  for (
    const [realm, registry] of [
      ["http://auth.example.com/token", https],
      ["http://127.0.0.1:5001/token", https],
      ["http://auth.example.com/token", loopback],
      ["http://127.0.0.1:5001/token", lan],
      ["https://user:secret@auth.example.com/", https],
      ["https://auth.example.com/#x", https],
      ["ftp://auth.example.com/", https],
      ["file:///etc/passwd", loopback],
      ["/token", https],
    ] as const
  ) {
    throws(() => checkRealm(realm, registry, settings), /names a token server that/, realm);
  }
});

Deno.test("a redirect never leads from TLS to plain HTTP, nor to a host that needs TLS", () => {
  const settings = { plainHttp: [] };
  const [https, loopback] = [new URL("https://registry.example.com/a/b"), new URL("http://127.0.0.1:5000/a")];
  equal(redirectTarget(https, "/c", settings).href, "https://registry.example.com/c");
  equal(redirectTarget(https, "https://storage.example.com/x?sig=1", settings).host, "storage.example.com");
  equal(redirectTarget(loopback, "http://localhost:9000/x", settings).host, "localhost:9000");
  for (
    const [from, to] of [
      [https, "http://registry.example.com/c"],
      [https, "http://127.0.0.1:9000/c"],
      [loopback, "http://storage.example.com/c"],
      [https, "file:///etc/passwd"],
      [https, "https://user:secret@storage.example.com/"],
      [https, "https://"],
      [https, null],
    ] as const
  ) {
    throws(() => redirectTarget(from, to, settings), { name: "ContentFailure" }, String(to));
  }
});

/** A transport that answers from a table and writes down who was told what. */
function scripted(answers: Record<string, () => Response>) {
  const seen: [string, string | null][] = [];
  const transport: Transport = {
    settings: {},
    stallMs: 1000,
    fetch: (input, init) => {
      const url = String(input);
      seen.push([url, new Headers(init!.headers).get("authorization")]);
      const response = answers[url]?.() ?? new Response(null, { status: 404 });
      return Promise.resolve(Object.defineProperty(response, "url", { value: url }));
    },
  };
  return { transport, seen };
}
const redirect = (location: string) => () => new Response(null, { status: 307, headers: { location } });

Deno.test("the login goes to the host that was asked and to no other, not even after a redirect back", async () => {
  const { transport, seen } = scripted({
    "https://a.example.com/1": redirect("https://a.example.com/2"),
    "https://a.example.com/2": redirect("https://a.example.com:444/3"),
    "https://a.example.com:444/3": redirect("https://a.example.com/4"),
    "https://a.example.com/4": () => new Response("ok"),
  });
  const answer = await send(transport, {
    url: new URL("https://a.example.com/1"),
    headers: { authorization: "Bearer x" },
  });
  equal(await answer.text(), "ok");
  deepEqual(seen.map(([, authorization]) => authorization), ["Bearer x", "Bearer x", null, null]);
});

Deno.test("redirects that do not end are given up", async () => {
  const { transport } = scripted({ "https://a.example.com/1": redirect("/1") });
  let failure: unknown;
  await send(transport, { url: new URL("https://a.example.com/1"), headers: {} }).catch((error) => failure = error);
  equal((failure as Error).message, "more than 5 redirects");
});

Deno.test("a token that could carry more than itself is refused", async () => {
  for (
    const body of ['{"token":"a\\r\\nX: y"}', '{"token":""}', '{"token":5}', "{}", "null", "<html>", '{"token":"a b"}']
  ) {
    const { transport } = scripted({});
    const asking = requestToken({ ...transport, fetch: () => Promise.resolve(answerFrom(body)) }, {
      registry: new URL("https://a.example.com/"),
      realm: "https://b.example.com/token",
      service: undefined,
      scope: "repository:a:pull",
      credentials: undefined,
      now: 0,
    });
    let failure: unknown;
    await asking.catch((error) => failure = error);
    equal((failure as Error)?.name, "ContentFailure", body);
  }
});
const answerFrom = (body: string) =>
  Object.defineProperty(new Response(body), "url", { value: "https://b.example.com/token" });

Deno.test("endpointsOf() has mirrors first, and plain HTTP only where it is allowed", () => {
  const mirrors = { "docker.io": ["https://mirror.example.com/hub/", "localhost:5000", "http://lan:80/x"] };
  deepEqual(endpointsOf("docker.io", { mirrors, plainHttp: ["lan"] }), [
    { host: "mirror.example.com", prefix: "hub", scheme: "https", isMirror: true },
    { host: "localhost:5000", prefix: "", scheme: "either", isMirror: true },
    { host: "lan", prefix: "x", scheme: "http", isMirror: true },
    { host: "docker.io", prefix: "", scheme: "https", isMirror: false },
  ]);
  for (const mirror of ["http://lan/x", "ftp://x", "https://u:p@x", "https://x?y", "://"]) {
    throws(() => endpointsOf("docker.io", { mirrors: { "docker.io": [mirror] } }), /could not use the mirror/);
  }
});
