import { deepStrictEqual as same, match, notEqual, ok, throws } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { SiloError } from "../../../src/errors.ts";
import { fromLatin1, toLatin1 } from "../../../src/network/http/head.ts";
import { parseHost } from "../../../src/network/policy/host_name.ts";
import { placeholderFor } from "../../../src/network/secrets/placeholder.ts";
import { concatenate } from "../../../src/concatenate.ts";
import { type Replacement, Replacer } from "../../../src/network/secrets/replacer.ts";
import { Rewriter } from "../../../src/network/secrets/rewriter.ts";
import { domainsOf, Secret, secretsFor } from "../../../src/network/secrets/secret.ts";
import { insertions, json, percent, redactions, spellingOf } from "../../../src/network/secrets/spellings.ts";

const VALUE = "npm_0123456789abcdefghijABCDEFGHIJ012345";

Deno.test("a stream is replaced in the same way however it is cut", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 60 });
  const pairs = fc.array(
    fc.record({
      find: fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 6 }),
      put: fc.string({ unit: fc.constantFrom("X", "Y"), maxLength: 8 }),
    }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(letters, pairs, fc.array(fc.nat(10), { maxLength: 30 }), (text, given, cuts) => {
      const unique = [...new Map(given.map((pair) => [pair.find, pair])).values()];
      same(streamed(text, unique.map(toReplacement), cuts), expected(text, unique));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a stream holds back only what may be the beginning of a match", () => {
  const replacer = new Replacer([toReplacement({ find: "secret", put: "******" })]);
  same(toLatin1(replacer.push(fromLatin1("no sec"))), "no ");
  same(toLatin1(replacer.push(fromLatin1("ond"))), "second");
  same(replacer.holds, false);
});

Deno.test("no spelling of a value comes through, however it is cut, and nothing changes its length", () => {
  const values = fc.string({
    unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)),
    minLength: 8,
  });
  const around = fc.string({ unit: fc.constantFrom("a", "Q", "%", "\\", "=", "/", " "), maxLength: 9 });
  fc.assert(
    fc.property(values, around, around, fc.array(fc.nat(20), { maxLength: 30 }), (value, before, after, cuts) => {
      const secret = new Secret("TOKEN", placeholderFor(value), ["a.test"], value);
      const spelled = [
        value,
        json(value),
        percent(value),
        encodeURIComponent(value),
        btoa(before + value + after).replaceAll("=", ""),
      ];
      for (const text of spelled) {
        const whole = before + text + after;
        const out = streamed(whole, redactions([secret]), cuts);
        same(out.length, whole.length);
        for (const spelling of spelled.slice(0, 4)) {
          // What stands around may complete a value anew only if it is a part of it.
          if (!before.includes(value[0]!) && !after.includes(value.at(-1)!)) ok(!out.includes(spelling), whole);
        }
        notEqual(out, whole);
      }
    }),
  );
});

Deno.test("what comes back in the spelling that went out is what the guest wrote, if the lengths allow it", () => {
  const secret = new Secret("TOKEN", placeholderFor(VALUE), ["a.test"], VALUE);
  for (const around of ["", "a", "ab", "abc"]) {
    const sent = btoa(`${around}:${secret.placeholder}`);
    const put = btoa(`${around}:${VALUE}`);
    same(streamed(put, redactions([secret]), []).slice(0, -4), sent.slice(0, -4));
  }
  same(streamed(VALUE, redactions([secret]), [3, 5]), secret.placeholder);
});

Deno.test("a placeholder looks like its token, cannot be guessed, and is written the same everywhere", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8 }), fc.constantFrom("", "npm_", "ghp_", "sk-"), (rest, beginning) => {
      const value = beginning + rest;
      const placeholder = placeholderFor(value);
      match(placeholder, /^[A-Za-z0-9_-]+$/);
      ok(placeholder.startsWith(beginning) && placeholder.length >= 24 + beginning.length);
      if (value.length >= placeholder.length) same(placeholder.length, value.length);
      same([percent(placeholder), json(placeholder)], [placeholder, placeholder]);
      notEqual(placeholderFor(value), placeholder);
    }),
  );
});

Deno.test("a secret's value is in no dump and no message", () => {
  const secret = new Secret("TOKEN", "placeholder", ["a.test"], VALUE);
  ok(!Deno.inspect(secret, { depth: 9, showHidden: true }).includes(VALUE));
  ok(!JSON.stringify(secret).includes(VALUE));
  for (const bad of ["short", "two\nlines of text", " leading space", "ümlaut-ümlaut"]) {
    const error = thrown(() => new Secret("TOKEN", "placeholder", ["a.test"], bad));
    ok(error instanceof SiloError && !`${error.message}${error.hint}`.includes(bad), bad);
  }
});

Deno.test("a secret is for its hosts and their port alone", () => {
  const secret = new Secret("TOKEN", "placeholder", ["*.npmjs.org", "corp.test:8443"], VALUE);
  const isFor = (host: string, port: number) => secretsFor([secret], parseHost(host), port).length > 0;
  ok(isFor("packages.npmjs.org", 443) && isFor("corp.test", 8443));
  ok(!isFor("npmjs.org", 443) && !isFor("evil-npmjs.org", 443) && !isFor("packages.npmjs.org", 80));
  ok(!isFor("corp.test", 443));
  same(domainsOf([secret]), ["npmjs.org", "corp.test"]);
  throws(() => new Secret("TOKEN", "placeholder", ["*"], VALUE), /gives it to every host/);
  throws(() => new Secret("TOKEN", "placeholder", ["10.0.0.1"], VALUE), /IP address/);
});

