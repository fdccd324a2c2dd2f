/** `silo ps`, `silo exec`, `silo rm`: one machine, looked at and entered from outside. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { basename } from "node:path/posix";
import { makeProject, silo, spawnSilo, until } from "./harness.ts";
import { Tmux } from "./tmux.ts";
import { SILO } from "./harness.ts";

const WAITER = "import os,sys,time; os.environ['X']='1'; print('up',flush=True); sys.stdin.read()";

/** The runs whose project is this one. */
async function runsOf(project: string) {
  const { code, stdout } = await silo(["ps", "--json"]);
  eq(code, 0);
  return JSON.parse(stdout).filter((run: { project: string }) => run.project === project);
}

Deno.test("a running sandbox is listed, entered by others with their own streams and exit codes, and ended", async () => {
  using project = makeProject();
  const child = spawnSilo(["run", "--memory", "512", "python", "-c", WAITER], { cwd: project.path });
  const output = child.stdout.getReader();
  const errors = new Response(child.stderr).text();
  eq(new TextDecoder().decode((await output.read()).value), "up\n");
  const name = `${basename(project.path)}-1`;
  const [run, ...others] = await runsOf(project.path);
  same(others, []);
  same([run.name, run.tool, run.project, run.memoryMiB, run.pid], [name, "python", project.path, 512, child.pid]);
  ok(run.memory > 20e6 && run.memory < 2e9, String(run.memory));
  const table = (await silo(["ps"])).stdout;
  match(table, new RegExp(`^${name} +${run.id} +python +\\d+s +\\d+ of 512 MiB`, "m"));
  ok(table.split("\n").every((line) => line.length <= 80), table);
  ok((await silo(["ls", "-q"])).stdout.split("\n").includes(name));

  // It is the same machine: the first program is seen, and so is the project.
  await until("the machine can be entered", async () => (await silo(["exec", name, "true"])).code === 0);
  const enter = (words: string[], stdin = "", flags: string[] = []) =>
    silo(["exec", ...flags, name, ...words], { stdin });
  const seen = await enter([
    "sh",
    "-c",
    "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; echo; pwd; touch made; id -u; echo err >&2; exit 7",
  ]);
  same([seen.code, seen.stderr], [7, "err\n"]);
  match(seen.stdout, /sys\.stdin\.read/);
  match(seen.stdout, new RegExp(`\\n?/workspace\\n${Deno.uid()}\\n$`));
  ok(Deno.statSync(`${project.path}/made`).isFile);

  // Bytes, arguments, variables, the end of stdin, signals, programs that are not there.
  const big = "x".repeat(3_000_000);
  eq((await enter(["cat"], big)).stdout, big);
  same((await enter(["printf", "%s|", "a b", "", "--help", "-q"])).stdout, "a b||--help|-q|");
  eq((await enter(["sh", "-c", 'echo "$V" "$HOME"'], "", ["--env", "V=w x"])).stdout, "w x /home/silo\n");
  eq((await enter(["id", "-u"], "", ["--user", "root", "--cwd", "/"])).stdout, "0\n");
  const missing = await enter(["no-such-program"]);
  eq(missing.code, 127);
  match(missing.stderr, /could not run no-such-program/);
  const killed = await enter(["sh", "-c", "kill -9 $$"]);
  eq(killed.code, 137);

  // Two at once, each with its own.
  const both = await Promise.all([enter(["cat"], "one"), enter(["cat"], "two")]);
  same(both.map(({ stdout }) => stdout), ["one", "two"]);

  // One that is killed outside is hung up on inside.
  const left = spawnSilo(["exec", name, "sh", "-c", "echo $$; exec sleep 1000"]);
  const pid = new TextDecoder().decode((await left.stdout.getReader().read()).value).trim();
  left.kill("SIGKILL");
  await left.status;
  await until("the left one is gone", async () => (await enter(["test", "-d", `/proc/${pid}`])).code === 1);

  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} exec ${run.id} sh -c 'test -t 0 && test -t 1 && stty size && read line && echo got $line'`);
  await tmux.waitFor(/^24 80$/m, "the size of the terminal");
  await tmux.line("typed");
  await tmux.waitFor(/^got typed$/m, "what was typed");

  const refused = await silo(["rm", `${name}0`]);
  match(refused.stderr, /no sandbox of that name runs\n +Did you mean/);
  const entered = silo(["exec", name, "sleep", "1000"]);
  const ended = await silo(["rm", name]);
  same([ended.code, ended.stdout], [0, `Ended ${name}\n`]);
  await child.status;
  ok((await entered).code !== 0);
  same(await runsOf(project.path), []);
  match((await silo(["exec", name, "true"])).stderr, /no sandbox of that name runs/);
  await errors;
  await output.cancel();
  await child.stdin.close().catch(() => {});
});
