/** The questions of `silo init`. Only on a terminal. */
import { isCancel, multiselect, text } from "@clack/prompts";
import process from "node:process";
import { EXIT, printable, SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import type { InitAnswers, InitTool } from "../../../init/compose.ts";
import type { FoundTool } from "../../../init/detect.ts";
import { availableTools, readDefinition } from "../../../tools/registry.ts";
import { answersOf, type InitOptions } from "./init.ts";

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ui = { output: process.stderr, withGuide: false }; // stdout may be a pipe

/** Asks for what the flags did not say. */
export async function askInit(
  host: Host,
  found: readonly FoundTool[],
  given: readonly InitTool[],
  options: InitOptions,
): Promise<InitAnswers> {
  const tools = given.length > 0 ? [...given] : await askTools(host, found);
  const asked: InitTool[] = [];
  for (const tool of tools) {
    const usual = found.find((it) => it.tool === tool.tool)?.ports ?? [];
    const ports = options.port !== undefined || usual.length === 0 ? [] : await askPorts(tool.tool, usual);
    asked.push({ ...tool, ports });
  }
  const passEnv = options.passEnv ?? await askVariables();
  return answersOf(asked, { ...options, passEnv });
}

async function askTools(host: Host, found: readonly FoundTool[]): Promise<InitTool[]> {
  const names = [...new Set([...found.map(({ tool }) => tool), ...availableTools(host)])];
  const chosen = answered(
    await multiselect({
      ...ui,
      message: "Which tools does this project use? (space chooses, enter ends)",
      options: names.map((value) => ({ value, label: value, hint: hintOf(host, value, found) })),
      initialValues: found.map(({ tool }) => tool),
      required: false,
      maxItems: 12,
    }),
  );
  return chosen.map((tool) => ({ tool, markers: found.find((it) => it.tool === tool)?.markers ?? [], ports: [] }));
}

function hintOf(host: Host, tool: string, found: readonly FoundTool[]): string {
  const markers = found.find((it) => it.tool === tool)?.markers;
  return printable(markers?.slice(0, 3).join(", ") ?? readDefinition(host, tool)?.description ?? "");
}

async function askPorts(tool: string, usual: readonly number[]): Promise<(number | string)[]> {
  const words = answered(
    await text({
      ...ui,
      message: `Ports of ${tool}'s servers that you want to reach from here (none: leave empty)`,
      initialValue: usual.join(" "),
      validate: (value) => split(value).every(isPort) ? undefined : "Ports are 5173 or 8080:80",
    }),
  );
  return split(words).map((word) => /^\d+$/.test(word) ? Number(word) : word);
}

async function askVariables(): Promise<string[]> {
  const words = answered(
    await text({
      ...ui,
      message: "Variables of your environment that the tools may see, by name (none: leave empty)",
      placeholder: "CI GITHUB_TOKEN",
      validate: (value) => split(value).every((it) => VARIABLE.test(it)) ? undefined : "Names have letters, digits, _",
    }),
  );
  return split(words);
}

function split(value: string | undefined): string[] {
  return (value ?? "").split(/[\s,]+/).filter((word) => word !== "");
}

function isPort(word: string): boolean {
  return /^\d{1,5}(?::\d{1,5})?$/.test(word) && word.split(":").every((it) => Number(it) >= 1 && Number(it) <= 65_535);
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (!isCancel(answer)) return answer as Exclude<T, symbol>;
  throw new SiloError("could not go on: the question was left; nothing was written", {
    exitCode: EXIT.SIGNAL_BASE + 2,
  });
}