Deno.test("a request gets the value in its fields, in Basic credentials, its path and its body, with its new length", async () => {
  const value = `${VALUE}"&+`;
  const secret = new Secret("TOKEN", placeholderFor(VALUE), ["a.test"], value);
  const p = secret.placeholder;
  const rewriter = new Rewriter([secret]);
  const send = async (type: string, body: string) => {
    const request = await rewriter.request({
      head: {
        method: "POST",
        target: "/",
        minor: 1,
        fields: [
          ["Authorization", `Basic ${btoa(`me:${p}`)}`],
          ["X-Token", `a ${p} b`],
          ["Content-Type", type],
          ["Range", "bytes=0-3"],
          ["Accept-Encoding", "br, gzip;q=0.5"],
          ["Expect", "100-continue"],
        ],
      },
      target: { host: parseHost("a.test"), port: 443, path: `/x?token=${p}` },
      framing: { kind: "length", bytes: body.length },
      body: pieces([body.slice(0, 9), body.slice(9)]),
    }, () => Promise.resolve());
    let text = "";
    for await (const piece of request.body) text += toLatin1(piece);
    return { ...request, text };
  };
  const sent = await send("application/json; charset=utf-8", JSON.stringify({ token: p }));
  same(JSON.parse(sent.text), { token: value });
  same(sent.framing, { kind: "length", bytes: sent.text.length });
  same(sent.target.path, `/x?token=${encodeURIComponent(value)}`);
  same(sent.head.fields, [
    ["Authorization", `Basic ${btoa(`me:${value}`)}`],
    ["X-Token", `a ${value} b`],
    ["Content-Type", "application/json; charset=utf-8"],
    ["Accept-Encoding", "gzip"],
  ]);
  const form = await send("application/x-www-form-urlencoded", `token=${p}&x=1`);
  same(new URLSearchParams(form.text).get("token"), value);
  same((await send("text/plain", `<${p}>`)).text, `<${value}>`);
  same(spellingOf("application/vnd.api+json"), json);
});

Deno.test("an answer that is compressed is read; one in a way that nobody asked for is refused", async () => {
  const secret = new Secret("TOKEN", placeholderFor(VALUE), ["a.test"], VALUE);
  const rewriter = new Rewriter([secret]);
  const zipped = new Uint8Array(gzipSync(`your token: ${VALUE}`));
  const head = (coding: string) => ({
    status: 200,
    reason: "",
    minor: 1,
    fields: [["Content-Encoding", coding]] as const,
  });
  const framing = { kind: "length", bytes: zipped.length } as const;
  const answer = rewriter.body(
    head("gzip"),
    framing,
    pieces([toLatin1(zipped.slice(0, 9)), toLatin1(zipped.slice(9))]),
  );
  same([answer.framing, answer.head.fields], [{ kind: "chunked" }, []]);
  let text = "";
  for await (const piece of answer.body) text += toLatin1(piece);
  same(text, `your token: ${secret.placeholder}`);
  throws(() => rewriter.body(head("br"), framing, pieces([])), /not asked for/);
});

Deno.test("a WebSocket's message that ends like a value begins is not held for ever", async () => {
  const secret = new Secret("TOKEN", placeholderFor(VALUE), ["a.test"], VALUE);
  const more = Promise.withResolvers<void>();
  const source = async function* () {
    yield fromLatin1(`<${VALUE}> n`);
    await more.promise;
    yield fromLatin1("ext");
  };
  const out = new Rewriter([secret]).upgraded(source())[Symbol.asyncIterator]();
  let text = "";
  while (text.length < VALUE.length + 4) text += toLatin1((await out.next()).value);
  same(text, `<${secret.placeholder}> n`);
  more.resolve();
  same(toLatin1((await out.next()).value), "ext");
});

Deno.test("inserting and taking out are each other's inverse", () => {
  const secret = new Secret("TOKEN", placeholderFor(VALUE), ["a.test"], VALUE);
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), fc.array(fc.nat(9)), (text, cuts) => {
      const sent = `${text}${secret.placeholder}${text}`;
      same(streamed(streamed(sent, insertions([secret], (plain) => plain), cuts), redactions([secret]), cuts), sent);
    }),
  );
});

function toReplacement({ find, put }: { find: string; put: string }): Replacement {
  return { find: fromLatin1(find), put: fromLatin1(put) };
}

/** The slow way. */
function expected(text: string, pairs: readonly { find: string; put: string }[]): string {
  const longestFirst = [...pairs].sort((a, b) => b.find.length - a.find.length);
  let out = "";
  for (let at = 0; at < text.length;) {
    const found = longestFirst.find(({ find }) => text.startsWith(find, at));
    out += found?.put ?? text[at];
    at += found?.find.length ?? 1;
  }
  return out;
}

function streamed(text: string, replacements: readonly Replacement[], cuts: readonly number[]): string {
  const replacer = new Replacer(replacements);
  const out: Uint8Array[] = [];
  let at = 0;
  for (const cut of [...cuts, text.length]) {
    out.push(replacer.push(fromLatin1(text.slice(at, at + cut))).slice());
    at += cut;
  }
  return toLatin1(concatenate([...out, replacer.flush()]));
}

async function* pieces(texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield fromLatin1(text);
}

function thrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
