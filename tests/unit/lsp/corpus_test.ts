/**
 * Every message that the metamodel defines, with random values: paths change exactly where the metamodel has them.
 * The values are made together with what they have to become, by a walk of the metamodel that knows nothing of the
 * shapes that rewriting goes by.
 */
import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { concatenate } from "../../../src/concatenate.ts";
import { encode, type Message } from "../../../src/lsp/conversation.ts";
import { METAMODEL, type Type } from "../../../src/lsp/protocol/metamodel.ts";
import { type Any, conversation, decode, HOST_ROOT } from "./support.ts";

/** A value as the editor has it and as the server has it. */
interface Pair {
  readonly host: Any;
  readonly guest: Any;
}
type Pairs = fc.Arbitrary<Pair>;

const same = (value: unknown): Pair => ({ host: value, guest: value });
/** Ordinary texts, and some that look like paths: they are texts all the same. */
const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    `see file://${HOST_ROOT}/a.py`,
    `${HOST_ROOT}/a.py`,
    "file:///workspace/a.py",
    '"\\\n\u2028',
    "\ud800",
  ),
).map((it) => it.toWellFormed());
const inside = fc.array(fc.constantFrom("a", "b c", "ü", "x.py", "1"), { maxLength: 3 });
const uri: Pairs = inside.map((parts) => {
  const rest = parts.map((it) => `/${encodeURIComponent(it)}`).join("");
  return { host: `file://${HOST_ROOT}${rest}`, guest: `file:///workspace${rest}` };
});
const path: Pairs = inside.map((parts) => {
  const rest = parts.map((it) => `/${it}`).join("");
  return { host: HOST_ROOT + rest, guest: `/workspace${rest}` };
});
const glob: Pairs = inside.map((parts) => {
  const rest = `/${parts.join("/")}/**/*.py`.replaceAll("//", "/");
  return { host: HOST_ROOT + rest, guest: `/workspace${rest}` };
});
const any: Pairs = fc.jsonValue({ maxDepth: 2, stringUnit: "grapheme" }).map(same);

/** What the metamodel's types do not say and its words do. */
const DOCUMENTED: Record<string, Pairs> = {
  "FileCreate.uri": uri,
  "FileDelete.uri": uri,
  "FileRename.oldUri": uri,
  "FileRename.newUri": uri,
  "_InitializeParams.rootPath": fc.oneof(path, fc.constant(same(null))),
  "_InitializeParams.processId": fc.constant({ host: 4711, guest: null }),
  "_InitializeParams.initializationOptions": fc.oneof(path, uri, fc.constant(same(true))),
  "DidChangeConfigurationParams.settings": fc.oneof(path, uri, fc.constant(same(null))),
  "FileOperationPattern.glob": glob,
  "Command.arguments": fc.array(uri, { maxLength: 2 }).map(listOf),
  "ExecuteCommandParams.arguments": fc.array(uri, { maxLength: 2 }).map(listOf),
  "Registration.registerOptions": fc.constant(same(undefined)), // a test of its own
  "ShowDocumentParams.external": fc.constant(same(false)),
};
const BASE: Record<string, Pairs> = {
  URI: uri,
  DocumentUri: uri,
  Pattern: glob,
  string: text.map(same),
  RegExp: text.map(same),
  integer: fc.integer({ min: -1000, max: 1000 }).map(same),
  uinteger: fc.nat(1000).map(same),
  decimal: fc.nat(9).map((it) => same(it / 8)),
  boolean: fc.boolean().map(same),
  null: fc.constant(same(null)),
  LSPAny: any,
};

function listOf(pairs: readonly Pair[]): Pair {
  return { host: pairs.map((it) => it.host), guest: pairs.map((it) => it.guest) };
}

function valueOf(type: Type, depth: number): Pairs {
  if (typeof type === "string") {
    if (BASE[type]) return BASE[type];
    const alias = METAMODEL.aliases[type];
    return alias === undefined ? structure(type, depth) : valueOf(alias, depth);
  }
  switch (type[0]) {
    case "constant":
      return fc.constant(same(type[1]));
    case "array":
      return depth <= 0 ? fc.constant(same([])) : fc.array(valueOf(type[1], depth - 1), { maxLength: 2 }).map(listOf);
    case "tuple":
      return fc.tuple(...type.slice(1).map((it) => valueOf(it as Type, depth))).map(listOf);
    case "map":
      return depth <= 0
        ? fc.constant(same({}))
        : fc.array(fc.tuple(valueOf(type[1], 0), valueOf(type[2], depth - 1)), { maxLength: 2 })
          .map((entries) => ({
            host: Object.fromEntries(entries.map(([key, value]) => [key.host, value.host])),
            guest: Object.fromEntries(entries.map(([key, value]) => [key.guest, value.guest])),
          }));
    case "or":
      return fc.oneof(...shallowFirst(type.slice(1) as Type[]).map((it) => valueOf(it, depth)));
    case "and":
      return fc.tuple(...type.slice(1).map((it) => valueOf(it as Type, depth))).map(merged);
    case "literal":
      return object("", type[1], depth);
  }
}

function shallowFirst(types: Type[]): Type[] {
  return [...types].sort((a, b) => Number(typeof a !== "string") - Number(typeof b !== "string"));
}

function merged(pairs: readonly Pair[]): Pair {
  return {
    host: Object.assign({}, ...pairs.map((it) => it.host)),
    guest: Object.assign({}, ...pairs.map((it) => it.guest)),
  };
}

