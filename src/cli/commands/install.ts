/** `silo install TOOL[@VERSION]` */
import { SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { installFromDebian } from "../../tools/install.ts";
import { writeAll } from "../output.ts";
import { ProgressLine } from "../progress_line.ts";

export async function install(host: Host, word: string, options: { from: string; force?: boolean }): Promise<void> {
  const [tool, version, ...rest] = word.split("@");
  if (!tool || version === "" || rest.length > 0) {
    throw new SiloError(`could not understand ${word}: it has the form TOOL or TOOL@VERSION`);
  }
  if (options.from !== "debian") {
    throw new SiloError(`could not install ${tool} from ${options.from}: this version installs from debian only`, {
      hint: `silo install ${tool} --from debian`,
    });
  }
  const line = new ProgressLine(host);
  let installed;
  try {
    installed = await installFromDebian(host, { tool, version, force: options.force ?? false }, line.show);
  } finally {
    line.clear();
  }
  const names = installed.shims.map((shim) => shim.name).join(", ");
  writeAll(Deno.stdout, `Installed ${installed.name} ${installed.version}: silo ${installed.name} … (${names})\n`);
}
