import { deepStrictEqual as same, doesNotMatch, match, ok } from "node:assert/strict";
import { strFromU8, unzipSync } from "fflate";
import { collectBundle, zipBundle } from "../../../src/doctor/bundle.ts";
import { redactConfig, redactText } from "../../../src/doctor/redact.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const token = `ghp_${"a".repeat(36)}`;

Deno.test("values of variables and secrets are left out of a configuration, wherever they stand; names stay", () => {
  same(
    redactConfig({
      passEnv: ["TOKEN"],
      env: { A: "canary" },
      secrets: { T: { from: "env:X", hosts: ["a.com"] } },
      network: { allow: ["https://me:pw@example.com", "b.com"] },
      tools: { node: { env: { B: "canary" }, pre_run_hooks: [`login ${token}`], version: "22" } },
      repos: { "github.com/x": { env: { C: "canary" }, tools: { go: { env: { D: "canary" } } } } },
      mounts: [{ source: "/home/me/data", target: "/d" }],
    }, "/home/me"),
    {
      passEnv: ["TOKEN"],
      env: { A: "‹6 characters›" },
      secrets: { T: { from: "‹5 characters›", hosts: ["a.com"] } },
      network: { allow: ["https://‹login›@example.com", "b.com"] },
      tools: { node: { env: { B: "‹6 characters›" }, pre_run_hooks: ["login ‹token›"], version: "22" } },
      repos: { "github.com/x": { env: { C: "‹6 characters›" }, tools: { go: { env: { D: "‹6 characters›" } } } } },
      mounts: [{ source: "~/data", target: "/d" }],
    },
  );
});

Deno.test("texts lose what looks like a token", () => {
  for (const text of [token, "npm_abcdefghijkl", "AKIAABCDEFGHIJKLMNOP", "eyJhbGciOiJIUzI1.eyJzdWIiOiIx.abc"]) {
    doesNotMatch(redactText(`before ${text} after`, "/home/me"), new RegExp(text));
  }
});

Deno.test("the bundle is a ZIP of readable text with nothing of the person's secrets", async () => {
  using directory = temporaryDirectory();
  const at = directory.path;
  Deno.mkdirSync(`${at}/logs`);
  Deno.writeTextFileSync(`${at}/logs/network.jsonl`, `{"host":"a.com","token":"${token}"}\n`);
  Deno.writeTextFileSync(`${at}/silo.toml`, '[env]\nSECRET = "canary-secret"\n');
  Deno.writeTextFileSync(`${at}/broken.toml`, 'env = "canary-secret');
  const host = fakeHost({ siloHome: at });
  const configs = [`${at}/silo.toml`, `${at}/broken.toml`, `${at}/none.toml`];
  const files = await collectBundle(host, [{ name: "room", status: "ok", detail: "/home/me" }], configs);
  const entries = unzipSync(zipBundle(files, Date.UTC(2026, 0, 1)));
  const text = Object.values(entries).map((bytes) => strFromU8(bytes)).join("\n");
  for (const name of ["README.txt", "doctor.json", "versions.json", "tools.json", "config/1.json", "config/2.json"]) {
    ok(`silo-report/${name}` in entries, name);
  }
  match(strFromU8(entries["silo-report/logs/network.jsonl"]!), /a\.com/);
  doesNotMatch(text, /canary-secret|ghp_|\/home\/me/);
});
