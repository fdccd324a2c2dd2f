import { deepStrictEqual as same, ok, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import type { ConfigFile, Settings } from "../../../src/config/config.ts";
import { describeWidened, isEmpty, NO_REACH, reachOf, widened } from "../../../src/config/reach.ts";

const more = (before: ConfigFile, after: ConfigFile) => describeWidened(widened(reachOf(before), reachOf(after)));

const word = fc.constantFrom("a.com", "b.com", "*.c.com", "d.e.com:5432");
const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });
const settings: fc.Arbitrary<Settings> = fc.record({
  env: fc.dictionary(fc.constantFrom("A", "B"), fc.string()),
  passEnv: few(fc.constantFrom("X", "Y", "Z")),
  passFiles: few(fc.constantFrom("~/.npmrc", "~/.netrc")),
  mounts: few(fc.record({ source: fc.constantFrom("/1", "/2"), target: fc.constant("/t"), readOnly: fc.boolean() })),
  mount: fc.record({ readonly: fc.boolean(), exclude: few(fc.constantFrom("secret", "keys")) }, { requiredKeys: [] }),
  resources: fc.record({ memoryMB: fc.integer({ min: 256, max: 9_000 }), cpus: fc.nat() }, { requiredKeys: [] }),
  network: fc.record({ allow: few(word), installAllow: few(word), deny: few(word), hostPorts: few(fc.nat(9)) }, {
    requiredKeys: [],
  }),
  ports: few(fc.constantFrom<number | string>(1, 2, "8080:80", "auto")),
  passSshAgent: fc.oneof(fc.boolean(), few(fc.constantFrom("SHA256:1", "SHA256:2"))),
  secrets: fc.dictionary(fc.constantFrom("S", "T"), fc.record({ from: fc.constant("env:S"), hosts: few(word) })),
  pre_run_hooks: few(fc.constantFrom("echo 1", "echo 2")),
}, { requiredKeys: [] });
const file: fc.Arbitrary<ConfigFile> = fc.tuple(settings, fc.dictionary(fc.constantFrom("node", "go"), settings))
  .map(([common, tools]) => ({ ...common, tools }));

Deno.test("a file is never wider than itself, and what was accepted twice is accepted", () => {
  fc.assert(fc.property(file, (it) => same(more(it, it), [])));
  fc.assert(fc.property(file, (it) => ok(isEmpty(widened(NO_REACH, reachOf({ env: it.env, tools: {} }))))));
});

Deno.test("to take a grant away, or to add a limit, never asks", () => {
  fc.assert(fc.property(file, fc.nat(), word, (it, pick, host) => {
    const keys = ["passEnv", "passFiles", "mounts", "ports", "passSshAgent", "secrets", "pre_run_hooks"] as const;
    const { [keys[pick % keys.length]!]: _, ...less } = it;
    same(more(it, less), []);
    same(more(it, { ...it, passEnv: it.passEnv?.slice(1) }), []);
    same(more(it, { ...it, network: { ...it.network, allow: it.network?.allow?.slice(1) } }), []);
    same(more(it, { ...it, network: { ...it.network, deny: [...it.network?.deny ?? [], host] } }), []);
    same(more(it, { ...it, mount: { ...it.mount, exclude: [...it.mount?.exclude ?? [], "new"] } }), []);
    const halved = (it.resources?.memoryMB ?? 0) >> 1;
    same(more(it, { ...it, resources: { memoryMB: halved } }), []);
    same(more(it, { ...it, mounts: it.mounts?.map((mount) => ({ ...mount, readOnly: true })) }), []);
  }));
});

Deno.test("each grant that is new is told once, in one line", () => {
  fc.assert(fc.property(file, (it) => {
    const lines = (change: Settings) => more(it, { ...it, ...change });
    eq(lines({ passEnv: [...it.passEnv ?? [], "NEW"] }).length, 1);
    eq(lines({ passFiles: [...it.passFiles ?? [], "/etc/new"] }).length, 1);
    eq(lines({ mounts: [...it.mounts ?? [], { source: "/new", target: "/n" }] }).length, 1);
    eq(lines({ network: { ...it.network, allow: [...it.network?.allow ?? [], "new.example"] } }).length, 1);
    eq(lines({ network: { ...it.network, allow: [...it.network?.allow ?? [], "*"] } }).length, 1);
    eq(lines({ secrets: { ...it.secrets, NEW: { from: "env:N", hosts: ["n.com"] } } }).length, 1);
    eq(lines({ pre_run_hooks: [...it.pre_run_hooks ?? [], "new"] }).length, 1);
    eq(lines({ resources: { memoryMB: 9_001 } }).length, 1);
    eq(lines({ ports: ["0.0.0.0:99:99", ...[it.ports ?? []].flat()] }).length, 1);
  }));
});

Deno.test("a limit that is gone is told: what was hidden, kept from writing, or refused", () => {
  const limited: ConfigFile = {
    mount: { readonly: true, exclude: ["secrets/"] },
    network: { deny: ["x.com"] },
    tools: { node: { network: { deny: ["y.com"] } } },
  };
  same(more(limited, {}), [
    "may change the project again",
    "sees secrets of the project again",
    "is no longer refused x.com",
    "is no longer refused y.com (node)",
  ]);
  same(more(limited, { ...limited, mount: { readonly: true, exclude: ["secrets"] } }), []);
  same(more(limited, { ...limited, tools: {}, network: { deny: ["x.com", "y.com"] } }), []);
});

Deno.test("what covers what: every tool covers one, writable covers read-only, a pattern the names under it", () => {
  const covers = (before: Settings, after: ConfigFile) => more(before, after).length === 0;
  ok(covers({ passEnv: ["A"] }, { tools: { go: { passEnv: ["A"] } } }));
  ok(!covers({ tools: { go: { passEnv: ["A"] } } } as Settings, { passEnv: ["A"] }));
  ok(!covers({ tools: { go: { passEnv: ["A"] } } } as Settings, { tools: { node: { passEnv: ["A"] } } }));
  const allow = (...allow: (string | { host: string; private?: boolean })[]): Settings => ({ network: { allow } });
  ok(covers(allow("*.a.com"), allow("x.a.com", "*.x.a.com")));
  ok(!covers(allow("*.a.com"), allow("a.com")));
  ok(!covers(allow("*.a.com"), allow("evil-a.com")));
  ok(!covers(allow("*.a.com"), allow("x.a.com:22")));
  ok(!covers(allow("x.a.com"), allow({ host: "x.a.com", private: true })));
  ok(covers(allow({ host: "x.a.com", private: true }), allow("x.a.com")));
  ok(!covers(allow({ host: "*.a.com", private: true }), allow({ host: "x.a.com", private: true })));
  ok(covers({ ports: "auto" }, { ports: [5173] }));
  ok(!covers({ ports: "auto" }, { ports: ["0.0.0.0:1:1"] }));
  ok(covers({ passSshAgent: true }, { passSshAgent: ["SHA256:1"] }));
  ok(!covers({ passSshAgent: ["SHA256:1"] }, { passSshAgent: true }));
});
