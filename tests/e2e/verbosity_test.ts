/** How much silo says of a run: the tool's own output is the same, whatever that is. */
import { doesNotMatch, match, ok, strictEqual as eq } from "node:assert/strict";
import { makeProject, silo } from "./harness.ts";
import { makeHome } from "./homes.ts";

/** Asks for a host that no rule names, of which a person is told. */
const SOURCE = `import socket, sys
try: socket.create_connection(("telemetry.example.com", 443), 5)
except OSError: print("refused")`;

Deno.test("a run says what was refused; nothing with --quiet; what it does and why with --verbose", async () => {
  using project = makeProject({ "silo.toml": '[tools.python.env]\nTOKEN = "hunter2"\n' });
  const run = (...flags: string[]) => silo([...flags, "python", "-c", SOURCE], { cwd: project.path });

  const plain = await run();
  eq(plain.stdout, "refused\n");
  match(plain.stderr, /^silo: the network refused \d+ attempts?:/);

  const quiet = await run("--quiet", "run");
  eq(quiet.stdout, "refused\n");
  eq(quiet.stderr, "");

  const verbose = await run("run", "-v");
  eq(verbose.stdout, "refused\n");
  ok(verbose.stderr.includes(`silo: project: ${project.path}, as ${project.path}/silo.toml says\n`), verbose.stderr);
  match(verbose.stderr, /^silo: tool: python 3\.\S+ from \S+, no file asks for a version$/m);
  match(verbose.stderr, /^silo: variables: .*\bTOKEN\b/m);
  match(verbose.stderr, /^silo: (restore|boot|agent)\S*: [\d.]+ ms$/m);
  ok(!verbose.stderr.includes("hunter2"), "values of variables are nobody's business");
});

Deno.test("SILO_LOG does the same for shims, and --quiet leaves lists and errors", async () => {
  const verbose = await silo(["run", "python", "-c", ""], { env: { SILO_LOG: "verbose" } });
  match(verbose.stderr, /^silo: program: python -c $/m);
  const list = await silo(["list", "-q"]);
  match(list.stdout, /^python /m);
  const wrong = await silo(["-q", "lst"]);
  eq(wrong.code, 125);
  match(wrong.stderr, /^silo: could not run lst: .*\n {2}Did you mean list\?\n$/s);
});

Deno.test("a build prints what its steps do; with --quiet nothing, unless one of them fails", async () => {
  using project = makeProject();
  using home = makeHome();
  const at = { cwd: project.path, env: { SILO_HOME: home.path } };
  const loud = "echo on stdout; printf 'no newline' >&2";

  const quiet = await silo(["--quiet", "build", "python", loud], at);
  eq(quiet.code, 0, quiet.stderr);
  eq(quiet.stdout + quiet.stderr, "");

  const failed = await silo(["build", "--quiet", "python", "echo what went before; exit 7"], at);
  eq(failed.code, 125);
  eq(failed.stdout, "");
  match(failed.stderr, /^silo: could not build python: a step ended with 7\n.*what went before\n/s);
  ok(!failed.stderr.includes("on stdout"), "the first step is built already");

  Deno.writeTextFileSync(
    `${project.path}/silo.toml`,
    '[tools.python]\npost_install = ["echo from the first; echo its error >&2", "echo from the second; exit 7"]\n',
  );
  eq((await silo(["trust", "--yes", "--quiet"], at)).code, 0);
  const second = await silo(["sync", "--quiet"], at);
  eq(second.code, 125);
  match(second.stderr, /a step ended with 7\n *\+ echo from the second; exit 7\n *from the second\n/);
  doesNotMatch(second.stderr, /from the first|its error/, "the step before it did not fail");
  Deno.writeTextFileSync(`${project.path}/silo.toml`, `[tools.python]\npost_install = [${JSON.stringify(loud)}]\n`);
  eq((await silo(["trust", "--yes", "--quiet"], at)).code, 0);

  const shown = await silo(["build", "--rerun", "python"], at);
  eq(shown.stdout, "Built python: 1 step for this project\n");
  match(shown.stderr, /^\+ echo on stdout; /m);
  match(shown.stderr, /on stdout\n/);
  match(shown.stderr, /no newline(on stdout)?\n/); // two streams: they come in any order
});
