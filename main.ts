/**
 * silo: every development tool in a fresh, throw-away micro-VM. See docs/architecture.md.
 *
 * @module
 */
import { main } from "./src/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
