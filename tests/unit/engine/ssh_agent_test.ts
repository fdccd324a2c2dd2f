/** The filter before the person's ssh-agent, with a scripted agent and, where there is one, OpenSSH's own. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import { planSshAgent } from "../../../src/engine/ssh_agent/plan_ssh_agent.ts";
import {
  AGENT,
  fingerprint,
  framed,
  keyToSign,
  parseIdentities,
  renderIdentities,
} from "../../../src/engine/ssh_agent/message.ts";
import { SshAgent, type SshAgentPlan } from "../../../src/engine/ssh_agent/serve_agent.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const string = (data: Uint8Array) => bytes(0, 0, data.length >> 8, data.length & 255, ...data);
const key = (name: string) => new TextEncoder().encode(name);
const sign = (name: string) => bytes(AGENT.signRequest, ...string(key(name)), ...string(key("data")), 0, 0, 0, 2);

Deno.test("identities come back as they were, and what is malformed is none", () => {
  const identity = fc.record(
    { blob: fc.uint8Array({ maxLength: 90 }), comment: fc.uint8Array({ maxLength: 9 }) },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(identity), fc.nat(), (identities, cut) => {
      const message = renderIdentities(identities);
      same(parseIdentities(message), identities);
      same(parseIdentities(message.subarray(0, cut % message.length)), undefined);
      same(parseIdentities(bytes(...message, 0)), undefined);
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (noise) => void [parseIdentities(noise), keyToSign(noise)]));
});

Deno.test("only listing and signing reach the agent", async () => {
  const { agent, asked } = scripted("all");
  const forbidden = [1, 9, 17, 18, 19, 20, 21, 22, 23, 25, 26, 27, 0, 2, 5, 6, 10, 12, 14, 255];
  for (const type of forbidden) same(await once(agent, bytes(type, 0, 0, 0, 0)), bytes(AGENT.failure));
  // With something behind them, the two are no such requests either.
  same(await once(agent, bytes(AGENT.requestIdentities, 0)), bytes(AGENT.failure));
  same(await once(agent, bytes(...sign("a"), 0)), bytes(AGENT.failure));
  same(asked, []);
  same((await once(agent, sign("a")))[0], AGENT.signature);
});

Deno.test("keys that are not listed are neither shown nor used", async () => {
  const { agent, asked } = scripted([await fingerprint(key("b"))]);
  const shown = parseIdentities(await once(agent, bytes(AGENT.requestIdentities)))!;
  same(shown.map(({ blob }) => new TextDecoder().decode(blob)), ["b"]);
  same(await once(agent, sign("a")), bytes(AGENT.failure));
  same((await once(agent, sign("b")))[0], AGENT.signature);
  same(asked.map(([type]) => type), [AGENT.requestIdentities, AGENT.signRequest]);
});

Deno.test("messages that are too long, empty, or never end close the connection and nothing else", async () => {
  const { agent, asked } = scripted("all");
  same(await raw(agent, bytes(0, 4, 0, 1, 11)), bytes());
  same(await raw(agent, bytes(255, 255, 255, 255)), bytes());
  same(await raw(agent, bytes(0, 0, 0, 0)), bytes());
  same(await raw(agent, bytes(0, 0, 0, 9, 11)), bytes());
  same(asked, []);
});

Deno.test("an agent that answers something else, or nobody, is a failure", async () => {
  for (const answer of [bytes(6), bytes(AGENT.identities, 0, 0, 0, 9), bytes(99, 1)]) {
    const { agent } = scripted("all", () => answer);
    same(await once(agent, bytes(AGENT.requestIdentities)), bytes(AGENT.failure));
  }
  const gone = new SshAgent({ socket: "/nowhere", keys: "all" });
  same(await once(gone, bytes(AGENT.requestIdentities)), bytes(AGENT.failure));
});

Deno.test("there is an agent only if a setting says so and the host has one", () => {
  const host = (name: string) => name === "SSH_AUTH_SOCK" ? "/tmp/agent" : undefined;
  same(planSshAgent(true, host), { socket: "/tmp/agent", keys: "all" });
  same(planSshAgent(["SHA256:x"], host), { socket: "/tmp/agent", keys: ["SHA256:x"] });
  for (const setting of [undefined, false, []]) same(planSshAgent(setting, host), null);
  same(planSshAgent(true, () => undefined), null);
});

Deno.test({ name: "OpenSSH's agent and its client, of two keys one", ignore: !has("ssh-agent") }, async () => {
  const directory = await Deno.makeTempDir({ prefix: "silo-ssh-" });
  const run = async (program: string, args: string[], socket: string) => {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args,
      env: { SSH_AUTH_SOCK: socket },
      stdin: "null",
    }).output();
    return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  };
  const real = new Deno.Command("ssh-agent", { args: ["-D", "-a", `${directory}/real`], stdout: "null" }).spawn();
  const ours = Deno.listen({ transport: "unix", path: `${directory}/ours` });
  try {
    for (const name of ["one", "two"]) {
      await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", `${directory}/${name}`], "");
      for (let tries = 0; (await run("ssh-add", ["-q", `${directory}/${name}`], `${directory}/real`)).code !== 0;) {
        if (++tries > 100) throw new Error("ssh-agent does not come up");
      }
    }
    const wanted = /SHA256:\S+/.exec((await run("ssh-keygen", ["-lf", `${directory}/one.pub`], "")).text)![0];
    const agent = new SshAgent({ socket: `${directory}/real`, keys: [wanted] });
    (async () => {
      for await (const connection of ours) agent.serve(connection, new Uint8Array());
    })().catch(() => {});
    const socket = `${directory}/ours`;
    match((await run("ssh-add", ["-l"], socket)).text, new RegExp(`^256 ${wanted.replaceAll("+", "\\+")} one .*\n$`));
    eq((await run("ssh-add", ["-T", `${directory}/one.pub`], socket)).code, 0); // signs, and checks what it got
    ok((await run("ssh-add", ["-T", `${directory}/two.pub`], socket)).code !== 0);
    for (const args of [["-D"], ["-x"], [`${directory}/two`], ["-d", `${directory}/one.pub`]]) {
      ok((await run("ssh-add", args, socket)).code !== 0, args.join(" "));
    }
    match((await run("ssh-add", ["-l"], `${directory}/real`)).text, /one[^]*two/); // nothing was taken away
  } finally {
    ours.close();
    real.kill();
    await real.status;
    await Deno.remove(directory, { recursive: true });
  }
});

function has(program: string): boolean {
  try {
    new Deno.Command(program, { args: ["-?"], stdout: "null", stderr: "null" }).outputSync();
    return true;
  } catch {
    return false;
  }
}

/** An agent with the keys a and b behind the filter, and what reached it. */
function scripted(keys: SshAgentPlan["keys"], answer?: (message: Uint8Array) => Uint8Array) {
  const asked: Uint8Array[] = [];
  const comment = new Uint8Array();
  const all = renderIdentities([{ blob: key("a"), comment }, { blob: key("b"), comment }]);
  const agent = new SshAgent({ socket: "/agent", keys }, () => {
    const [ours, theirs] = pipe();
    (async () => {
      for (let message; (message = await theirs.message()) !== undefined;) {
        asked.push(message);
        const own = message[0] === AGENT.signRequest ? bytes(AGENT.signature, 0, 0, 0, 0) : all;
        await theirs.write(framed(answer?.(message) ?? own));
      }
    })();
    return Promise.resolve(ours);
  });
  return { agent, asked };
}

