/** A tool by its own name: through a shim, and through a link to silo. */
import { deepStrictEqual as same, match, strictEqual as eq } from "node:assert/strict";
import { makeProject, SILO, silo, siloEnv } from "./harness.ts";

async function run(program: string, args: string[], cwd: string, env: Record<string, string>, input = "") {
  const child = new Deno.Command(program, {
    args,
    cwd,
    env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("shims on PATH run their tool with every argument as it was, and fall through where they do not count", async () => {
  using project = makeProject({ "p/x.py": "import sys; print(sys.argv[1:], sys.stdin.read()); sys.exit(5)" });
  const env = siloEnv();
  const home = env.SILO_HOME ?? `${env.HOME}/.silo`;
  eq((await silo(["list"])).code, 0); // writes what is missing
  const path = { ...env, PATH: `${home}/bin:${env.PATH}` };
  const ran = await run("/usr/bin/env", ["python3", "x.py", "--", "-c", "", "a b"], `${project.path}/p`, path, "in");
  same([ran.code, ran.stdout], [5, "['--', '-c', '', 'a b'] in\n"]);

  Deno.symlinkSync(SILO, `${project.path}/python`);
  const linked = await run(`${project.path}/python`, ["x.py", "--help"], `${project.path}/p`, env);
  same([linked.code, linked.stdout], [5, "['--help'] \n"]);

  // Unpinned: in a project that names it, silo's; elsewhere the next on PATH.
  Deno.mkdirSync(`${project.path}/other`);
  Deno.writeTextFileSync(`${project.path}/other/python3`, "#!/bin/sh\necho the next one\n", { mode: 0o755 });
  const behind = { ...env, PATH: `${home}/bin:${project.path}/other:${env.PATH}` };
  try {
    eq((await silo(["unpin", "python"])).code, 0);
    eq((await run("/usr/bin/env", ["python3"], `${project.path}/p`, behind)).stdout, "the next one\n");
    const used = await silo(["use", "python"], { cwd: project.path });
    eq(used.code, 0, used.stderr);
    match(Deno.readTextFileSync(`${project.path}/silo.toml`), /\[tools\.python\]/);
    const current = JSON.parse((await silo(["current", "python", "--json"], { cwd: `${project.path}/p` })).stdout);
    same([current.counts, current.from], [true, `${project.path}/silo.toml`]);
    eq((await run("/usr/bin/env", ["python3", "-c", "print(6*7)"], `${project.path}/p`, behind)).stdout, "42\n");
    eq((await silo(["unuse", "python"], { cwd: project.path })).code, 0);
    eq((await run("/usr/bin/env", ["python3"], `${project.path}/p`, behind)).stdout, "the next one\n");
  } finally {
    await silo(["pin", "python"]);
  }
});

Deno.test("shims can be added and removed, and one that belongs to another tool is refused", async () => {
  using project = makeProject();
  const env = siloEnv();
  const home = env.SILO_HOME ?? `${env.HOME}/.silo`;
  const add = (...words: string[]) => silo(["shim", "python", "add", ...words]);
  try {
    same((await add("e2e-json:python", "-m", "json.tool")).stdout, "Added to python: e2e-json (python -m json.tool)\n");
    const ran = await run(`${home}/bin/e2e-json`, ["--compact"], project.path, env, '{"a": [1, 2]}');
    same([ran.code, ran.stdout], [0, '{"a":[1,2]}\n']);
    match((await silo(["shim", "python", "list"])).stdout, /^e2e-json +python -m json\.tool/m);
    match((await add("run")).stderr, /like a command of silo/);
    match((await add("A:b:c")).stderr, /neither NAME nor NAME:COMMAND/);
  } finally {
    eq((await silo(["shim", "python", "remove", "e2e-json"])).code, 0);
  }
  eq((await silo(["shim", "python", "remove", "e2e-jsno"])).code, 125);
});
