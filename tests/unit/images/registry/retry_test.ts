import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import {
  ConnectionFailure,
  ContentFailure,
  parseRetryAfter,
  StatusFailure,
} from "../../../../src/images/registry/failures.ts";
import { DEFAULT_RETRY, delayAfter, retrying } from "../../../../src/images/registry/retry.ts";
import { quickClock } from "../../../integration/registry/harness/setup.ts";

const status = (code: number, retryAfterMs?: number) => new StatusFailure(code, "host", "", retryAfterMs);

Deno.test("only what may pass by itself is tried again", () => {
  for (const code of [408, 429, 500, 502, 503, 504]) ok(delayAfter(status(code), 1, DEFAULT_RETRY, 0.5) !== undefined);
  for (const code of [400, 401, 403, 404, 410, 416, 501]) {
    equal(delayAfter(status(code), 1, DEFAULT_RETRY, 0.5), undefined);
  }
  ok(delayAfter(new ConnectionFailure("host", "reset", true), 1, DEFAULT_RETRY, 0) !== undefined);
  equal(delayAfter(new ConnectionFailure("host", "no such name", false), 1, DEFAULT_RETRY, 0), undefined);
  equal(delayAfter(new ContentFailure("host", "lies"), 1, DEFAULT_RETRY, 0), undefined);
  equal(delayAfter(new Error("bug"), 1, DEFAULT_RETRY, 0), undefined);
});

Deno.test("waits grow, are jittered, are bounded, and never shorter than Retry-After", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 4 }),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    fc.integer({ min: 0, max: 60_000 }),
    (attempt, random, asked) => {
      const delay = delayAfter(status(429, asked), attempt, DEFAULT_RETRY, random)!;
      ok(delay >= asked && delay >= 250 * 2 ** (attempt - 1) * 0.999);
      ok(delay <= Math.max(asked, DEFAULT_RETRY.longestDelayMs));
    },
  ));
  equal(delayAfter(status(503), 5, DEFAULT_RETRY, 0), undefined);
  equal(delayAfter(status(429, 60_001), 1, DEFAULT_RETRY, 0), undefined);
});

Deno.test("retrying() gives up with the last failure, and starts to count anew after progress", async () => {
  const clock = quickClock();
  let tries = 0;
  await rejects(
    retrying({ policy: DEFAULT_RETRY, clock }, () => Promise.reject(status(500 + (++tries % 2) * 2))),
    { status: 502 },
  );
  equal(tries, 5);
  deepEqual(clock.waits, [375, 750, 1500, 3000]);
  tries = 0;
  await rejects(retrying({ policy: DEFAULT_RETRY, clock }, (progressed) => {
    if (++tries <= 10) progressed();
    return Promise.reject(status(500));
  }));
  equal(tries, 14);
});

Deno.test("parseRetryAfter() reads seconds and dates, and nothing else", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  equal(parseRetryAfter("120", now), 120_000);
  equal(parseRetryAfter("Thu, 01 Jan 2026 00:00:30 GMT", now), 30_000);
  equal(parseRetryAfter("Wed, 31 Dec 2025 00:00:00 GMT", now), 0);
  for (const value of [null, "", "soon", "-5", "1.5", "12345678901", "2026-01-01"]) {
    equal(parseRetryAfter(value, now), undefined);
  }
});
