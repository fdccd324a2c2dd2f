/**
 * silo: every development tool in a fresh, throw-away micro-VM. See docs/architecture.md.
 *
 * @module
 */
import { compiledName } from "./src/cli/called_as.ts";
import { main } from "./src/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args, Deno.build.standalone ? await compiledName() : undefined));
