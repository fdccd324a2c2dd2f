import type { Scenario } from "../scenario.ts";

/** rust-analyzer, as the registry's own step installs it. */
export const RUST: Scenario = {
  tool: "rust",
  language: "rust",
  files: {
    // Not one of crates.io: the server would need the network for it, as it does for what the standard library needs.
    "Cargo.toml": `[package]
name = "project"
version = "0.1.0"
edition = "2021"

[dependencies]
windows-targets = { path = "/usr/lib/rustlib/src/rust/library/windows_targets" }
`,
    "src/tool.rs": `/// Greets somebody, as in file:///workspace/src/tool.rs.
pub fn greet(name: &str) -> &str {
    name
}
`,
    "src/main.rs": `use windows_targets as targets;

mod tool;

fn main() {
    let text = tool::greet("world");
    println!("{}",   text);
    tool::greet();
}
`,
    "src/bin/ü #1.rs": `#[path = "../tool.rs"]
mod tool;

fn main() {
    tool::greet("again");
}
`,
  },
  file: "src/main.rs",
  project: { word: "greet" },
  library: { word: "windows_targets" },
  complete: { word: "tool::", nth: 0 },
  rename: { file: "src/tool.rs", at: { word: "greet", nth: 0 }, to: "welcome" },
  strange: { file: "src/bin/ü #1.rs", at: { word: "greet" } },
  symbol: "greet",
  // Without cargo's own check: what the server finds itself is there at once and the same each time. And without the
  // standard library, which an emulated server reads for minutes; the library that is asked about is another.
  options: () => ({
    checkOnSave: false,
    cargo: { buildScripts: { enable: false }, sysroot: null },
    procMacro: { enable: false },
  }),
  tellsStatus: true,
};
