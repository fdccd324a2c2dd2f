/** A server that speaks too fast is read more slowly, and loses nothing. */
import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { Pace } from "../../../src/lsp/pace.ts";

const MESSAGES = { perSecond: 100, burst: 50 };
const BYTES = { perSecond: 10_000, burst: 5_000 };

Deno.test("in no span of time do more messages or bytes pass than allowed, however they come", () => {
  const message = fc.record({ after: fc.nat(200), bytes: fc.nat(3_000) });
  fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 200 }), (messages) => {
    let now = 0;
    const pace = new Pace(MESSAGES, BYTES, () => now);
    const passed = messages.map(({ after, bytes }) => {
      now += after;
      now += pace.take(bytes); // the next one is read when this one has gone
      return { at: now, bytes };
    });
    for (let from = 0; from < passed.length; from++) {
      let sum = 0;
      for (let to = from; to < passed.length; to++) {
        const seconds = (passed[to]!.at - passed[from]!.at) / 1_000;
        sum += passed[to]!.bytes;
        // The first one may have been waited for: it counts for the time before it.
        ok(to - from <= MESSAGES.burst + MESSAGES.perSecond * seconds + 1e-6);
        ok(sum - passed[from]!.bytes <= BYTES.burst + BYTES.perSecond * seconds + 1e-6);
      }
    }
  }));
});

Deno.test("a server at an ordinary pace never waits", () => {
  let now = 0;
  const pace = new Pace(MESSAGES, BYTES, () => now);
  for (let i = 0; i < 1_000; i++, now += 20) equal(pace.take(150), 0);
});
