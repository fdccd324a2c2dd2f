import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import type { Denial } from "../../../src/network/ledger.ts";
import { NetworkLog, networkLogFile, readNetworkLog } from "../../../src/network/network_log.ts";
import { temporaryDirectory } from "../support.ts";

const denial: Denial = {
  time: "2026-01-01T00:00:00.000Z",
  host: "a.com",
  port: 443,
  via: "connect",
  kind: "rule",
  reason: "host a.com is not allowed",
  count: 1,
};

Deno.test("the log is one JSON object a line, readable by its owner alone", () => {
  using home = temporaryDirectory();
  const log = new NetworkLog(home.path);
  log.append("python", denial);
  log.append("node", { ...denial, host: "b.com" });
  same(readNetworkLog(home.path, 10), [{ tool: "python", ...denial }, { tool: "node", ...denial, host: "b.com" }]);
  same(readNetworkLog(home.path, 1).map(({ host }) => host), ["b.com"]);
  eq(Deno.statSync(networkLogFile(home.path)).mode! & 0o777, 0o600);
});

Deno.test("a full log makes room, and lines that were cut off are left out", () => {
  using home = temporaryDirectory();
  const log = new NetworkLog(home.path);
  log.append("python", denial);
  Deno.writeTextFileSync(networkLogFile(home.path), `{"tool":"cut${"\n".repeat(4 << 20)}`, { append: true });
  log.append("python", { ...denial, host: "new.com" });
  same(readNetworkLog(home.path, 10).map(({ host }) => host), ["a.com", "new.com"]);
  eq(Deno.statSync(networkLogFile(home.path)).size < 1_000, true);
});

Deno.test("a log that cannot be written keeps nobody from working", () => {
  new NetworkLog("/proc/nowhere").append("python", denial);
  same(readNetworkLog("/proc/nowhere", 10), []);
});
