/**
 * `bridge.ts EDITORS_DIRECTORY SERVERS_DIRECTORY COMMAND…`: a session between this process's own streams and a server of
 * this machine, which sees the same files under another name. What rewriting does shows without a machine.
 */
import { patientSink, patientSource } from "../../../src/engine/stdio.ts";
import { Conversation } from "../../../src/lsp/conversation.ts";
import { GuestCopies } from "../../../src/lsp/guest_copies.ts";
import { hostLinks } from "../../../src/lsp/host_links.ts";
import { PathMap } from "../../../src/lsp/path_map.ts";
import { EditorInput } from "../../../src/lsp/editor_input.ts";
import { Session } from "../../../src/lsp/session.ts";

const [host, guest, program, ...args] = Deno.args as [string, string, string, ...string[]];
const child = new Deno.Command(program, { args, cwd: guest, stdin: "piped", stdout: "piped" }).spawn();
const session = new Session({
  conversation: new Conversation(
    new PathMap([{ host, guest, writable: true }], "/nowhere", hostLinks),
    () => performance.now(),
  ),
  copies: new GuestCopies("/nowhere", () => Promise.resolve(undefined)),
  editor: { input: new EditorInput(patientSource(Deno.stdin)), output: patientSink(Deno.stdout) },
  stderr: patientSink(Deno.stderr),
  now: () => performance.now(),
});
const { stdin, stdout } = session.io;
const writer = child.stdin.getWriter();
const buffer = new Uint8Array(65_536);
const feeding = (async () => {
  for (let count = await stdin.read(buffer); count !== null; count = await stdin.read(buffer)) {
    await writer.write(buffer.slice(0, count));
  }
  await writer.close();
})();
feeding.catch(() => {}); // the server has ended
for await (const chunk of child.stdout) await stdout.write(chunk);
Deno.exit((await child.status).code);
