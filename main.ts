/**
 * silo: every development tool in a fresh, throw-away micro-VM. See docs/architecture.md.
 *
 * @module
 */
import { main } from "./src/cli/main.ts";

if (import.meta.main) {
  const name = Deno.build.standalone ? await (await import("./src/cli/called_as.ts")).compiledName() : undefined;
  Deno.exit(await main(Deno.args, name));
}
