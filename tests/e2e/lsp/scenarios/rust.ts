import type { Scenario } from "../scenario.ts";

/** rust-analyzer, as the registry's own step installs it. */
export const RUST: Scenario = {
  tool: "rust",
  language: "rust",
  files: {
    "Cargo.toml": '[package]\nname = "project"\nversion = "0.1.0"\nedition = "2021"\n',
    "Cargo.lock": 'version = 3\n\n[[package]]\nname = "project"\nversion = "0.1.0"\n',
    "src/tool.rs": `/// Greets somebody, as in file:///workspace/src/tool.rs.
pub fn greet(name: &str) -> String {
    format!("hello {name}")
}
`,
    "src/main.rs": `mod tool;

fn main() {
    let text = tool::greet("world");
    println!("{}",   text.to_uppercase());
    tool::greet();
}
`,
  },
  file: "src/main.rs",
  project: { word: "greet" },
  library: { word: "to_uppercase" },
  complete: { word: "text." },
  rename: { file: "src/tool.rs", at: { word: "greet", nth: 0 }, to: "welcome" },
  symbol: "greet",
  // Without cargo's own check: what the server finds itself is there at once and the same each time.
  options: () => ({ checkOnSave: false, cargo: { buildScripts: { enable: false } }, procMacro: { enable: false } }),
  tellsStatus: true,
};
