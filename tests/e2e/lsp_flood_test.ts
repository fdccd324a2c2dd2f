/** A server that speaks as fast as it can costs silo no memory, and the editor's own messages get through. */
import { equal, ok } from "node:assert/strict";
import { Scripted } from "./lsp/scripted.ts";
import { ensureTool } from "./lsp/tools.ts";
import { peakResidentMiB } from "./processes.ts";
import { BYTE_RATE, MESSAGE_RATE } from "../../src/lsp/limits.ts";

const PINGS = 100;
const EVERY_MS = 50;
/** What may pass in the time that the machine needs for other things, per second and at once. */
const SLACK = 1.5;

for (const [what, size] of [["small messages", 10], ["messages of a megabyte", 1_000_000]] as const) {
  Deno.test(`a flood of ${what} is slowed down, held in no memory, and starves nobody`, async () => {
    await ensureTool("test-lsp");
    using session = await Scripted.begin("polite");
    const { client } = session;
    const before = peakResidentMiB(client.process.pid!);
    const begun = performance.now();
    await client.tell("x/flood", { size });
    for (let i = 0; i < PINGS; i++) {
      await client.tell("x/ping");
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS)); // a person's pace
    }
    const { heard, longest } = await client.ask("stop", "x/stop");
    const seconds = (performance.now() - begun) / 1_000;
    const messages = client.notifications.filter((it) => it.method === "x/flood").length;
    const figures = `${messages} messages in ${seconds} s, the longest silence ${longest} s`;
    equal(heard, PINGS, figures); // all, and in their order before the question
    ok(longest < 3, figures);
    ok(messages > 0 && messages <= SLACK * (MESSAGE_RATE.burst + MESSAGE_RATE.perSecond * seconds), figures);
    ok(messages * size <= SLACK * (BYTE_RATE.burst + BYTE_RATE.perSecond * seconds), figures);
    const grown = peakResidentMiB(client.process.pid!) - before;
    ok(grown < 150, `silo grew by ${grown} MiB; ${figures}`);
    await client.ask("shutdown", "shutdown");
    await client.tell("exit");
    await session.endsWith(0);
  });
}
