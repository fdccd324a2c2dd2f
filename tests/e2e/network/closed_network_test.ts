/**
 * What needs a network of its own to be tried: names that change where they lead, cloud metadata, and a company whose
 * proxy is the only way out. Nothing in it leads to anywhere else.
 */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { inClosedNetwork } from "./closed_network.ts";

/** What each way of asking says when silo refuses: a status (400: not a host), a SOCKS number (8: likewise), the end. */
const REFUSED = /^(HTTP\/1\.1 40[03]|refused [128]|ConnectionResetError|BrokenPipeError|ended)$/;
/** A guest's own address that leads nowhere, or an answer that says that it is not there. */
const NOWHERE = /^(OSError|ConnectionRefusedError|gaierror|TimeoutError)$/;

interface Rebinding {
  code: number;
  stdout: string;
  stderr: string;
  looks: Record<string, number>;
  touched: string[];
}

type Answers<T> = Record<string, Record<string, T>>;

Deno.test("a name that changes where it leads, and the addresses of cloud metadata, lead root in the guest nowhere", async (t) => {
  const ranges = [
    ...["203.0.113.0/24", "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"],
  ];
  const { code, stdout, stderr, looks, touched } = await inClosedNetwork("rebinding.ts", ranges) as Rebinding;
  eq(code, 0, stdout + stderr);
  const { rebinding, metadata, later } = JSON.parse(stdout) as {
    rebinding: Answers<string[]>;
    metadata: Answers<string>;
    later: Record<string, string>;
  };
  const ways = ["connect", "absolute", "socks", "direct"];

  await t.step("the address that was judged is the one that is dialled, as long as it is remembered", () => {
    for (const kind of ["turns", "cloud", "mixed"]) {
      for (const way of ways) same(rebinding[kind]![way], ["good", "good"], `${kind}, ${way}`);
    }
  });
  await t.step("once the answer has changed, it is refused", () => {
    same(Object.keys(later).length, 2 * ways.length);
    for (const [which, said] of Object.entries(later)) ok(REFUSED.test(said), `${which}: ${said}`);
    for (const way of ways) eq(looks[`${way}.turns.rebind.example`], 2, `${way} was looked up`);
  });
  await t.step("an answer that begins with a forbidden address, or hides one, is refused", () => {
    for (const kind of ["turned", "hidden"]) {
      for (const way of ways) {
        for (const said of rebinding[kind]![way]!) ok(REFUSED.test(said), `${kind}, ${way}: ${said}`);
      }
    }
  });
  await t.step("nobody falls back from an address that does not answer to a forbidden one", () => {
    for (const way of ways) ok(rebinding["silent"]![way]!.every((said) => said !== "good"), way);
  });
  await t.step("metadata and this machine's addresses are refused, however they are asked for", () => {
    for (const [host, answers] of Object.entries(metadata)) {
      for (const [way, said] of Object.entries(answers)) {
        ok(REFUSED.test(said) || way === "direct" && NOWHERE.test(said), `${host} by ${way}: ${said}`);
      }
    }
  });
  await t.step("the listeners at all of those addresses are untouched", () => same(touched, []));
});

Deno.test("a company whose proxy is the only way out: HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the host count for a VM", async () => {
  const { code, stdout, stderr, asked } = await inClosedNetwork("company.ts", ["203.0.113.0/24"]) as Company;
  eq(code, 0, stdout + stderr);
  const { known_to_be_this_machine, unknown_to_the_proxy, ...seen } = JSON.parse(stdout) as Record<string, string>;
  same(seen, {
    tls_by_the_proxy: "packages /a",
    tls_by_dns_alone: "packages /b",
    plain_request: "by the proxy: http://plain.example/c",
    excepted: "intranet",
    denied: '403 silo: host denied.example is denied by the rule "denied.example"',
    password: [],
  });
  match(known_to_be_this_machine!, /^403 silo: host inside\.example is at 127\.0\.0\.1 \(loopback\)/);
  match(unknown_to_the_proxy!, /502/);
  // The person's credentials and no others; nothing about hosts that are excepted, denied, or here.
  const authorization = `Basic ${btoa("me:p@ss word")}`;
  const requests = [
    ...["CONNECT packages.example:443", "CONNECT packages.example:443", "GET http://plain.example/c"],
    "CONNECT unknown.example:443",
  ];
  same(asked, requests.map((request) => ({ request, authorization })));
});

interface Company {
  code: number;
  stdout: string;
  stderr: string;
  asked: { request: string; authorization?: string }[];
}

Deno.test("--net learn lets a program out and proposes the lines of silo.toml with which it passes from then on", async () => {
  const { before, learning, proposed, trusted, after } = await inClosedNetwork(
    "learning.ts",
    ["203.0.113.0/24"],
  ) as Learning;
  ok(before.code !== 0, before.stdout);
  match(before.stderr, /api\.learn\.example:80: host api\.learn\.example is not allowed/);
  same([learning.code, learning.stdout], [0, "served\nnot HTTP\n"], learning.stderr);
  eq(
    proposed,
    '  [network]\n  allow = [\n    "api.learn.example",\n    "db.learn.example:5432",\n  ]\n',
    learning.stderr,
  );
  eq(trusted, 0);
  same(after, { code: 0, stdout: "served\nnot HTTP\n", stderr: "" });
});

type Run = { code: number; stdout: string; stderr: string };
type Learning = Record<"before" | "learning" | "after", Run> & { proposed: string; trusted: number };
