/** Runs `swift` with the compiler that scripts/build uses; exits as it does. */
import { ensureSwift, swiftCommand } from "../../src/debian/toolbox/swift.ts";
import { realHost } from "../../src/host.ts";
import { main } from "./steps.ts";

await main(async () => {
  const host = realHost();
  const [program, ...args] = await swiftCommand(host, await ensureSwift(host), Deno.args);
  const { code } = await new Deno.Command(program!, { args }).spawn().status;
  Deno.exit(code);
});
