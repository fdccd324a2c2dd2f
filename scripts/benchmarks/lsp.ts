import process from "node:process";
import { Conversation, encode, type Message } from "../../src/lsp/conversation.ts";
import { frame, frameParts, FrameReader } from "../../src/lsp/frames.ts";
import { hostLinks } from "../../src/lsp/host_links.ts";
import { PathMap } from "../../src/lsp/path_map.ts";
import { summarize } from "./statistics.ts";

const DOCUMENT_BYTES = 1_000_000;
/** What a message may cost, milliseconds of the processor at the 99th percentile. */
const LIMIT_MS = 2;
const CHUNK_BYTES = 128 * 1024;

/**
 * What a message of a language server costs on its way through silo: framing, rewriting, framing again; over `count`
 * messages about a document of 1 MB, of the kinds that an editing person causes. Milliseconds on the clock, and of
 * processor time: on a machine that does other things as well, only the latter is the message's own. The exit code is 1
 * if that is too much.
 */
export function measureLsp(count: number): Promise<void> {
  const directory = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "silo-bench-lsp-" }));
  try {
    const uri = `file://${directory}/src/large%20file.py`;
    const kinds = messages(uri, sourceText());
    for (const [name, { host, guest }] of Object.entries(kinds)) {
      const map = new PathMap([{ host: directory, guest: "/workspace", writable: true }], "/nowhere", hostLinks);
      const conversation = new Conversation(map, performance.now.bind(performance));
      const costs: Cost[] = [];
      for (let i = 0; i < count; i++) {
        const question = host && measured(host(i), (body) => conversation.fromHost(body).forward);
        const answer = guest && measured(guest(i), (body) => conversation.fromGuest(body).forward);
        costs.push(sum(question, answer));
      }
      const clock = summarize(costs.map((cost) => cost.clock));
      const processor = summarize(costs.map((cost) => cost.processor));
      const ms = (value: number) => `${value.toFixed(3)} ms`;
      const shown = `median ${ms(clock.median)}, p99 ${ms(clock.p99)}; processor p99 ${ms(processor.p99)}`;
      const isOver = processor.p99 > LIMIT_MS;
      console.log(`${name.padEnd(48)} ${shown}${isOver ? `: over ${LIMIT_MS} ms` : ""}`);
      if (isOver) Deno.exitCode = 1;
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
  return Promise.resolve();
}

interface Cost {
  readonly clock: number;
  readonly processor: number;
}

function sum(a: Cost = NOTHING, b: Cost = NOTHING): Cost {
  return { clock: a.clock + b.clock, processor: a.processor + b.processor };
}
const NOTHING: Cost = { clock: 0, processor: 0 };

/** What one message takes, in the chunks that a pipe brings. */
function measured(message: unknown, rewrite: (body: Uint8Array) => Message | undefined): Cost {
  const bytes = frame(encode(message));
  const before = process.cpuUsage();
  const begun = performance.now();
  const reader = new FrameReader();
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    for (const body of reader.push(bytes.subarray(at, at + CHUNK_BYTES))) {
      const forward = rewrite(body);
      if (forward !== undefined) frameParts(forward);
    }
  }
  const clock = performance.now() - begun;
  const { user, system } = process.cpuUsage(before);
  return { clock, processor: (user + system) / 1_000 };
}

type Make = (i: number) => unknown;

function messages(uri: string, text: string): Record<string, { host?: Make; guest?: Make }> {
  const guestUri = "file:///workspace/src/large%20file.py";
  const range = { start: { line: 10, character: 4 }, end: { line: 10, character: 9 } };
  const position = { textDocument: { uri }, position: range.start };
  const ask = (method: string, params: unknown): Make => (id) => ({ jsonrpc: "2.0", id, method, params });
  const answer = (result: unknown): Make => (id) => ({ jsonrpc: "2.0", id, result });
  const change = (contentChanges: unknown): Make => (version) => ({
    jsonrpc: "2.0",
    method: "textDocument/didChange",
    params: { textDocument: { uri, version }, contentChanges },
  });
  const items = Array.from({ length: 1_000 }, (_, i) => ({
    label: `name_${i}`,
    kind: 3,
    sortText: `a${i}`,
    documentation: { kind: "markdown", value: `Does **${i}**.\n\n\`\`\`python\nname_${i}()\n\`\`\`` },
    data: { doc_uri: guestUri, id: i },
  }));
  const diagnostics = Array.from({ length: 200 }, (_, i) => ({ range, message: `E${i} in ${guestUri}`, source: "x" }));
  return {
    "didChange, a key": { host: change([{ range, text: "x" }]) },
    "didChange, the whole document of 1 MB": { host: change([{ text }]) },
    "definition, question and answer": {
      host: ask("textDocument/definition", position),
      guest: answer([{ uri: guestUri, range }]),
    },
    "completion, question and answer of 1,000 items": {
      host: ask("textDocument/completion", position),
      guest: answer({ isIncomplete: false, items }),
    },
    "publishDiagnostics, 200": {
      guest: () => ({
        jsonrpc: "2.0",
        method: "textDocument/publishDiagnostics",
        params: { uri: guestUri, diagnostics },
      }),
    },
  };
}

function sourceText(): string {
  const line = (i: number) => `    value_${i} = lookup("name ${i}", default='file:///workspace/${i}')  # \\n ${i}\n`;
  let text = "";
  for (let i = 0; text.length < DOCUMENT_BYTES; i++) text += line(i);
  return text;
}
