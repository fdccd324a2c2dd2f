/** `silo uninstall TOOL` */
import type { Host } from "../../host.ts";
import { uninstall } from "../../tools/install.ts";
import { say } from "../say.ts";

export async function uninstallCommand(host: Host, name: string, options: { keepImage?: boolean }): Promise<void> {
  const tool = await uninstall(host, name, options.keepImage === true);
  say(host, `Uninstalled ${tool.name} ${tool.version}`);
}
