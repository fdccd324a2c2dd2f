/** The helper protocol as far as it needs no machine: any helper on any platform has to pass. */
import { deepStrictEqual as same, match, ok } from "node:assert/strict";
import { NOTIFICATIONS, REQUESTS } from "../../src/helper/protocol.ts";
import { encodeFrame } from "../../src/helper/frames.ts";
import { GREETING, HELPER, HelperUnderTest, type Message } from "./helper.ts";

const directory = new URL("../fixtures/protocol/", import.meta.url);
const golden = (file: string): Message[] => JSON.parse(Deno.readTextFileSync(new URL(file, directory)));
const platform = Deno.build.os === "darwin" ? "macos" : "linux";

Deno.test("--version names the program and the protocol", async () => {
  const { code, stdout } = await new Deno.Command(HELPER, { args: ["--version"] }).output();
  same(code, 0);
  match(new TextDecoder().decode(stdout), /^silo-helper \d+\.\d+\.\d+, helper protocol 1\.\d+\n$/);
});

Deno.test("unknown arguments are refused with the usage", async () => {
  const { code, stderr } = await new Deno.Command(HELPER, { args: ["--nonsense"] }).output();
  same(code, 2);
  match(new TextDecoder().decode(stderr), /usage/);
});

Deno.test("initialize tells what the helper is", async () => {
  await using helper = new HelperUnderTest();
  const { result } = await helper.request("initialize", GREETING);
  REQUESTS.initialize.result.parse(result);
  same(result.protocol, "1.0");
  same(result.platform, platform);
  same(result.architecture, Deno.build.arch === "aarch64" ? "arm64" : "x86_64");
  same([result.driver, result.capabilities.shares], platform === "macos" ? ["apple", ["virtiofs"]] : ["qemu", ["9p"]]);
});

Deno.test("requests before initialize are out of order, and initialize comes once", async () => {
  await using helper = new HelperUnderTest();
  for (const method of ["host/probe", "machine/start", "process/start", "machine/stop"]) {
    same((await helper.request(method, {})).error.code, -32002, method);
  }
  ok((await helper.request("initialize", GREETING)).result);
  same((await helper.request("initialize", GREETING)).error.code, -32002);
});

for (const protocol of ["2.0", "0.9", "", "1", "one.two", "1.0.0"]) {
  Deno.test(`protocol ${JSON.stringify(protocol)} is refused with both versions, and the helper ends`, async () => {
    await using helper = new HelperUnderTest();
    const { error } = await helper.request("initialize", { ...GREETING, protocol });
    same(error.code, -32001);
    same([error.data.kind, error.data.client, error.data.helper], ["version", protocol, "1.0"]);
    ok(error.data.hint);
    same(await helper.exit(), 0);
  });
}

Deno.test("a later minor version is understood", async () => {
  await using helper = new HelperUnderTest();
  ok((await helper.request("initialize", { ...GREETING, protocol: "1.99" })).result);
});

Deno.test("host/probe says what works here, within a second of an idle machine", async () => {
  await using helper = await HelperUnderTest.greeted();
  const { result } = await helper.request("host/probe", {});
  REQUESTS["host/probe"].result.parse(result);
  const chosen = result.accelerators.find((one: Message) => one.name === result.accelerator);
  ok(chosen, "the accelerator that is chosen is among those that were looked at");
  for (const { reason } of [...result.accelerators, ...result.jail]) match(reason, /\S/);
});

Deno.test("what is no JSON-RPC is answered as JSON-RPC says, and the next request works", async () => {
  await using helper = await HelperUnderTest.greeted();
  const text = "{this is not JSON";
  await helper.raw(`Content-Length: ${text.length}\r\n\r\n${text}`);
  same((await helper.first("a parse error", (m) => m.error?.code === -32700)).id, null);
  await helper.send({ id: 70, method: "host/probe", params: {} });
  await helper.first("an invalid request", (m) => m.error?.code === -32600);
  same((await helper.request("no/such/method", {})).error.code, -32601);
  ok((await helper.request("host/probe", {})).result);
});

Deno.test("notifications from silo, known or not, are not answered", async () => {
  await using helper = await HelperUnderTest.greeted();
  await helper.send({ jsonrpc: "2.0", method: "host/probe", params: {} });
  await helper.send({ jsonrpc: "2.0", method: "no/such", params: {} });
  const id = await helper.post("host/probe", {});
  await helper.answer(id);
  same(helper.count((m) => m.method === undefined), 2); // initialize and the probe that had a number
});

