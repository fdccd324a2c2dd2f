/**
 * Real package managers in a real VM, and what each says when its host is taken off the list.
 */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import { silo } from "./harness.ts";
import { ensureLab, LAB, trustedProject } from "./network/lab.ts";

const PACKAGE = JSON.stringify({
  name: "real-use",
  private: true,
  dependencies: { "esbuild": "0.24.0", "express": "4.21.2", "mocha": "11.1.0" },
});
const LIMIT_MS = 600_000;

const CHECK = `
  const { readdirSync, existsSync } = require("node:fs");
  const names = readdirSync("node_modules").flatMap((name) =>
    name.startsWith("@") ? readdirSync("node_modules/" + name).map((part) => name + "/" + part) : [name]);
  const { version } = require("esbuild"); // its install script has put a program of its own there
  console.log(JSON.stringify({ packages: names.length, esbuild: version, mocha: existsSync("node_modules/.bin/mocha") }));
`;

Deno.test("npm installs a project of some hundred packages with install scripts, and npm ci does it again", async () => {
  await ensureLab();
  using project = await trustedProject({ "package.json": PACKAGE, "silo.toml": "" });
  const quiet = "--no-audit --no-fund --loglevel=error";
  const script = `set -e; npm install ${quiet}; rm -rf node_modules; npm ci ${quiet}; exec node -e '${CHECK}'`;
  const { code, stderr, stdout } = await silo(["run", "--exec", LAB, "sh", "-c", script], {
    cwd: project.path,
    limitMs: LIMIT_MS,
  });
  eq(code, 0, stdout + stderr);
  const { packages, esbuild, mocha } = JSON.parse(stdout.trim().split("\n").at(-1)!);
  ok(packages > 100, `${packages} packages`);
  eq(esbuild, "0.24.0");
  ok(mocha);
  ok(Deno.statSync(`${project.path}/package-lock.json`).size > 10_000);
});

Deno.test("npm without its registry fails at once and says why", async () => {
  await ensureLab();
  using project = await trustedProject({
    "package.json": PACKAGE,
    "silo.toml": '[network]\ndeny = ["*.npmjs.org"]\n',
  });
  const { code, stderr, stdout } = await silo(
    ["run", "--exec", LAB, "npm", "install", "--no-audit", "--fetch-retries=0"],
    { cwd: project.path },
  );
  ok(code !== 0 && code < 125, stdout + stderr);
  match(stderr, /npm (ERR!|error) .*403/);
  match(
    stderr,
    /^ {2}registry\.npmjs\.org:443: host registry\.npmjs\.org is denied by the rule "\*\.npmjs\.org"/m,
  );
});

Deno.test("silo build installs with apt-get by the install allowlist, and says what was refused without it", async () => {
  await ensureLab();
  const step = "apt-get -q -o Acquire::Retries=0 -o Acquire::Languages=none update && apt-get -qy install hello";
  using good = await trustedProject({ "silo.toml": "" });
  const built = await silo(["build", LAB, "sh", "-c", step], { cwd: good.path, limitMs: LIMIT_MS });
  eq(built.code, 0, built.stdout + built.stderr);
  const run = await silo(["run", "--exec", LAB, "hello"], { cwd: good.path });
  eq(run.stdout, "Hello, world!\n", run.stderr);
  using refused = await trustedProject({ "silo.toml": '[network]\ndeny = ["*.debian.org"]\n' });
  const bad = await silo(["build", LAB, "sh", "-c", step], { cwd: refused.path, limitMs: LIMIT_MS });
  eq(bad.code, 125);
  match(bad.stderr, /host deb\.debian\.org is denied by the rule "\*\.debian\.org"/);
});

Deno.test("apt-get installs as root where its mirror is allowed, and says why it cannot where it is not", async () => {
  await ensureLab();
  const script =
    "apt-get -q -o Acquire::Retries=0 -o Acquire::Languages=none update 2>&1; apt-get -qy install hello 2>&1; hello";
  using allowed = await trustedProject({ "silo.toml": '[network]\nallow = ["*.debian.org"]\n' });
  const args = ["run", "--user", "root", "--exec", LAB, "sh", "-c", script];
  const good = await silo(args, { cwd: allowed.path, limitMs: LIMIT_MS });
  eq(good.code, 0, good.stdout + good.stderr);
  match(good.stdout, /Hello, world!/);
  using refused = await trustedProject({ "silo.toml": "" });
  const bad = await silo(args, { cwd: refused.path });
  ok(bad.code !== 0);
  match(bad.stdout, /403 +(Forbidden|silo|host)|403/);
  match(bad.stderr, /^ {2}deb\.debian\.org:80: host deb\.debian\.org is not allowed/m);
  match(bad.stderr, /To allow: silo config network allow .*deb\.debian\.org/);
});
