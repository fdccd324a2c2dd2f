/** `silo shellenv` in every shell that Debian has: the shims are on PATH once, and Tab knows silo's words. */
import { deepStrictEqual as same, equal, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";

const SILO = fileURLToPath(new URL("../../../scripts/silo", import.meta.url));
/** Tests of a shell that is not there are not run; scripts/test installs them all. */
const missing = (shell: string) => {
  try {
    return !new Deno.Command(shell, { args: ["-c", "exit 0"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return true;
  }
};

function home(): { path: string } & Disposable {
  const path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "silo it's " }));
  Deno.mkdirSync(`${path}/bin`);
  Deno.writeTextFileSync(`${path}/bin/hello`, "#!/bin/sh\necho from the shim\n", { mode: 0o755 });
  const entry = 'version = "3.12.1"\nsource = "debian"\nimage = "sha256:0"\nrootfs = "rootfs/0.ext4"\n' +
    'environment = []\nshims = ["py", "pip"]\ninstalledAt = "2026-01-01T00:00:00.000Z"\n';
  Deno.writeTextFileSync(`${path}/config.toml`, `[tools.py]\n${entry}`);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

function run(shell: string, args: string[], siloHome: string): string {
  const { stdout, stderr, success } = new Deno.Command(shell, {
    args,
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      HOME: siloHome,
      SILO_HOME: siloHome,
      SILO,
      TERM: "dumb",
      LC_ALL: "C.UTF-8",
    },
    clearEnv: true,
    stdin: "null",
  }).outputSync();
  const text = new TextDecoder().decode(stdout);
  ok(success, `${shell}: ${text}${new TextDecoder().decode(stderr)}`);
  equal(new TextDecoder().decode(stderr).replaceAll(/^.*no job control.*$\n|^.*[Cc]annot set terminal.*$\n/gm, ""), "");
  return text;
}

const BOURNE = `eval "$("$SILO" shellenv SHELL)"; eval "$("$SILO" shellenv SHELL)"; hello; echo "$PATH"`;
const CSH = 'eval `"$SILO" shellenv SHELL`; eval `"$SILO" shellenv SHELL`; hello; echo "$PATH"';
const SCRIPTS: Record<string, string> = {
  bash: BOURNE,
  zsh: BOURNE,
  fish: "$SILO shellenv fish | source; $SILO shellenv fish | source; hello; string join : $PATH",
  tcsh: CSH,
  csh: CSH,
};

for (const [shell, script] of Object.entries(SCRIPTS)) {
  Deno.test({
    name: `${shell} finds the shims first, however often it is told`,
    ignore: missing(shell),
    fn() {
      using place = home();
      const flags = shell === "zsh" || shell.endsWith("csh") ? ["-f", "-c"] : ["-c"];
      const [said, path] = run(shell, [...flags, script.replaceAll("SHELL", shell)], place.path).trim().split("\n");
      equal(said, "from the shim");
      same(path!.split(":"), [`${place.path}/bin`, "/usr/local/bin", "/usr/bin", "/bin"]);
    },
  });
}

Deno.test({
  name: "bash completes commands, tools and flags",
  ignore: missing("bash"),
  fn() {
    using place = home();
    const complete = (...words: string[]) =>
      run("bash", [
        "-c",
        `complete() { :; }; eval "$("$SILO" shellenv bash)"; COMP_WORDS=(silo "$@"); COMP_CWORD=$#; _silo_complete; printf '%s\\n' "\${COMPREPLY[@]}"`,
        "bash",
        ...words,
      ], place.path).trim().split("\n");
    same(complete("unin"), ["uninstall"]);
    same(complete("uninstall", ""), ["py"]);
    same(complete("run", "p"), ["py", "pip"]);
    same(complete("install", "--fo"), ["--force"]);
  },
});

Deno.test({
  name: "fish completes with what each word is",
  ignore: missing("fish"),
  fn() {
    using place = home();
    const lines = run(
      "fish",
      ["-c", '$SILO shellenv fish | source; complete -C "silo unin"; complete -C "silo use p"'],
      place.path,
    );
    match(lines, /^uninstall\tremove a tool and free its disk space$/m);
    match(lines, /^python\t/m);
    match(lines, /^py\t/m);
  },
});

Deno.test({
  name: "zsh completes once its own completions are on",
  ignore: missing("zsh"),
  fn() {
    using place = home();
    const script = `autoload -Uz compinit; compinit -u -d "$HOME/dump"; eval "$("$SILO" shellenv zsh)"
      echo $_comps[silo]
      _describe() { print -l -- "\${(@P)2}" }
      words=(silo uninstall p); CURRENT=3; _silo_complete
      words=(silo unin); CURRENT=2; _silo_complete`;
    same(run("zsh", ["-f", "-c", script], place.path).trim().split("\n"), [
      "_silo_complete",
      "py:3.12.1",
      "uninstall:remove a tool and free its disk space",
    ]);
  },
});

Deno.test({
  name: "tcsh takes the completions, and silo answers for its line",
  ignore: missing("tcsh"),
  fn() {
    using place = home();
    match(run("tcsh", ["-f", "-c", 'eval `"$SILO" shellenv tcsh`; complete silo'], place.path), /complete-line/);
    equal(run(SILO, ["completions", "complete-line", "silo unin"], place.path), "uninstall\n");
  },
});
