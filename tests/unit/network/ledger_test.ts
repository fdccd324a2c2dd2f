/** What is written down about refusals, and what a person is told. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import { type Denial, jsonLine, Ledger } from "../../../src/network/ledger.ts";
import { Refusal, type RefusalKind } from "../../../src/network/refusal.ts";
import { denialSummary, failureSummary, learnedSummary } from "../../../src/network/summary.ts";

function ledger(limit = 100) {
  const logged: Denial[] = [];
  return { logged, ledger: new Ledger({ limit, clock: () => 0, log: (denial) => logged.push(denial) }) };
}
const refuse = (ledger: Ledger, host: string, port: number | null = 443, kind: RefusalKind = "rule") => {
  const remedy = `silo config network allow ${host}${port === null || port === 443 ? "" : `:${port}`}`;
  ledger.deny({ host, port, via: "connect" }, new Refusal(kind, `host ${host} is not allowed`, { remedy }));
};

Deno.test("a refusal is logged when it comes first, and with its count at the end", () => {
  const { ledger: book, logged } = ledger();
  for (let time = 0; time < 3; time++) refuse(book, "a.com");
  refuse(book, "b.com");
  same(logged.map((denial) => [denial.host, denial.count]), [["a.com", 1], ["b.com", 1]]);
  book.close();
  book.close();
  same(logged.slice(2).map((denial) => [denial.host, denial.count]), [["a.com", 3]]);
  refuse(book, "c.com");
  eq(logged.length, 3);
});

Deno.test("what merely failed is no refusal", () => {
  const { ledger: book } = ledger();
  for (const kind of ["unreachable", "limit", "protocol", "name"] as const) refuse(book, "a.com", 443, kind);
  same(book.denials(), []);
});

Deno.test("what was allowed and never answered is told; what answered once, or was refused, is not", () => {
  const { ledger: book, logged } = ledger(10);
  const absent = (host: string) => new Refusal("unreachable", `host ${host} was not found`);
  for (let time = 0; time < 3; time++) book.fail("pypi.org", 443, absent("pypi.org"));
  // A server that starts while its client waits for it, and one that is down after it was there.
  book.fail("db.corp", 5432, new Refusal("unreachable", "could not connect to db.corp:5432: refused"));
  book.pass("db.corp", 5432);
  book.fail("db.corp", 5432, new Refusal("unreachable", "could not connect to db.corp:5432: refused"));
  book.fail("evil.com", 443, new Refusal("address", "host evil.com is at 10.0.0.1"));
  eq(
    failureSummary(book.failures()),
    "silo: this machine could not reach:\n  pypi.org:443: host pypi.org was not found (3 times)\n",
  );
  same(logged, []);
  for (let number = 0; number < 1_000; number++) book.fail(`n${number}\x1b.corp`, 80, absent("it"));
  eq(book.failures().length, 10);
  // deno-lint-ignore no-control-regex
  match(failureSummary(book.failures()), /^[^\x1b]*\n {2}and 2 more\n$/);
  eq(failureSummary([]), "");
});

Deno.test("the same refusal counts once, wherever it is caught", () => {
  const { ledger: book } = ledger();
  const refusal = new Refusal("rule", "no");
  for (let time = 0; time < 2; time++) book.deny({ host: "a.com", port: 1, via: "socks" }, refusal);
  eq(book.denials()[0]!.count, 1);
});

Deno.test("a guest that invents names fills neither memory nor the log", () => {
  const { ledger: book, logged } = ledger(10);
  for (let number = 0; number < 1_000; number++) {
    refuse(book, `n${number}.evil.com`);
    book.learn(`n${number}.evil.com`);
  }
  same([book.denials().length, book.others, logged.length, book.learned().length], [10, 990, 10, 10]);
  match(denialSummary(book.denials(), book.others), /refused 1000 attempts:[^]*and 2 more: silo net log/);
});

Deno.test("a log line is one line, and nothing in it drives a terminal", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (host) => {
    const { ledger: book, logged } = ledger();
    refuse(book, host);
    const line = jsonLine(logged[0]!);
    eq(line.indexOf("\n"), line.length - 1);
    same(JSON.parse(line), logged[0]);
    ok(logged[0]!.host.length <= 253);
    ok(!/[\p{Cc}]/u.test(logged[0]!.host + logged[0]!.reason + logged[0]!.remedy));
    // deno-lint-ignore no-control-regex
    ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(denialSummary(logged)));
  }));
});

Deno.test("the end of the run names each host and the one command that allows them", () => {
  const { ledger: book } = ledger();
  for (let time = 0; time < 3; time++) refuse(book, "a.com");
  refuse(book, "a.com", null);
  refuse(book, "db.corp", 5432);
  book.deny(
    { host: "c.com", port: 443, via: "connect" },
    new Refusal("address", "host c.com is at 10.0.0.1", {
      remedy: 'add { host = "c.com", private = true } to allow in silo.toml',
    }),
  );
  book.deny({ host: "d.com", port: 443, via: "connect" }, new Refusal("rule", "host d.com is denied by a rule"));
  eq(
    denialSummary(book.denials()),
    `silo: the network refused 7 attempts:
  a.com:443: host a.com is not allowed (4 times)
  db.corp:5432: host db.corp is not allowed
  c.com:443: host c.com is at 10.0.0.1
  d.com:443: host d.com is denied by a rule
  To allow: silo config network allow a.com db.corp:5432
  To allow: add { host = "c.com", private = true } to allow in silo.toml
`,
  );
  eq(denialSummary([]), "");
});

Deno.test("hosts that were reached are counted, as many as fit, without control characters", () => {
  const { ledger: book } = ledger(2);
  for (const host of ["a.com", "b\x1b[2J.com", "c.com", "a.com"]) book.pass(host, 443);
  same(book.passed().map(({ host, count }) => [host, count]), [["a.com", 2], ["b\ufffd[2J.com", 1]]);
});

Deno.test("a run that learned gives the lines for silo.toml", () => {
  const { ledger: book } = ledger();
  for (const rule of ['"b.com:22"', '"a.com"', '"b.com:22"']) book.learn(rule);
  match(learnedSummary(book.learned()), /\[network\]\n {2}allow = \[\n {4}"a.com",\n {4}"b.com:22",\n {2}\]\n$/);
  eq(learnedSummary([]), "");
});
