/** The person's ssh-agent in a real machine: git clones with a key that never enters it. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { silo, until } from "../harness.ts";
import { ensureLab, LAB, trustedProject } from "./lab.ts";
import { sshServer } from "./servers.ts";

Deno.test("git clones over ssh with one key of the agent, and root in the sandbox gets no more than that", async () => {
  await ensureLab();
  const directory = Deno.makeTempDirSync({ prefix: "silo-agent-" });
  const agent = new Deno.Command("ssh-agent", {
    args: ["-D", "-a", `${directory}/agent`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const run = (program: string, ...args: string[]) => {
    const env = { SSH_AUTH_SOCK: `${directory}/agent` };
    const { success, stdout, stderr } = new Deno.Command(program, { args, env, stdin: "null" }).outputSync();
    if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  };
  try {
    await using server = await sshServer(directory);
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "hidden", "-f", `${directory}/hidden`);
    await until("the agent takes keys", () => {
      try {
        return run("ssh-add", "-q", server.key, `${directory}/hidden`) === "";
      } catch {
        return false;
      }
    });
    const wanted = run("ssh-keygen", "-lf", `${server.key}.pub`).split(" ")[1]!;
    const hidden = Deno.readTextFileSync(`${directory}/hidden.pub`).split(" ")[1]!;
    run("git", "init", "-q", "-b", "main", `${directory}/repository`);
    const identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    run("git", "-C", `${directory}/repository`, ...identity, "commit", "-q", "--allow-empty", "-m", "from the host");

    using project = await trustedProject({
      "silo.toml": `passSshAgent = ["${wanted}"]\n[network]\nhostPorts = [${server.port}]\n`,
      "attack.py": Deno.readTextFileSync(new URL("agent_attack.py", import.meta.url)),
    });
    const user = run("id", "-un").trim();
    const script = [
      "set -e",
      "stat -c '%a %U' $SSH_AUTH_SOCK",
      "ssh-add -l",
      "export GIT_SSH_COMMAND='ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR'",
      `git clone -q ssh://${user}@host.silo.internal:${server.port}${directory}/repository clone`,
      "git -C clone log --format=%s",
      `python3 attack.py ${hidden}`,
    ].join("\n");
    const options = { cwd: project.path, env: { SSH_AUTH_SOCK: `${directory}/agent` } };
    const { code, stdout, stderr } = await silo(["shell", LAB, "-c", script], options);
    eq(code, 0, stdout + stderr);
    const [socket, keys, subject, attacks] = stdout.trim().split("\n");
    match(socket!, /^600 /);
    ok(keys!.includes(wanted), stdout);
    eq(subject, "from the host");
    const answers = JSON.parse(attacks!) as Record<string, string>;
    const failure = "0000000105";
    for (const [name, answer] of Object.entries(answers)) {
      const ends = ["too long", "longest there is", "empty"].includes(name);
      eq(answer, ends ? "closed" : failure, name);
    }
    eq(Object.keys(answers).length, 16);
    // The agent is as it was: nothing was added, removed or locked.
    same(run("ssh-add", "-l").trim().split("\n").length, 2);
  } finally {
    agent.kill();
    await agent.status;
    Deno.removeSync(directory, { recursive: true });
  }
});
