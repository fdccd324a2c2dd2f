import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import { DataSocket, parseHeader } from "../../../src/engine/data_socket.ts";
import { temporaryDirectory } from "../support.ts";

Deno.test("parseHeader() takes the streams of processes, those that the guest opened, and nothing else", () => {
  same(parseHeader('{"stream":"egress","via":"dns"}'), { stream: "egress", via: "dns" });
  same(parseHeader('{"process":2,"stream":"stdout"}'), { process: 2, stream: "stdout" });
  for (const bad of ["", "{", "null", "[]", '{"stream":"stdout"}', '{"process":1,"stream":"egress"}']) {
    eq(parseHeader(bad), undefined);
  }
});

Deno.test("a stream that the guest opened goes to whoever takes those, with its header and the bytes behind it", async () => {
  using directory = temporaryDirectory();
  const taken = Promise.withResolvers<[Deno.Conn, unknown, Uint8Array]>();
  const socket = new DataSocket(`${directory.path}/data`, (...stream) => taken.resolve(stream));
  const connection = await Deno.connect({ transport: "unix", path: socket.path });
  await connection.write(new TextEncoder().encode('{"stream":"egress","via":"dns"}\nabc'));
  const [end, header, first] = await taken.promise;
  same(header, { stream: "egress", via: "dns" });
  same(new TextDecoder().decode(first), "abc");
  end.close();
  connection.close();
  socket.close();
});

Deno.test("without anybody to take them, streams of the guest are closed", async () => {
  using directory = temporaryDirectory();
  const socket = new DataSocket(`${directory.path}/data`);
  const connection = await Deno.connect({ transport: "unix", path: socket.path });
  await connection.write(new TextEncoder().encode('{"stream":"egress","via":"proxy"}\n'));
  eq(await connection.read(new Uint8Array(1)).catch(() => null), null);
  connection.close();
  socket.close();
});

Deno.test("a stream is handed out with the bytes that came behind its header, however it is cut", async () => {
  using directory = temporaryDirectory();
  const socket = new DataSocket(`${directory.path}/data`);
  const connection = await Deno.connect({ transport: "unix", path: socket.path });
  for (const part of ['{"process":1,', '"stream":"stderr"}\nfirst', ""]) {
    await connection.write(new TextEncoder().encode(part));
  }
  const stream = await socket.stream("stderr");
  same(new TextDecoder().decode(stream.first), "first");
  stream.connection.close();
  connection.close();
  socket.close();
});

Deno.test("a connection without a header of ours is closed", async () => {
  using directory = temporaryDirectory();
  const socket = new DataSocket(`${directory.path}/data`);
  for (const text of ["nonsense\n", "x".repeat(5_000)]) {
    const connection = await Deno.connect({ transport: "unix", path: socket.path });
    await connection.write(new TextEncoder().encode(text));
    const end = await connection.read(new Uint8Array(1)).catch(() => null); // an end or a reset
    eq(end, null);
    connection.close();
  }
  socket.close();
});
