/** Builds the helper and the guest agent: `build.ts [arguments of swift build]`. */
import { ensureSwift } from "../../src/debian/toolbox/swift.ts";
import { guestFromLinux } from "../../src/helper/locate.ts";
import { realHost } from "../../src/host.ts";
import { BUILD } from "./checkout.ts";
import { buildPrograms } from "./build_programs.ts";
import { main, Steps } from "./steps.ts";

await main(async () => {
  const host = realHost();
  const steps = new Steps(2);
  const toolchain = await steps.run("Swift compiler", (progress) => ensureSwift(host, progress));
  const build = (progress: Parameters<typeof buildPrograms>[2]) => buildPrograms(host, toolchain, progress, Deno.args);
  await steps.run(host.platform === "macos" ? "silo-helper" : "silo-helper and silo-guest", build, () => BUILD);
  const guest = `${BUILD}/silo-guest`;
  if (await Deno.stat(guest).then(() => false, () => true)) {
    console.error(`\nbuild: there is no ${guest} yet\n${guestFromLinux()}`);
  }
});
