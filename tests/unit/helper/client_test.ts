import { match, rejects, strictEqual as eq } from "node:assert/strict";
import { SiloError } from "../../../src/errors.ts";
import { HelperClient } from "../../../src/helper/client.ts";
import { fakeHelper, fakeHost, temporaryDirectory } from "../support.ts";

/** A helper in the given mode, closed at the end. */
async function withHelper(mode: string, test: (client: HelperClient) => Promise<void>): Promise<void> {
  using directory = temporaryDirectory();
  const client = new HelperClient(fakeHelper(directory.path, mode).path, fakeHost());
  try {
    await test(client);
  } finally {
    await client.close();
  }
}

const machine = (client: HelperClient, limitMs = 20_000) =>
  client.request("machine/start", { dataSocket: "/none" } as never, { doing: "start the sandbox" }, limitMs);

Deno.test("initialize() gives what the helper says of itself", async () => {
  await withHelper("normal", async (client) => eq((await client.initialize()).helper.name, "fake"));
});

Deno.test("initialize() names both versions if they do not fit, also when the helper ends right away", async () => {
  await withHelper("old", async (client) => {
    await rejects(client.initialize(), (error) => error instanceof SiloError && /1\.0.*9\.0/.test(error.message));
  });
});

Deno.test("a request to a helper that ends fails with the end of its stderr", async () => {
  await withHelper("crash-at-start", async (client) => {
    await client.initialize();
    await rejects(machine(client), (error) => {
      const { message, details } = error as SiloError;
      match(message, /silo-helper ended with code 3/);
      match(details!, /fake-helper: boom/);
      return true;
    });
  });
});

Deno.test("a request that is not answered fails when its time is over", async () => {
  await withHelper("silent", async (client) => {
    await client.initialize();
    await rejects(machine(client, 100), /did not answer within/);
  });
});

Deno.test("requests may be sent in one go", async () => {
  await withHelper("normal", async (client) => {
    const [greeting, started] = await Promise.all([client.initialize(), machine(client)]);
    eq(greeting.protocol, "1.0");
    eq(started.attempts, 1);
  });
});

Deno.test("a helper that is not there is named", () => {
  try {
    new HelperClient("/no/such/helper", fakeHost());
  } catch (error) {
    match((error as SiloError).message, /\/no\/such\/helper/);
    return;
  }
  throw new Error("it was started");
});
