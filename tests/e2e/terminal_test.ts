/** With a terminal, silo is not to be told from the tool itself. All of it is typed into a real terminal (tmux). */
import { match, ok } from "node:assert/strict";
import { makeProject, SILO, until } from "./harness.ts";
import { findRole, isAlive, processTree } from "./processes.ts";
import { Tmux } from "./tmux.ts";

/** What `stty -a` says where a shell waits at its prompt is what it said before. */
async function terminalIsSane(tmux: Tmux): Promise<void> {
  await tmux.press("C-l");
  await tmux.line("stty -a | tr ' ;' '\\n\\n' | grep -cxE 'icanon|echo|isig|opost'; echo typed-and-seen");
  const screen = await tmux.waitFor(/^typed-and-seen$/m, "the answer of stty");
  match(screen, /^4$/m, screen);
  match(screen, /grep -cxE/, "what is typed is echoed");
}

Deno.test("interactive python: prompt, editing, history, Ctrl-C, Ctrl-D", async () => {
  using project = makeProject();
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} run python -q`);
  await tmux.waitFor(/>>> $/m, "python's prompt");
  await tmux.line("6*7");
  // Between its prompts python has the terminal as it was, and a key is another one there.
  await tmux.waitFor(/^42\n>>> $/m, "the answer and the next prompt");
  await tmux.press("Up", "Enter");
  await tmux.waitFor(/^42\n>>> 6\*7\n42\n>>> $/m, "the line out of the history");
  await tmux.line("import time; print('sleep' + 'ing'); time.sleep(600)");
  await tmux.waitFor(/^sleeping$/m, "the line to be run, not only typed");
  await tmux.press("C-c");
  await tmux.waitFor(/KeyboardInterrupt\n>>> $/m, "the interrupt");
  await tmux.line("import os,sys; print(os.isatty(0), os.isatty(1), os.isatty(2), *os.get_terminal_size())");
  await tmux.waitFor(/^True True True 80 24\n>>> $/m, "three terminals of the right size");
  await tmux.press("C-d");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
  await terminalIsSane(tmux);
});

Deno.test("the size follows the window while the tool runs", async () => {
  using project = makeProject({
    "size.py": [
      "import os, signal",
      "signal.signal(signal.SIGWINCH, lambda *a: print('size', *os.get_terminal_size(), flush=True))",
      "print('ready', flush=True)",
      "while True: signal.pause()",
    ].join("\n"),
  });
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} run python size.py`);
  await tmux.waitFor(/^ready$/m, "the script");
  await tmux.resize(101, 33);
  await tmux.waitFor(/^size 101 33$/m, "the new size");
  await tmux.press("C-c");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
});

Deno.test("colours and the bytes of the terminal pass unchanged", async () => {
  using project = makeProject();
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} run python -c 'print("\\x1b[31mred\\x1b[0m ünï 漢")'`);
  await tmux.waitFor(/^red ünï 漢$/m, "the text");
  ok((await tmux.screen(true)).includes("\x1b[31mred"));
});

Deno.test("Ctrl-Z stops the tool, fg goes on with it, Ctrl-\\ quits it", async () => {
  using project = makeProject({
    "count.py":
      "import time\nprint('ready', flush=True)\nline = input()\nprint('got', line, flush=True)\ntime.sleep(600)\n",
  });
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} run python count.py`);
  await tmux.waitFor(/^ready$/m, "the script");
  await tmux.press("C-z");
  await tmux.waitFor(/Stopped/, "the shell's word that it stopped");
  await tmux.line("echo still-$((40+2))");
  await tmux.waitFor(/^still-42$/m, "the shell works meanwhile");
  await tmux.line("fg");
  await tmux.waitFor(/fg[^]*count\.py/, "the job in front");
  await tmux.line("hello");
  await tmux.waitFor(/^got hello$/m, "the tool goes on");
  await tmux.press("C-\\");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
  await tmux.line("echo code $?");
  await tmux.waitFor(/^code 131$/m, "the code of SIGQUIT");
  await terminalIsSane(tmux);
});

