/** `silo install TOOL[@VERSION]`, `silo install --image REF` */
import { SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { parseShim, type Shim } from "../../tools/definition.ts";
import type { InstallRequest } from "../../tools/install.ts";
import { writeAll } from "../output.ts";
import { ProgressLine } from "../progress_line.ts";

export interface InstallOptions {
  readonly from?: string;
  readonly image?: string;
  readonly name?: string;
  readonly shim?: readonly string[];
  readonly force?: boolean;
}

export async function install(host: Host, word: string | undefined, options: InstallOptions): Promise<void> {
  const request = installRequest(word, options);
  const { install } = await import("../../tools/install.ts");
  const line = new ProgressLine(host);
  let installed;
  try {
    installed = await install(host, request, line.show);
  } finally {
    line.clear();
  }
  const names = installed.shims.map((shim) => shim.name).join(", ") || "what the image runs";
  writeAll(Deno.stdout, `Installed ${installed.name} ${installed.version}: silo ${installed.name} … (${names})\n`);
}

/**
 * The request that a command line stands for.
 *
 * @throws {SiloError} if its words do not fit together.
 */
export function installRequest(word: string | undefined, options: InstallOptions): InstallRequest {
  const { image, name, shim, from, force = false } = options;
  const wrong = (why: string, hint?: string) =>
    new SiloError(`could not understand the command line: ${why}`, { hint: hint ?? "`silo help install` shows how." });
  if (image !== undefined) {
    if (word !== undefined) {
      throw wrong(
        `${word} and --image both say what to install`,
        `To give the image a name: silo install --image ${image} --name ${word}`,
      );
    }
    if (from !== undefined) throw wrong("--from is for tools by name, --image says itself where it is");
    return { image, name, shims: shim?.flatMap(parseShims), force };
  }
  if (word === undefined) throw wrong("no tool is named", "For example: silo install python");
  if (name !== undefined || shim !== undefined) throw wrong("--name and --shim go with --image only");
  const [tool, version, ...rest] = word.split("@");
  if (!tool || version === "" || rest.length > 0) {
    throw new SiloError(`could not understand ${word}: it has the form TOOL or TOOL@VERSION`);
  }
  if (from !== undefined && from !== "debian" && from !== "registry") {
    throw wrong(`--from ${from} is no source`, "It is registry or debian; any other image: silo install --image REF");
  }
  return { tool, version, from, force };
}

function parseShims(list: string): Shim[] {
  return list.split(",").map((text) => {
    const shim = parseShim(text);
    if (shim !== undefined) return shim;
    throw new SiloError(`could not understand --shim ${list}: "${text}" is neither NAME nor NAME:COMMAND`, {
      hint: "For example: --shim python:python3,pip",
    });
  });
}
