/** Every command line that silo's help and documents print, and that it has promised before, is one that it understands. */
import { deepStrictEqual as same, ok } from "node:assert/strict";
import type { Command } from "commander";
import { afterTool, requestOf } from "../../../src/cli/commands/build/build.ts";
import { installRequest } from "../../../src/cli/commands/install.ts";
import { shimsOf } from "../../../src/cli/commands/tools/shim.ts";
import { leadingFlags } from "../../../src/cli/global_flags.ts";
import { parseRun } from "../../../src/cli/parse_run.ts";
import { describeProgram } from "../../../src/cli/program.ts";
import { commandEntries, programEntry } from "../../../src/cli/reference/entries.ts";
import { availableTools, readDefinition } from "../../../src/tools/registry.ts";
import { isCommand } from "../../../src/tools/reserved_names.ts";
import { fakeHost } from "../support.ts";

/** What people know from silo's earlier documents, beside what it prints today. */
const PROMISED = `
silo run python -- script.py
silo run python --version
silo run --timing python --version
silo run node npm run dev
silo npm test
silo claude
silo claude -- --help
silo opencode -- --version
silo shell python
silo install python@3.12
silo install claude-code
silo install mytool --image ghcr.io/owner/tool:1 --shim a,b:c --cpus 2 --memory 4096 --network api.example.com
silo install --force python
silo uninstall python --keep-image
silo list --available
silo current python
silo doctor
silo doctor --bundle FILE.zip
silo reset
silo use python@3.12
silo unuse --global python
silo pin python
silo unpin python
silo shim python add ipython
silo shim python add ipython:python -m IPython
silo shim python add ipython black mypy
silo shim python remove ipython
silo shim python list
silo shellenv pwsh
silo init
silo init --no-interactive --tool node --port 5173 --pass-env CI
silo sync
silo pull
silo apply --dry-run --force
silo build node npm install
silo build node -- npm install
silo build --global python pip install poetry
silo build node npx playwright install --with-deps
silo build node --remove
silo build --global python --remove
silo build python --script setup.sh
silo build --rerun --all
silo setup python pip install x
silo rebuild node
silo rebuild --all
silo rebuild python --setup "pip install -U pip"
silo add kotlin
silo add ripgrep jq
silo add --step 'npm install -g pnpm' --for node --global --no-sync
silo projects ls
silo clean
silo clean --orphaned
silo clean --rootfs-only
silo clean --caches-only
silo clean --force
silo config show
silo config paths
silo config edit
silo config default
silo config init
silo config init --global
silo config init --local
silo config migrate
silo config network allow node 'corp.registry.io'
silo config ports add node 5173
silo trust
silo net log
silo run --net learn python
silo run --report out.html python app.py
silo cache report
silo cache list
silo cache gc
silo cache gc --dry-run
silo cache gc --images
silo cache gc --tool-caches
silo cache gc --max-size 2048
silo cache gc --max-age 30
silo cache compress
silo cache compress --all
silo cache compress --dry-run
silo cache clean
silo cache clean --safe
silo cache clean --rootfs
silo cache clean --containers
silo cache clean --all
silo prune
silo ls
silo ls -q
silo rm
silo rm myproject-1 myproject-2
silo exec myproject-1 bash
silo lsp python
silo ide vscode
silo ide zed
silo ide neovim
`;

const host = fakeHost();
const examples = [programEntry(host), ...commandEntries(host)].map(({ help }) => help.split("\nExamples:\n")[1] ?? "");
const programs = new Set(
  availableTools(host).flatMap((name) => [
    name,
    ...readDefinition(host, name)!.shims.map((shim) => shim.name),
  ]),
);
const root = new URL("../../../", import.meta.url);
const documents = ["README.md", ...[...Deno.readDirSync(new URL("docs", root))].map(({ name }) => `docs/${name}`)]
  .filter((name) => name.endsWith(".md")).map((name) => Deno.readTextFileSync(new URL(name, root)))
  .flatMap((text) => [...text.matchAll(/^```\w*\n(.*?)^```/gms)].map((match) => match[1]!))
  .filter((block) => !block.startsWith("Usage:"));

Deno.test("what silo has promised before is still understood", async () => {
  same(await misunderstood(linesOf(PROMISED)), []);
});

Deno.test("the examples of every command's help are understood", async () => {
  const lines = linesOf(examples.join("\n"));
  ok(lines.length > 100, `${lines.length}`);
  same(await misunderstood(lines), []);
});

Deno.test("the command lines in the documents are understood", async () => {
  const lines = linesOf(documents.join("\n"));
  ok(lines.length > 50, `${lines.length}`);
  same(await misunderstood(lines), []);
});

/** The lines that begin with silo, alone or in `$(…)`, without remarks and with what a shell makes of their quotes. */
function linesOf(text: string): string[][] {
  return text.split("\n")
    .map((line) => /^\s*(?:\$ |.*\$\(|[^|#]*\| )?silo(?![^\s)`])(.*)$/.exec(line)?.[1])
    .filter((rest) => rest !== undefined && !rest.includes("…")).map((rest) => wordsOf(rest!));
}

/** Words up to a remark (after `#` or two blanks) or what else a shell would take for its own. */
function wordsOf(rest: string): string[] {
  const words: string[] = [];
  for (const [whole, blanks, word] of rest.matchAll(/(\s*)((?:'[^']*'|"[^"]*"|[^\s'"])+)/g)) {
    if (words.length > 0 && blanks!.length > 1 || /^(#|\||>|<|;|&&|\))/.test(word!)) break;
    words.push(word!.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2").replace(/[)`;]+$/, ""));
    if (/[);]$/.test(whole!)) break;
  }
  return words;
}

async function misunderstood(lines: readonly string[][]): Promise<string[]> {
  const wrong: string[] = [];
  for (const line of lines) {
    try {
      await understand(line);
    } catch (error) {
      wrong.push(`silo ${line.join(" ")}: ${(error as Error).message}`);
    }
  }
  return wrong;
}

async function understand(line: readonly string[]): Promise<void> {
  const words = line.slice(leadingFlags(line).count);
  const [first = "help", ...rest] = words;
  if (first === "run" || first === "shell" || first === "lsp") {
    parseRun(first === "lsp" ? "run" : first, rest);
  } else if (!first.startsWith("-") && !isCommand(first)) {
    ok(programs.has(first), "neither a command nor a program of a tool");
    parseRun("run", words);
  } else await mute(describeProgram(host, { code: 0 }, () => {})).parseAsync([first, ...rest], { from: "user" });
}

/** The command that does nothing but look whether its words fit together. */
function mute(command: Command): Command {
  const name = command.name();
  for (const inner of command.commands) mute(inner);
  if (command.commands.length > 0) return command;
  return command.action((...given: unknown[]) => {
    const [word, words] = given as [string | undefined, string[]]; // what the command's own arguments are
    const options = given.at(-2) as Record<string, never>;
    if (name === "install") installRequest(word, { ...options, setup: undefined } as never);
    if (name === "build" || name === "setup" || name === "rebuild") {
      const after = afterTool(words, options);
      requestOf(name, word, after.words, after.options);
    }
    if (name === "shim" && given[1] === "add") shimsOf(given[2] as string[]);
  });
}
