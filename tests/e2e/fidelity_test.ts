/** Issue: what goes in and out of a sandboxed tool is what goes in and out of the tool itself. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { createHash } from "node:crypto";
import { makeProject, python, ROOT, shell, SILO, silo, siloEnv, spawnSilo } from "./harness.ts";
import { findRole, peakResidentMiB, processTree } from "./processes.ts";

const PRINT_ARGS = "import os,sys;print('\\n'.join(os.fsencode(a).hex() for a in sys.argv[1:]))";
const hex = (text: string) => [...new TextEncoder().encode(text)].map((b) => b.toString(16).padStart(2, "0")).join("");

Deno.test("arguments reach the tool byte for byte", async () => {
  const args = [
    "-c",
    "--",
    "",
    "--help",
    "--version",
    "-",
    "a b",
    "'",
    '"',
    "\\",
    "new\nline",
    "\ttab",
    "$HOME",
    "$(id)",
    "`id`",
    "*",
    "~",
    "ünï çødé 漢字 🦀",
    "e\u0301",
    "--env",
    "A=B",
    "{}",
    "!",
    "a=b",
    " ",
    "\u0001",
    "%s",
    "-x",
  ];
  const run = await python(PRINT_ARGS, args);
  same(run.stdout.split("\n").slice(0, -1), args.map(hex));
  eq(run.stderr, "");
  eq(run.code, 0);
});

Deno.test("arguments that are not UTF-8 reach the tool byte for byte", async () => {
  const raw = "ff00fe".replace("00", "80"); // three bytes that no UTF-8 text has
  const script = `exec "$0" run python -c "$1" "$(printf '\\377\\200\\376')" "ok"`;
  using project = makeProject();
  const args = ["-c", script, SILO, PRINT_ARGS];
  const out = await new Deno.Command("bash", { args, cwd: project.path, env: siloEnv(), clearEnv: true }).output();
  eq(new TextDecoder().decode(out.stdout), `${raw}\n${hex("ok")}\n`, new TextDecoder().decode(out.stderr));
});

Deno.test("ten thousand arguments reach the tool", async () => {
  const args = Array.from({ length: 10_000 }, (_, i) => `argument-${i}`);
  const run = await python(
    "import sys,hashlib;print(len(sys.argv)-1,hashlib.sha256(' '.join(sys.argv[1:]).encode()).hexdigest())",
    args,
  );
  eq(run.stdout, `10000 ${createHash("sha256").update(args.join(" ")).digest("hex")}\n`);
});

Deno.test("one leading -- after the tool is dropped, a second one is not", async () => {
  const run = await silo(["run", "python", "--", "-c", PRINT_ARGS, "--", "x"]);
  same(run.stdout.split("\n").slice(0, -1), [hex("--"), hex("x")]);
});

Deno.test("stdout and stderr stay apart, in order and complete", async () => {
  const run = await python(
    "import sys\nfor i in range(20000):\n sys.stdout.write(f'o{i}\\n'); sys.stderr.write(f'e{i}\\n')",
  );
  eq(run.stdout, Array.from({ length: 20_000 }, (_, i) => `o${i}\n`).join(""));
  eq(run.stderr, Array.from({ length: 20_000 }, (_, i) => `e${i}\n`).join(""));
});

Deno.test("one GiB through cat arrives unchanged, in bounded memory", async () => {
  const block = crypto.getRandomValues(new Uint8Array(65536));
  const total = 2 ** 30;
  const sent = createHash("sha256");
  let offset = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (offset >= total) return controller.close();
      const chunk = block.slice();
      new DataView(chunk.buffer).setFloat64(0, offset); // every block differs
      sent.update(chunk);
      offset += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const child = spawnSilo(["shell", "python", "-c", "exec cat"]);
  const feeding = source.pipeTo(child.stdin);
  const received = createHash("sha256");
  let bytes = 0;
  const peak = { cli: 0, helper: 0, qemu: 0 };
  let nextLook = 0;
  const errors = new Response(child.stderr as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  for await (const chunk of child.stdout) {
    received.update(chunk);
    bytes += chunk.length;
    if (bytes < nextLook) continue;
    nextLook = bytes + 2 ** 26;
    const tree = processTree(child.pid);
    peak.cli = peakResidentMiB(child.pid);
    peak.helper = peakResidentMiB(findRole(tree, "helper")!.pid);
    peak.qemu = peakResidentMiB(findRole(tree, "qemu")!.pid);
  }
  await feeding;
  eq((await child.status).code, 0, await errors);
  eq(bytes, total);
  eq(received.digest("hex"), sent.digest("hex"));
  ok(peak.cli > 0 && peak.cli < 300, `silo used ${peak.cli} MiB`);
  ok(peak.helper > 0 && peak.helper < 64, `the helper used ${peak.helper} MiB`);
  ok(peak.qemu > 0 && peak.qemu < 1500, `QEMU used ${peak.qemu} MiB`);
});

Deno.test("the end of stdin reaches the tool", async () => {
  const run = await python("import sys;print(repr(sys.stdin.read()))", [], { stdin: "abc\nno newline at the end" });
  eq(run.stdout, "'abc\\nno newline at the end'\n");
});

Deno.test("a closed stdin is an empty one", async () => {
  eq((await python("import sys;print(len(sys.stdin.read()))")).stdout, "0\n");
});

Deno.test("a tool that does not read its stdin does not hang the writer", async () => {
  const run = await python("print('done')", [], { stdin: new Uint8Array(8 * 2 ** 20) });
  eq(run.stdout, "done\n");
  eq(run.code, 0);
});

Deno.test("a reader that stops reading ends the run as on a plain shell", async () => {
  using project = makeProject();
  const source = "import sys\ni=0\nwhile True: sys.stdout.write(f'{i}\\n'); i+=1";
  const pipeline = (command: string) => `set -o pipefail; ${command} 2>err.txt | head -1; echo "\${PIPESTATUS[0]}"`;
  const under = async (command: string, env: Record<string, string>) => {
    const args = ["-c", pipeline(command), SILO, source];
    const { stdout } = await new Deno.Command("bash", { args, cwd: project.path, env, clearEnv: true }).output();
    return new TextDecoder().decode(stdout);
  };
  // Python turns EPIPE into a traceback and exit code 1, `yes` dies of SIGPIPE: both as without a sandbox.
  eq(await under(`"$0" run python -c "$1"`, siloEnv()), "0\n1\n");
  match(Deno.readTextFileSync(`${project.path}/err.txt`), /BrokenPipeError/);
  eq(await under(`"$0" shell python -c "exec yes 0"`, siloEnv()), "0\n141\n");
});

Deno.test("exit codes are the tool's own", async () => {
  const codes = [0, 1, 2, 42, 124, 125, 254, 255];
  const run = await shell(codes.map((c) => `python3 -c 'import sys; sys.exit(${c})'; echo $?`).join("\n"));
  eq(run.stdout, codes.map((c) => `${c}\n`).join(""));
  eq((await python("import sys; sys.exit(42)")).code, 42);
  eq((await python("raise SystemExit(255)")).code, 255);
});

Deno.test("a tool that dies from a signal ends with 128 + n", async () => {
  using project = makeProject();
  const source = "import os,sys; os.kill(os.getpid(), int(sys.argv[1]))";
  for (const [number, name] of [[9, "SIGKILL"], [15, "SIGTERM"], [11, "SIGSEGV"]] as const) {
    const args = ["-c", '"$0" run python -c "$1" "$2"; echo "code $?"', SILO, source, String(number)];
    const { stdout } = await new Deno.Command("bash", { args, cwd: project.path, env: siloEnv(), clearEnv: true })
      .output();
    eq(new TextDecoder().decode(stdout), `code ${128 + number}\n`, name);
  }
});

Deno.test("126 and 127 are given as a shell gives them", async () => {
  using project = makeProject({ "plain.txt": "no program\n", "noexec.sh": "#!/bin/sh\necho hi\n" });
  const missing = await silo(["run", "--exec", "python", "no-such-program"], { cwd: project.path });
  eq(missing.code, 127);
  match(missing.stderr, /no-such-program/);
  const refused = await silo(["run", "--exec", "python", "./noexec.sh"], { cwd: project.path });
  eq(refused.code, 126);
  match(refused.stderr, /noexec\.sh/);
});

Deno.test("silo's own failures are 125 with a message that says what to do", async () => {
  const run = await silo(["run", "no-such-tool", "x"]);
  eq(run.code, 125);
  match(run.stderr, /^silo: .*no-such-tool/);
  match(run.stderr, /silo (install|list)/);
});

Deno.test("the working directory is kept inside the project", async () => {
  using project = makeProject({ "silo.toml": "", "a/b/file.txt": "inner" });
  const run = await python("import os;print(os.getcwd(), open('file.txt').read())", [], { cwd: `${project.path}/a/b` });
  eq(run.stdout, "/workspace/a/b inner\n");
});

Deno.test("any script may call silo by its path, from any directory", async () => {
  using project = makeProject();
  using elsewhere = makeProject();
  Deno.symlinkSync(SILO, `${project.path}/silo`);
  const { stdout } = await new Deno.Command(`${project.path}/silo`, {
    args: ["run", "python", "-c", "print(6*7)"],
    cwd: elsewhere.path,
    env: siloEnv(),
    clearEnv: true,
  }).output();
  eq(new TextDecoder().decode(stdout), "42\n");
  ok(ROOT.length > 1);
});
