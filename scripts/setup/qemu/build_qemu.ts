/** Builds silo's QEMU: `build_qemu.ts [--force]`. */
import { parseArgs } from "node:util";
import { realHost } from "../../../src/host.ts";
import { main, Steps } from "../steps.ts";
import { ensureOwnQemu } from "./own_qemu.ts";

await main(async () => {
  const { values } = parseArgs({ options: { force: { type: "boolean", default: false } } });
  const build = (progress: Parameters<typeof ensureOwnQemu>[1]) => ensureOwnQemu(realHost(), progress, values);
  await new Steps(1).run("silo's QEMU", build, ({ program, debian }) => `${program}, of Debian's ${debian}`);
});