async function once(agent: SshAgent, message: Uint8Array): Promise<Uint8Array> {
  return (await raw(agent, framed(message))).subarray(4);
}

async function raw(agent: SshAgent, sent: Uint8Array): Promise<Uint8Array> {
  const [ours, theirs] = pipe();
  await theirs.write(sent);
  await theirs.closeWrite();
  await agent.serve(ours, new Uint8Array());
  return theirs.all();
}

/** Two ends of a stream in memory. */
function pipe() {
  const [a, b] = [new Queue(), new Queue()];
  return [new End(a, b), new End(b, a)] as const;
}

class Queue {
  data: number[] = [];
  ended = false;
  wake = () => {};
}

class End {
  constructor(private readonly from: Queue, private readonly to: Queue) {}

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.from.data.length === 0) {
      if (this.from.ended) return null;
      await new Promise<void>((resolve) => this.from.wake = resolve);
    }
    const part = this.from.data.splice(0, Math.min(buffer.length, 3)); // in small pieces, as sockets may
    buffer.set(part);
    return part.length;
  }

  write(data: Uint8Array): Promise<number> {
    this.to.data.push(...data);
    this.to.wake();
    return Promise.resolve(data.length);
  }

  closeWrite(): Promise<void> {
    this.to.ended = true;
    this.to.wake();
    return Promise.resolve();
  }

  close(): void {
    for (const queue of [this.from, this.to]) {
      queue.ended = true;
      queue.wake();
    }
  }

  async message(): Promise<Uint8Array | undefined> {
    const got: number[] = [];
    const buffer = new Uint8Array(1);
    while (got.length < 4 || got.length < 4 + (got[2]! << 8 | got[3]!)) {
      if (await this.read(buffer) === null) return undefined;
      got.push(buffer[0]!);
    }
    return Uint8Array.from(got.slice(4));
  }

  all(): Uint8Array {
    return Uint8Array.from(this.from.data);
  }
}
