import { match, strictEqual as eq } from "node:assert/strict";
import { lostInstall } from "../../../src/cli/lost_install.ts";

const of = (tool: string, argv: string[], env: string[] = [], code = 0, uid = 1) =>
  lostInstall({
    tool,
    workspace: "/workspace",
    process: {
      argv,
      env,
      cwd: "/workspace",
      user: { uid, gid: 1, groups: [] },
      stdio: { stdin: "null", stdout: "pipe", stderr: "pipe" },
      terminal: null,
    },
  }, code);

Deno.test("an install outside of the project is told, with the command that keeps it", () => {
  eq(
    of("python", ["pip", "install", "-q", "a b"]),
    "what pip installed is gone with its machine. To keep it: silo build python pip install -q 'a b'; " +
      "or first make a virtual environment: silo run python -m venv .venv",
  );
  match(
    of("python", ["/usr/bin/python3.13", "-m", "pip", "--quiet", "install", "x"])!,
    /python pip --quiet install x;/,
  );
  eq(
    of("node", ["npm", "install", "-g", "pnpm"]),
    "what npm installed is gone with its machine. To keep it: silo build node npm install -g pnpm",
  );
  eq(
    of("python", ["apt-get", "-y", "install", "-t", "sid", "jq", "ripgrep"]),
    "what apt-get installed is gone with its machine. To keep it: silo add --for python jq ripgrep",
  );
});

Deno.test("an install into the project, a virtual environment or a place of its own is not", () => {
  eq(of("python", ["pip", "install", "x"], ["A=1", "VIRTUAL_ENV=/workspace/.venv"]), undefined);
  for (const args of [["install", "--target", "lib", "x"], ["install", "--target=lib", "x"], ["download", "x"], []]) {
    eq(of("python", ["pip", ...args]), undefined, args.join(" "));
  }
  eq(of("python", ["python", "-c", "pip", "install"]), undefined);
  eq(of("python", ["python", "-m", "pytest", "install"]), undefined);
  eq(of("node", ["npm", "install"]), undefined);
  eq(of("node", ["npm", "run", "install", "-g"]), undefined);
  eq(of("python", []), undefined);
});

Deno.test("cargo, go and deno: what outlives the machine, in the caches or the project, is not lost", () => {
  const cargo = ["cargo", "+nightly", "install", "--locked", "ripgrep"];
  const go = ["go", "install", "example.com/tool@latest"];
  const deno = ["deno", "install", "-gA", "jsr:@x/y"];
  match(
    of("rust", cargo, ["CARGO_HOME=/usr/local/cargo"])!,
    /: silo build rust cargo \+nightly install --locked ripgrep$/,
  );
  match(
    of("go", go, ["GOPATH=/go"])!,
    /^what go installed is gone .*: silo build go go install example\.com\/tool@latest$/,
  );
  match(of("deno", deno)!, /^what deno installed is gone/);
  eq(of("rust", cargo, ["CARGO_INSTALL_ROOT=/var/cache/silo/project/programs"]), undefined);
  eq(of("rust", cargo, ["CARGO_HOME=/var/cache/silo/project/cargo"]), undefined);
  eq(of("go", go, ["GOPATH=/var/cache/silo/project/programs"]), undefined);
  eq(of("go", go, ["GOBIN=/workspace/bin", "GOPATH=/go"]), undefined);
  match(of("go", go, ["GOBIN=/workspaces/bin", "GOPATH=/var/cache/silo/project/programs"])!, /^what go installed/);
  eq(of("deno", deno, ["DENO_INSTALL_ROOT=/var/cache/silo/project/programs"]), undefined);
  for (const flag of ["--list", "--root=.", "--path"]) eq(of("rust", ["cargo", "install", flag, "."]), undefined, flag);
  eq(of("go", ["go", "install", "./..."]), undefined);
  eq(of("deno", ["deno", "install"]), undefined);
});

Deno.test("installers of programs of their own are told too", () => {
  match(of("python", ["pipx", "install", "black"])!, /: silo build python pipx install black$/);
  match(of("python", ["uv", "tool", "install", "ruff"])!, /: silo build python uv tool install ruff$/);
  match(of("node", ["yarn", "global", "add", "x"])!, /: silo build node yarn global add x$/);
  eq(of("python", ["uv", "tool", "run", "ruff"]), undefined);
});

Deno.test("what only root could have installed is told when it fails, with the command that does it", () => {
  const npm = ["npm", "install", "-g", "pnpm"];
  eq(
    of("node", npm, [], 243),
    "outside of the project only a build can install. To have it, and keep it: silo build node npm install -g pnpm",
  );
  match(of("python", ["apt-get", "install", "-y", "jq"], [], 100)!, /: silo add --for python jq$/);
  eq(of("node", npm, [], 243, 0), undefined, "root could");
  eq(of("node", npm, [], 127), undefined, "there is no npm");
  eq(of("node", ["npm", "install"], [], 1), undefined);
  eq(of("python", ["pip", "install", "x"], [], 1), undefined, "pip installs for the person");
});
