import { match, strictEqual as eq } from "node:assert/strict";
import { lostInstall } from "../../../src/cli/lost_install.ts";

const of = (tool: string, argv: string[], env: string[] = []) =>
  lostInstall({
    tool,
    process: {
      argv,
      env,
      cwd: "/workspace",
      user: { uid: 1, gid: 1, groups: [] },
      stdio: { stdin: "null", stdout: "pipe", stderr: "pipe" },
      terminal: null,
    },
  });

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
  match(of("python", ["apt-get", "-y", "install", "jq"])!, /^what apt-get installed is gone/);
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
