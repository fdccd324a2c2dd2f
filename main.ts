/**
 * silo: every development tool in a fresh, throw-away micro-VM. See docs/architecture.md.
 *
 * @module
 */
import { main } from "./src/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args, Deno.build.standalone ? await compiledName() : undefined));

/** Where silo is a script, in a checkout or beside a bundle, that one has put its name into the command line already. */
async function compiledName(): Promise<string | undefined> {
  const { calledAs } = await import("./src/cli/called_as.ts");
  const { default: process } = await import("node:process");
  return calledAs(process.argv0);
}