Deno.test("Ctrl-C ends a tool and the terminal is as before", async () => {
  using project = makeProject();
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} shell python -c 'echo ready; exec sleep 600'`);
  await tmux.waitFor(/^ready$/m, "the tool");
  await tmux.press("C-c");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
  await tmux.line("echo code $?");
  await tmux.waitFor(/^code 130$/m, "the code of SIGINT");
  await terminalIsSane(tmux);
});

Deno.test("silo shell python is an interactive shell with job control", async () => {
  using project = makeProject({ "silo.toml": "" });
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} shell python`);
  await tmux.waitFor(/\/workspace[$#] $|workspace.*[$#] $/m, "the shell's prompt");
  await tmux.line("sleep 600 & jobs; uname -s; pwd");
  await tmux.waitFor(/Running[^]*Linux\n\/workspace/, "the shell's answers");
  await tmux.line("fg");
  await tmux.waitFor(/^sleep 600$/m, "the job in front");
  await tmux.press("C-c");
  await tmux.waitFor(/\^C\n.*[$#] $/m, "the shell's next prompt");
  await tmux.line("echo alive-$((1+1)); exit 5");
  await tmux.waitFor(/^alive-2$/m, "the shell after Ctrl-C");
  await tmux.waitFor(/^exit\n\$ $/m, "the end of the shell");
  await tmux.line("echo code $?");
  await tmux.waitFor(/^code 5$/m, "the shell's exit code");
});

Deno.test("full-screen programs work: vim edits a file, less pages", async () => {
  using project = makeProject({ "long.txt": Array.from({ length: 500 }, (_, i) => `line ${i + 1}`).join("\n") });
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} run --exec python vim.tiny -u NONE note.txt`);
  await tmux.waitFor(/^~\n~\n[^]*note\.txt/m, "vim's empty buffer");
  await tmux.type("ihello from the sandbox");
  await tmux.press("Escape");
  await tmux.line(":wq");
  await until("the file on the host", () => exists(`${project.path}/note.txt`));
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
  ok(Deno.readTextFileSync(`${project.path}/note.txt`).startsWith("hello from the sandbox"));
  await tmux.line(`${SILO} run --exec python less long.txt`);
  await tmux.waitFor(/^line 1\nline 2\n/m, "the first page");
  await tmux.type("G");
  await tmux.waitFor(/^line 500$/m, "the last page");
  await tmux.type("q");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
  await terminalIsSane(tmux);
});

for (const role of ["helper", "qemu"] as const) {
  Deno.test(`the terminal is restored when the ${role} is killed`, async () => {
    using project = makeProject();
    await using tmux = await Tmux.open(project.path);
    await tmux.line(`${SILO} run python -q`);
    await tmux.waitFor(/>>> $/m, "python's prompt");
    const victim = findRole(processTree(await tmux.shellPid()), role);
    ok(victim, `no ${role} among the processes`);
    Deno.kill(victim.pid, "SIGKILL");
    await tmux.waitFor(/silo: /, "silo's word about it");
    await tmux.waitFor(/\$ $/m, "the shell's prompt");
    await tmux.line("echo code $?");
    await tmux.waitFor(/^code 125$/m, "silo's own failure");
    await terminalIsSane(tmux);
  });
}

Deno.test("the terminal is restored when silo gets SIGTERM", async () => {
  using project = makeProject();
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} run python -q`);
  await tmux.waitFor(/>>> $/m, "python's prompt");
  const tree = processTree(await tmux.shellPid());
  const helper = findRole(tree, "helper");
  ok(helper);
  Deno.kill(helper.parent, "SIGTERM");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
  await until("nothing of the run is left", () => !isAlive(helper.pid), 5_000);
  await terminalIsSane(tmux);
});

Deno.test("a pipe on one side leaves the terminal to the other program", async () => {
  using project = makeProject({ "long.txt": Array.from({ length: 500 }, (_, i) => `line ${i + 1}`).join("\n") });
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} run python -c "for i in range(500): print('row', i)" | less`);
  await tmux.waitFor(/^row 0\nrow 1\n/m, "less's first page");
  await tmux.type("G");
  await tmux.waitFor(/^row 499$/m, "less's last page");
  await tmux.type("q");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
  await terminalIsSane(tmux);
  await tmux.line(
    `echo piped | ${SILO} run python -c "import sys; print(sys.stdin.read(), sys.stdin.isatty(), sys.stdout.isatty())"`,
  );
  await tmux.waitFor(/^piped\n False True$/m, "a pipe in, a terminal out");
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0;
  } catch {
    return false;
  }
}
