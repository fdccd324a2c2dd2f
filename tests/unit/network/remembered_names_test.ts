/** Look-ups with a memory. */
import { deepStrictEqual as same, rejects, strictEqual as eq } from "node:assert/strict";
import { remembering } from "../../../src/network/dial/remembered_names.ts";

Deno.test("a name is looked up once for all who ask at one time, and again when its answer is old", async () => {
  let time = 0;
  let asked = 0;
  const resolve = remembering((name) => Promise.resolve([`${name}#${++asked}`]), () => time);
  const answers = await Promise.all(Array.from({ length: 50 }, () => resolve("a.com")));
  same(new Set(answers.flat()), new Set(["a.com#1"]));
  same(await resolve("b.com"), ["b.com#2"]);
  time = 29_999;
  same(await resolve("a.com"), ["a.com#1"]);
  time = 30_000;
  same(await resolve("a.com"), ["a.com#3"]);
});

Deno.test("a failure is told to all who wait and not remembered", async () => {
  let fails = true;
  const resolve = remembering(
    () => fails ? Promise.reject(new Error("lost")) : Promise.resolve(["192.0.2.1"]),
    () => 0,
  );
  const first = [resolve("a.com"), resolve("a.com")];
  for (const answer of first) await rejects(answer, /lost/);
  fails = false;
  same(await resolve("a.com"), ["192.0.2.1"]);
});

Deno.test("a guest that invents names fills no memory", async () => {
  let asked = 0;
  const resolve = remembering(() => Promise.resolve([`${++asked}`]), () => 0);
  for (let name = 0; name < 3_000; name++) await resolve(`${name}.com`);
  await resolve("2999.com");
  eq(asked, 3_000);
  await resolve("0.com");
  eq(asked, 3_001);
});
