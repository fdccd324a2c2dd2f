/** Writes docs/commands.md and docs/silo.1 as the commands are now. */
import { references } from "./references.ts";

for (const [path, text] of references()) Deno.writeTextFileSync(path, text);
