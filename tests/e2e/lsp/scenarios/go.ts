import type { Scenario } from "../scenario.ts";

/** gopls, as the registry's own step installs it. */
export const GO: Scenario = {
  tool: "go",
  language: "go",
  files: {
    "go.mod": "module example.com/project\n\ngo 1.24\n",
    "tool/tool.go": `// Package tool greets.
package tool

// Greet greets somebody, as in file:///workspace/tool/tool.go.
func Greet(name string) string {
	return "hello " + name
}
`,
    "main.go": `package main

import (
	"strings"

	"example.com/project/tool"
)

func main() {
	var wrong int = "text"
	println(strings.ToUpper(tool.Greet("world")),   wrong)
}
`,
    "other/ü #1.go": `package other

import "example.com/project/tool"

var Again = tool.Greet("again")
`,
  },
  file: "main.go",
  project: { word: "Greet" },
  library: { word: "ToUpper" },
  complete: { word: "strings.", nth: 0 },
  rename: { file: "tool/tool.go", at: { word: "Greet", nth: 1 }, to: "Welcome" },
  symbol: "Greet",
  strange: { file: "other/ü #1.go", at: { word: "Greet" } },
  options: () => ({ symbolScope: "workspace" }), // else all of Go's own, of which it gives the first hundred
};
