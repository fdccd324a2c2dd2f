/** A node project: npm's registry and nothing else, a build, a development server; and python beside it in one repository. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { ROOT, siloEnv, spawnSilo, until } from "../harness.ts";
import { fromDebian, makeHome } from "../homes.ts";
import { beginSession } from "./session.ts";

const BUILD = "rollup app.js --file dist/app.js --format es";
/** Packages without native parts: under emulation those take minutes to install. */
const PACKAGE = JSON.stringify({
  name: "front",
  private: true,
  scripts: {
    build: BUILD,
    dev: `sirv dist --dev --quiet --host 127.0.0.1 --port 5173 & exec ${BUILD} --watch --banner //watched`,
  },
  devDependencies: { rollup: "2.79.2", "sirv-cli": "3.0.0" },
});
const APP = `import { place } from "./place.js";\nconsole.log("made in", place);\n`;
/** A machine's start and npm's, or an answer, on a machine that is busy with others. */
const LIMIT_MS = 180_000;
const QUIET = ["--no-audit", "--no-fund", "--loglevel=error"];

Deno.test("node: npm install, npm run build, a development server that sees edits and ends with Ctrl-C; python beside it", async (t) => {
  await using _tools = await fromDebian("node");
  using home = makeHome();
  using session = beginSession(home, {
    "silo.toml": "[tools.node]\n[tools.python]\n",
    "package.json": PACKAGE,
    "app.js": APP,
    "place.js": `export const place = "the first place";\n`,
  });
  const { path, at, run, done } = session;

  await t.step("npm install reaches its registry, and a script of a package reaches nothing else", async () => {
    await done("run", "npm", "install", ...QUIET);
    ok(session.read("package-lock.json").includes('"node_modules/rollup"'));
    const probe =
      `fetch("https://example.com").then(() => "reached", (error) => error.cause?.message ?? error.message)` +
      `.then((said) => console.log(said))`;
    const { stdout, stderr } = await run("run", "node", "-e", probe);
    ok(!stdout.includes("reached"), stdout);
    match(stderr, /^ {2}example\.com: host example\.com is not allowed/m);
  });

  await t.step("npm run build makes what npm run has as its exit code", async () => {
    await done("run", "npm", "run", "--silent", "build");
    match(session.read("dist/app.js"), /^const place = "the first place";\n\nconsole\.log\("made in", place\);$/m);
    session.write("app.js", `import { place } from "./nowhere.js";\n`);
    const failed = await run("run", "npm", "run", "--silent", "build");
    eq(failed.code, 1);
    match(failed.stderr, /Could not resolve '\.\/nowhere\.js' from app\.js/);
    session.write("app.js", APP);
  });

  await t.step(
    "the development server's port is open here, an edit is seen, built and served, Ctrl-C ends it",
    async () => {
      const port = freePort();
      await done("config", "ports", "add", "node", `${port}:5173`);
      const server = spawnSilo(["run", "npm", "run", "--silent", "dev"], at);
      const output = server.stdout.cancel();
      let said = "";
      const saying = server.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
        new WritableStream({ write: (text) => void (said += text) }),
      );
      const built = async (times: number) => {
        await until(`built ${times} times`, () => said.split("created ").length > times, LIMIT_MS);
        const answer = await fetch(`http://127.0.0.1:${port}/app.js`, { signal: AbortSignal.timeout(LIMIT_MS) });
        return (await answer.text()).split("\n", 2);
      };
      try {
        same(await built(1), ["//watched", 'const place = "the first place";']);
        session.write("place.js", `export const place = "the second place";\n`);
        same(await built(2), ["//watched", 'const place = "the second place";']);
      } finally {
        server.kill("SIGINT");
        await server.stdin.close().catch(() => {});
      }
      const [{ code }] = await Promise.all([server.status, saying, output]);
      eq(code, 130, said);
      await fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.body?.cancel(), () => {});
      await until("the port is closed", () => isClosed(port), 10_000);
    },
  );

  await t.step("in one repository each shim runs its own tool, on the same files", async () => {
    const bin = join(home.path, "bin");
    eq((await run("list")).code, 0); // writes what is missing
    const shim = async (program: string, ...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(join(bin, program), {
        args,
        cwd: path,
        env: { ...siloEnv(at.env), PATH: `${bin}:${join(ROOT, "scripts")}:${Deno.env.get("PATH")}` },
        clearEnv: true,
        signal: AbortSignal.timeout(LIMIT_MS),
      }).output();
      return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
    };
    const written = await shim(
      "node",
      "-e",
      `require("fs").writeFileSync("made.json", '{"by":"node"}'); process.exit(3)`,
    );
    same([written.code, written.stdout], [3, ""], written.stderr);
    const read = await shim(
      "python3",
      "-c",
      "import json,shutil;print(json.load(open('made.json'))['by'], shutil.which('node'))",
    );
    same([read.code, read.stdout], [0, "node None\n"], read.stderr);
    const version = await shim("npx", "rollup", "--version");
    same([version.code, version.stdout], [0, "rollup v2.79.2\n"], version.stderr);
    const tools = JSON.parse(await done("current", "--json")) as {
      tool: string;
      from: string | null;
      counts: boolean;
    }[];
    const here = tools.filter(({ from }) => from === join(path, "silo.toml"));
    same(here.map(({ tool, counts }) => [tool, counts]), [["node", true], ["python", true]]);
  });
});

async function isClosed(port: number): Promise<boolean> {
  return await Deno.connect({ hostname: "127.0.0.1", port }).then((it) => (it.close(), false), () => true);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
