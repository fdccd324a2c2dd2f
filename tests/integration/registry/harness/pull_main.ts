/** A pull in a process of its own, to be killed: `pull_main.ts HOME REFERENCE`. Prints how many bytes it has. */
import { parseReference } from "../../../../src/images/reference.ts";
import { pullImage } from "../../../../src/images/registry/pull.ts";
import { testHost, testStore } from "./setup.ts";

const [home, reference] = Deno.args as [string, string];
await pullImage(testHost(home), testStore(home), parseReference(reference), {
  progress: ({ done }) => console.log(done),
});
