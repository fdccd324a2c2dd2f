/** A go module from Debian's go: built, run, tested; what one machine compiled is there for the next. */
import { doesNotMatch, match, ok, strictEqual as eq } from "node:assert/strict";
import { fromDebian, makeHome } from "../homes.ts";
import { beginSession } from "./session.ts";

/** Of the standard library it needs the runtime alone: compiling that takes most of this test's time. */
const MAIN = `package main

import "example.com/count/words"

func main() {
	count := words.Count("to be or not to be")
	println("words:", count)
	if count > 5 {
		panic("too many")
	}
}
`;
const WORDS = `package words

func Count(text string) int {
	count := 1
	for _, letter := range text {
		if letter == ' ' {
			count++
		}
	}
	return count
}
`;

Deno.test("go: a module of two packages is built and run with its exit code, and a second machine compiles nothing again", async () => {
  await using _tools = await fromDebian("go");
  using home = makeHome();
  using session = beginSession(home, {
    "silo.toml": "[tools.go]\n",
    "go.mod": "module example.com/count\n\ngo 1.23\n",
    "main.go": MAIN,
    "words/words.go": WORDS,
  });
  const { path, run, done } = session;

  const first = await run("run", "go", "build", "-x", "-o", "count");
  eq(first.code, 0, first.stderr);
  match(first.stderr, /\/compile .*-p example\.com\/count\/words /);
  // It is a program for this machine too, and what it ends with is what a run ends with.
  eq((await new Deno.Command(`${path}/count`).output()).code, 2);
  const ran = await run("run", "--exec", "go", "./count");
  eq(ran.code, 2);
  match(ran.stderr, /^words: 6\npanic: too many\n/);

  Deno.removeSync(`${path}/count`);
  const again = await run("run", "go", "build", "-x", "-o", "count");
  eq(again.code, 0, again.stderr);
  doesNotMatch(again.stderr, /\/compile /);

  session.write("words/words.go", WORDS.replace("return", "retrun"));
  const broken = await run("run", "go", "vet", "./words");
  eq(broken.code, 1);
  match(broken.stderr, /words\.go:10:\d+: /);

  const projects = JSON.parse(await done("projects", "ls", "--json")) as { path: string; caches: { disk: number } }[];
  ok(projects.find((project) => project.path === path)!.caches.disk > 1_000_000);
});
