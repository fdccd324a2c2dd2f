import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import { anchored, layersFor, mergeSettings, type Settings } from "../../../src/config/config.ts";

const name = fc.constantFrom("A", "B", "C", "__proto__");
const layer: fc.Arbitrary<Settings> = fc.record({
  env: fc.array(fc.tuple(name, fc.string())).map((entries) => Object.fromEntries(entries)),
  passEnv: fc.array(name),
  mounts: fc.array(fc.record({ source: fc.string(), target: fc.constantFrom("/a", "/b") })),
  resources: fc.record({ cpus: fc.nat(), memoryMB: fc.nat() }, { requiredKeys: [] }),
  network: fc.record({ allow: fc.array(fc.constantFrom("a.com", "b.com")), hostAccess: fc.boolean() }, {
    requiredKeys: [],
  }),
  ports: fc.oneof(fc.constant("auto" as const), fc.array(fc.nat(3))),
  passSshAgent: fc.boolean(),
  secrets: fc.dictionary(name, fc.record({ from: fc.string(), hosts: fc.array(fc.string()) })),
}, { requiredKeys: [] });

Deno.test("merging is associative: layers may be merged in any grouping", () => {
  fc.assert(fc.property(layer, layer, layer, (a, b, c) => {
    same(mergeSettings([mergeSettings([a, b]), c]), mergeSettings([a, mergeSettings([b, c])]));
  }));
});

Deno.test("an empty layer changes nothing", () => {
  fc.assert(fc.property(layer, (a) => same(mergeSettings([{}, a, {}]), mergeSettings([a]))));
});

Deno.test("later layers replace variables, mounts of a target and numbers, and unite names", () => {
  const merged = mergeSettings([
    {
      env: { A: "1", B: "1" },
      passEnv: ["X"],
      mounts: [{ source: "/1", target: "/a" }],
      resources: { cpus: 1, memoryMB: 1 },
    },
    {
      env: { A: "2" },
      passEnv: ["X", "Y"],
      mounts: [{ source: "/2", target: "/a" }],
      resources: { cpus: 2, memoryMB: undefined },
    },
  ]);
  same(merged, {
    ...mergeSettings([]),
    env: { A: "2", B: "1" },
    passEnv: ["X", "Y"],
    mounts: [{ source: "/2", target: "/a" }],
    resources: { cpus: 2, memoryMB: 1 },
  });
});

Deno.test("of the network, lists of all layers unite and switches are the last layer's", () => {
  const merged = mergeSettings([
    { network: { allow: ["a.com", "b.com"], hostPorts: [1], hostAccess: true }, ports: "auto" },
    {
      network: { allow: ["b.com", { host: "c", private: true }], deny: ["x"], hostAccess: false },
      ports: [80, "auto"],
    },
  ]);
  same(merged.network, {
    allow: ["a.com", "b.com", { host: "c", private: true }],
    deny: ["x"],
    hostPorts: [1],
    hostAccess: false,
  });
  same(merged.ports, ["auto", 80]);
});

Deno.test("a file counts with its common part, then the tool's", () => {
  const file = { env: { A: "1" }, tools: { python: { env: { A: "2" } } } };
  eq(mergeSettings(layersFor(file, "python")).env.A, "2");
  eq(mergeSettings(layersFor(file, "node")).env.A, "1");
  eq(layersFor(file, "constructor").length, 1);
});

Deno.test("sources of mounts count from their file, or from the home directory", () => {
  const sources = ["~", "~/x", "/abs", "rel", "../up"];
  const layer = anchored({ mounts: sources.map((source) => ({ source, target: "/t" })) }, "/proj", "/home/me");
  same(layer.mounts!.map((mount) => mount.source), ["/home/me", "/home/me/x", "/abs", "/proj/rel", "/proj/../up"]);
});
