/** A rust workspace from Debian's rustc and cargo: built, run, tested; what was compiled stays. */
import { doesNotMatch, match, strictEqual as eq } from "node:assert/strict";
import { fromDebian, makeHome } from "../homes.ts";
import { beginSession } from "./session.ts";

const MAIN = `use std::process::exit;

fn main() {
    let count = words::count(std::env::args().skip(1));
    println!("words: {count}");
    exit(count as i32);
}
`;
const WORDS = `pub fn count(words: impl Iterator<Item = String>) -> usize {
    words.count()
}

#[test]
fn counts() {
    assert_eq!(count(["a".to_string()].into_iter()), 2);
}
`;
const MANIFEST = (name: string) => `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n`;

Deno.test("rust: a crate and its dependency are built and run with its exit code, a test fails, and nothing is compiled twice", async () => {
  await using _tools = await fromDebian("rust");
  using home = makeHome();
  using session = beginSession(home, {
    "silo.toml": "[tools.rust]\n",
    "Cargo.toml": `${
      MANIFEST("count")
    }\n[dependencies]\nwords = { path = "words" }\n\n[workspace]\nmembers = ["words"]\n`,
    "src/main.rs": MAIN,
    "words/Cargo.toml": MANIFEST("words"),
    "words/src/lib.rs": WORDS,
  });
  const { path, run } = session;

  const first = await run("run", "cargo", "build", "--offline");
  eq(first.code, 0, first.stderr);
  match(first.stderr, /Compiling words v0\.1\.0 .*\n +Compiling count v0\.1\.0/);
  eq((await new Deno.Command(`${path}/target/debug/count`, { args: ["a", "b"] }).output()).code, 2);

  // A machine of its own, and what the one before made: cargo trusts the times of files, which the share has to keep.
  const ran = await run("run", "cargo", "run", "--offline", "--", "a", "b", "c");
  eq(ran.code, 3, ran.stderr);
  eq(ran.stdout, "words: 3\n");
  doesNotMatch(ran.stderr, /Compiling/);

  const failed = await run("run", "cargo", "test", "--offline", "--quiet", "-p", "words");
  eq(failed.code, 101);
  match(failed.stdout, /left: 1\n *right: 2/);

  session.write("words/src/lib.rs", WORDS.replace("words.count()", "words.cuont()"));
  const broken = await run("run", "cargo", "build", "--offline");
  eq(broken.code, 101);
  match(broken.stderr, /error\[E0599\]: no method named `cuont`/);
});
