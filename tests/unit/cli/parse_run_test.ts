import { deepStrictEqual as same, ok, strictEqual as eq, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseMount, parseRun, type RunRequest } from "../../../src/cli/parse_run.ts";

function parse(...words: string[]): RunRequest & { args: string[] } {
  const request = parseRun("run", words);
  ok(request !== "help");
  return { ...request, args: words.slice(request.argsAt) };
}

Deno.test("everything after the tool is the tool's, whatever it looks like", () => {
  fc.assert(fc.property(fc.array(fc.string()), (args) => {
    fc.pre(args[0] !== "--");
    const request = parse("--env", "A=1", "python", ...args);
    eq(request.tool, "python");
    same(request.args, args);
  }));
});

Deno.test("one leading -- after the tool is dropped, a second one is not", () => {
  same(parse("python", "--", "--", "x").args, ["--", "x"]);
  same(parse("python", "--").args, []);
  eq(parse("python", "--").separated, true);
  same(parse("--", "python", "x").args, ["x"]);
  same(parse("--", "--weird", "x").tool, "--weird");
});

Deno.test("silo's flags stand before the tool, with = or as the next word", () => {
  const request = parse(
    "--env",
    "A=b=c",
    "--env=B=",
    "--pass-env",
    "TOKEN",
    "--mount",
    "../d:/d:ro",
    "--port",
    "8080:80",
    "--cpus=3",
    "--memory",
    "512",
    "--user",
    "root",
    "--timing",
    "--no-workspace",
    "python",
    "--cpus",
    "9",
  );
  same(request.settings, {
    mount: { readonly: undefined },
    env: { A: "b=c", B: "" },
    passEnv: ["TOKEN"],
    mounts: [{ source: "../d", target: "/d", readOnly: true }],
    ports: ["8080:80"],
    resources: { cpus: 3, memoryMB: 512, timeoutSeconds: undefined },
  });
  same([request.user, request.timing, request.workspace, request.exec], ["root", true, false, false]);
  same(request.args, ["--cpus", "9"]);
});

Deno.test("help is only asked for before the tool", () => {
  eq(parseRun("run", ["--help"]), "help");
  eq(parseRun("shell", ["-h", "python"]), "help");
  throws(() => parseRun("shell", ["--ask", "python"]), /could not open a shell: --ask is a flag of `silo run`/);
  same(parse("python", "--help").args, ["--help"]);
});

Deno.test("mistakes are named, with the nearest flag", () => {
  throws(() => parse("--evn", "A=1", "python"), (error: Error & { hint?: string }) => /--env/.test(error.hint!));
  throws(() => parse("--env"), /needs a value/);
  throws(() => parse("--env", "A", "python"), /NAME=VALUE/);
  throws(() => parse("--env", "1A=x", "python"), /variable's name/);
  throws(() => parse("--timing=yes", "python"), /takes no value/);
  throws(() => parse("--cpus", "0", "python"), /from 1 to 64/);
  throws(() => parse("--memory", "2g", "python"), /whole number/);
  throws(() => parse("--user", "me", "python"), /host or root/);
  throws(() => parse(), /could not run: no tool is named/);
  throws(() => parseRun("shell", []), /could not open a shell: no tool is named/);
  throws(() => parse("--exec", "python"), /--exec needs a command/);
  throws(() => parse("-x", "python"), /no such flag/);
});

Deno.test("parseMount() lets the host's path contain colons", () => {
  same(parseMount("/a:b:/c"), { source: "/a:b", target: "/c", readOnly: false });
  same(parseMount("~/x:/c:rw"), { source: "~/x", target: "/c", readOnly: false });
  for (const bad of ["/a", "/a:b", ":/b", "/a:/b:rx"]) throws(() => parseMount(bad), /HOST:GUEST/, bad);
});