Deno.test("messages may come in any pieces and together", async () => {
  await using helper = new HelperUnderTest();
  const frames = [
    encodeFrame({ jsonrpc: "2.0", id: 501, method: "initialize", params: GREETING }),
    encodeFrame({ jsonrpc: "2.0", id: 502, method: "host/probe", params: {} }),
  ];
  const all = new Uint8Array([...frames[0]!, ...frames[1]!]);
  for (const byte of all.subarray(0, 40)) await helper.raw(new Uint8Array([byte]));
  await helper.raw(all.subarray(40));
  ok((await helper.answer(501)).result && (await helper.answer(502)).result);
});

Deno.test("a header without an end ends the helper, which says why", async () => {
  await using helper = await HelperUnderTest.greeted();
  await helper.raw("X".repeat(100_000)).catch(() => {}); // it may be gone before it has read all of it
  await helper.exit();
  match(await helper.errors, /cannot read the messages/);
});

Deno.test("malformed parameters name their field", async () => {
  await using helper = await HelperUnderTest.greeted();
  for (const { name, message, field } of golden("invalid.json")) {
    const { error } = await helper.request(message.method, message.params);
    same(error?.code, -32013, name);
    if (field !== undefined) same(error.data.field, field, name);
  }
});

Deno.test("processes before a machine are out of order; those that never were are invalid", async () => {
  await using helper = await HelperUnderTest.greeted();
  const [start] = golden("process.json").filter((one) => one.message.method === "process/start");
  same((await helper.request("process/start", start!.message.params)).error.code, -32002);
  const signal = { process: 9, signal: "SIGINT", scope: "process" };
  same((await helper.request("process/signal", signal)).error.code, -32013);
  same((await helper.request("process/resize", { process: 9, rows: 1, columns: 1 })).error.code, -32013);
  ok((await helper.request("machine/stop", {})).result, "there is nothing to stop");
});

Deno.test("a machine of files that are not there is refused by the field's name, and leaves nothing", async () => {
  await using helper = await HelperUnderTest.greeted();
  const runDirectory = await Deno.makeTempDir({ prefix: "silo-conformance-" });
  const request = golden("machine.json").find((one) => one.message.method === "machine/start")!;
  const own = platform === "macos" ? { apple: { agent: "/nowhere/silo-guest" } } : {};
  const params = { ...request.message.params, runDirectory, dataSocket: `${runDirectory}/data`, ...own };
  const { error } = await helper.request("machine/start", params);
  same([error.code, error.data.field], [-32013, "kernel.path"]);
  same([...Deno.readDirSync(runDirectory)], []);
  same((await helper.request("machine/start", params)).error.code, -32002, "a helper runs one machine");
  await Deno.remove(runDirectory);
});

Deno.test("rootfs/create of an archive that is not there is refused, and leaves nothing", async () => {
  await using helper = await HelperUnderTest.greeted();
  const output = await Deno.makeTempDir({ prefix: "silo-conformance-" });
  const own = platform === "macos" ? {} : { linux: { mke2fs: ["/bin/false"] } };
  const params = { tar: "/nowhere.tar", output: `${output}/rootfs.ext4`, sizeMiB: 64, label: "", ...own };
  same((await helper.request("rootfs/create", params)).error.data.field, "tar");
  same((await helper.request("rootfs/create", { ...params, tar: HELPER, output: HELPER })).error.data.field, "output");
  const bad = await helper.request("rootfs/create", { ...params, tar: HELPER });
  same(bad.error?.data.kind, "rootfs");
  same([...Deno.readDirSync(output)], []);
  await Deno.remove(output);
});

Deno.test("the end of its input ends it", async () => {
  await using helper = await HelperUnderTest.greeted();
  await helper.hangUp();
  same(await helper.exit(), 0);
});

Deno.test("SIGTERM ends it in an orderly way, SIGINT and SIGHUP do not", async () => {
  const child = new Deno.Command(HELPER, { stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(encodeFrame({ jsonrpc: "2.0", id: 1, method: "initialize", params: GREETING }) as never);
  const reader = child.stdout.getReader();
  ok((await reader.read()).value);
  child.kill("SIGINT");
  child.kill("SIGHUP");
  await writer.write(encodeFrame({ jsonrpc: "2.0", id: 2, method: "machine/stop", params: {} }) as never);
  ok((await reader.read()).value, "it still answers");
  child.kill("SIGTERM");
  same((await child.status).code, 0);
  await reader.cancel();
  await writer.close().catch(() => {});
});

Deno.test("every message that was seen here has the protocol's shape", async () => {
  await using helper = await HelperUnderTest.greeted();
  await helper.request("host/probe", {});
  same(helper.count((m) => m.jsonrpc !== "2.0"), 0);
  const unknown = (m: Message) => m.method !== undefined && !(m.method in NOTIFICATIONS);
  same(helper.count(unknown), 0);
});
