import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { chooseEvictions, type Entry, type Limits } from "../../../src/cache/policy.ts";

const NOW = 1_000_000;
const entries = fc.uniqueArray(
  fc.record({
    name: fc.string({ minLength: 1, maxLength: 8 }),
    bytes: fc.nat(1_000),
    usedAt: fc.integer({ min: 0, max: NOW }),
    isPinned: fc.boolean(),
  }),
  { selector: (entry) => entry.name },
);
const limits = fc.record({ maxBytes: fc.nat(5_000), maxAgeMs: fc.nat(NOW) });

const property = (check: (entries: Entry[], limits: Limits, gone: Set<Entry>, kept: Entry[]) => void) =>
  fc.assert(fc.property(entries, limits, (all, limits) => {
    const gone = new Set(chooseEvictions(all, limits, NOW).map(({ entry }) => entry));
    check(all, limits, gone, all.filter((entry) => !gone.has(entry)));
  }));

const bytes = (list: readonly Entry[]) => list.reduce((sum, entry) => sum + entry.bytes, 0);

Deno.test("what is kept fits, unless all of it is pinned", () => {
  property((_all, { maxBytes }, _gone, kept) => {
    ok(bytes(kept) <= maxBytes || kept.every((entry) => entry.isPinned));
  });
});

Deno.test("nothing that is too old is kept, unless it is pinned", () => {
  property((_all, { maxAgeMs }, _gone, kept) => {
    ok(kept.every((entry) => entry.isPinned || NOW - entry.usedAt <= maxAgeMs));
  });
});

Deno.test("nothing pinned ever goes", () => {
  property((_all, _limits, gone) => ok([...gone].every((entry) => !entry.isPinned)));
});

Deno.test("nothing goes that was used later than something that stays", () => {
  property((_all, _limits, gone, kept) => {
    const newestGone = Math.max(-1, ...[...gone].map((entry) => entry.usedAt));
    ok(kept.every((entry) => entry.isPinned || entry.usedAt >= newestGone));
  });
});

Deno.test("nothing goes without need: with the last one that went for its size kept, it would not fit", () => {
  fc.assert(fc.property(entries, limits, (all, limits) => {
    const evictions = chooseEvictions(all, limits, NOW);
    const last = evictions.at(-1);
    if (last?.why !== "size") return;
    const others = new Set(evictions.slice(0, -1).map(({ entry }) => entry));
    ok(bytes(all.filter((entry) => !others.has(entry))) > limits.maxBytes);
  }));
});

Deno.test("a cache within its limits is left alone, and so is what is left of one that was not", () => {
  property((all, limits, gone, kept) => {
    deepStrictEqual(chooseEvictions(kept, limits, NOW), []);
    strictEqual(gone.size + kept.length, all.length);
  });
});