function structure(name: string, depth: number): Pairs {
  const { parents = [], properties } = METAMODEL.structures[name]!;
  return fc.tuple(...parents.map((it) => structure(it, depth)), object(name, properties, depth)).map(merged);
}

function object(owner: string, properties: Readonly<Record<string, Type>>, depth: number): Pairs {
  const members = Object.entries(properties).filter(([key]) => depth > 0 || !key.endsWith("?")).map(([key, type]) => {
    const name = key.replace(/\?$/, "");
    // Built when it is needed: types refer to each other in circles.
    const value = DOCUMENTED[`${owner}.${name}`] ?? fc.constant(null).chain(() => valueOf(type, depth - 1));
    return fc.tuple(fc.constant(name), key.endsWith("?") ? fc.option(value) : value);
  });
  return fc.tuple(...members).map((entries) => {
    const there = entries.filter((it): it is [string, Pair] => it[1] !== null && it[1].host !== undefined);
    return {
      host: Object.fromEntries(there.map(([name, value]) => [name, value.host])),
      guest: Object.fromEntries(there.map(([name, value]) => [name, value.guest])),
    };
  });
}

const DEPTH = 4;
const RUNS = { numRuns: 25 };
const equalJson = (sent: Message | undefined, message: unknown) => deepEqual(decode(sent), decode([encode(message)]));

for (
  const [method, { params, result, partial }] of Object.entries({ ...METAMODEL.requests, ...METAMODEL.notifications })
) {
  const isRequest = Object.hasOwn(METAMODEL.requests, method);
  Deno.test(`${method} has its paths rewritten, both ways, and nothing else`, () => {
    const question = params === undefined ? fc.constant(same(undefined)) : valueOf(params, DEPTH);
    const answer = result === undefined ? fc.constant(same(undefined)) : valueOf(result, DEPTH);
    const progress = partial === undefined ? fc.constant(same(null)) : valueOf(partial, DEPTH);
    fc.assert(
      fc.property(question, answer, progress, (question, answer, progress) => {
        const message = (side: keyof Pair) => ({
          jsonrpc: "2.0",
          ...(isRequest && { id: "ä\\1" }),
          method,
          params: withToken(question[side], partial !== undefined),
        });
        const response = (side: keyof Pair) => ({ jsonrpc: "2.0", id: "ä\\1", result: answer[side] });
        const update = (side: keyof Pair) => ({
          jsonrpc: "2.0",
          method: "$/progress",
          params: { token: "t", value: progress[side] },
        });

        const fromEditor = conversation();
        const sent = fromEditor.fromHost(encode(message("host"))).forward;
        equalJson(sent, message("guest"));
        if (partial !== undefined) equalJson(fromEditor.fromGuest(encode(update("guest"))).forward, update("host"));
        if (isRequest && method !== "workspace/configuration") {
          equalJson(fromEditor.fromGuest(encode(response("guest"))).forward, response("host"));
        }

        // A process's number cannot come back, and settings are for servers alone.
        if (method === "initialize" || method === "workspace/didChangeConfiguration") return;
        const fromServer = conversation();
        equalJson(fromServer.fromGuest(concatenate(sent!)).forward, message("host"));
        if (isRequest && method !== "workspace/configuration") {
          equalJson(fromServer.fromHost(encode(response("host"))).forward, response("guest"));
        }
      }),
      RUNS,
    );
  });
}

function withToken(params: Any, wanted: boolean): Any {
  return wanted ? { ...params, partialResultToken: "t" } : params;
}

Deno.test("a dynamic registration has the paths of its options rewritten, for every method that can be registered", () => {
  const methods = Object.entries({ ...METAMODEL.requests, ...METAMODEL.notifications })
    .flatMap(([method, { registration }]) => registration === undefined ? [] : [[method, registration] as const]);
  for (const [method, options] of [...methods, ...Object.entries(METAMODEL.registrations)]) {
    fc.assert(
      fc.property(valueOf(options, DEPTH), (options) => {
        const message = (side: keyof Pair) => ({
          jsonrpc: "2.0",
          id: 1,
          method: "client/registerCapability",
          params: { registrations: [{ registerOptions: options[side], id: "r", method }] },
        });
        equalJson(conversation().fromGuest(encode(message("guest"))).forward, message("host"));
      }),
      RUNS,
    );
  }
});

Deno.test("a message in which no path stands is passed on as the very same bytes", () => {
  const messages = [
    `{"jsonrpc": "2.0",\r\n "id":9007199254740993, "method":"textDocument/hover", "params":{"a":1.0,"b":-0,"c":"\\u00e9\\/"}}`,
    `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}`,
    `{"jsonrpc":"2.0","method":"window/logMessage","params":{"type":3,"message":"file:///workspace/a.py /home/me/work/app"}}`,
    `{"jsonrpc":"2.0","method":"rust-analyzer/unknown","params":{"big":12345678901234567890,"text":"file:///workspace"}}`,
    ` {"method":"telemetry/event","params":[1e400,{"__proto__":1}],"jsonrpc":"2.0"} `,
  ];
  for (const text of messages) {
    const body = new TextEncoder().encode(text);
    equal(conversation().fromGuest(body).forward![0], body);
    equal(conversation().fromHost(body).forward![0], body);
  }
});
