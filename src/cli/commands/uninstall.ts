/** `silo uninstall TOOL` */
import type { Host } from "../../host.ts";
import { uninstall } from "../../tools/install.ts";
import { writeAll } from "../output.ts";

export async function uninstallCommand(host: Host, name: string, options: { keepImage?: boolean }): Promise<void> {
  const tool = await uninstall(host, name, options.keepImage === true);
  writeAll(Deno.stdout, `Uninstalled ${tool.name} ${tool.version}\n`);
}
