/** The helper speaks JSON-RPC as a library understands it that nobody of this project has written. */
import { deepStrictEqual as same, rejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import { createMessageConnection, ErrorCodes, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { REQUESTS } from "../../src/helper/protocol.ts";
import { GREETING, HELPER } from "./helper.ts";

Deno.test("vscode-jsonrpc greets the helper, is refused an unknown method, and sees it end", async () => {
  const child = spawn(HELPER, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  try {
    connection.listen();
    REQUESTS.initialize.result.parse(await connection.sendRequest("initialize", GREETING));
    await rejects(connection.sendRequest("no/such/method", {}), { code: ErrorCodes.MethodNotFound });
    connection.end();
    same(await ended, 0);
  } finally {
    connection.dispose();
    child.kill("SIGKILL");
  }
});
