/**
 * Run in a closed network by `offline_test.ts`: a day without any network, no resolver, nothing but this machine's
 * loopback. Prints what each command said and how long it took.
 */
import { makeHome } from "../homes.ts";
import { beginSession } from "./session.ts";

using home = makeHome();
using session = beginSession(home, { "silo.toml": "[tools.python]\n", "app.py": "print('at work')\n" });
const answers: Record<string, { code: number; stdout: string; stderr: string; seconds: number }> = {};

async function ask(name: string, ...args: string[]): Promise<void> {
  const { code, stdout, stderr, milliseconds } = await session.run(...args);
  answers[name] = { code, stdout, stderr, seconds: milliseconds / 1000 };
}

await ask("run", "run", "python", "app.py");
await ask("build", "build", "python", "echo built > /usr/local/built");
await ask("built", "run", "python", "-c", "print(open('/usr/local/built').read().strip())");
await ask("pip", "run", "pip", "install", "--quiet", "--retries=0", "requests");
await ask("add", "add", "jq");
await ask("install", "install", "psql");
await ask("doctor", "doctor");
await ask("list", "list", "--available");
session.write("silo.toml", "[tools.psql]\n");
await ask("sync", "sync");
console.log(JSON.stringify(answers));
