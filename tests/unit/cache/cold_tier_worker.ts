/** Compresses and unpacks an entry until it is killed. */
import { coolDown, warmUp } from "../../../src/cache/cold_tier.ts";

console.log("begins");
while (true) {
  await coolDown(Deno.args[0]!);
  await warmUp(Deno.args[0]!);
}
