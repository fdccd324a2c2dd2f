/**
 * Run in a closed network by `closed_network_test.ts`: names that change where they lead, and the addresses at which
 * clouds keep credentials, each with a listener that must stay untouched. Prints what root in the guest saw.
 */
import { silo } from "../harness.ts";
import { trustedProject } from "./lab.ts";
import { resolver } from "./resolver.ts";
import { type Counting, forbiddenServer } from "./servers.ts";

const GOOD = "203.0.113.7";
/** Public, and nobody listens there. */
const SILENT = "203.0.113.9";
const FORBIDDEN = [
  ...["127.0.0.1", "::1", "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"],
];

/** The answers of each kind of name, one look-up after the other; the last one stays. */
const ANSWERS: Record<string, string[][]> = {
  "turns": [[GOOD], ["127.0.0.1"]],
  "turned": [["127.0.0.1"], [GOOD]],
  "cloud": [[GOOD], ["169.254.169.254"]],
  "mixed": [[GOOD, "127.0.0.1", "::1"], ["127.0.0.1"]],
  "silent": [[SILENT, "127.0.0.1", "::ffff:127.0.0.1"], ["127.0.0.1"]],
  "hidden": [["::ffff:7f00:1"], ["127.0.0.1"]],
};

using names = await resolver((name, look) => {
  if (/^metadata\.google\.internal$|^instance-data\.ec2\.internal$/.test(name)) return ["169.254.169.254"];
  const answers = /\.rebind\.example$/.test(name) ? ANSWERS[name.split(".")[1]!] : undefined;
  return answers?.[Math.min(look, answers.length - 1)];
});
using servers = new DisposableStack();
const listeners = FORBIDDEN.map((address): [string, Counting] => [
  address,
  servers.use(forbiddenServer(address, 80)),
]);
await using _good = Deno.serve({ hostname: GOOD, port: 80, onListen() {} }, () => new Response("good"));

using project = await trustedProject({
  "silo.toml": `[network]\nallow = ["*"]\n`,
  "rebind.py": Deno.readTextFileSync(new URL("rebind.py", import.meta.url)),
});
const aim = { addresses: FORBIDDEN, names: Object.keys(ANSWERS) };
const run = await silo(["run", "--user", "root", "python", "rebind.py", JSON.stringify(aim)], { cwd: project.path });
console.log(JSON.stringify({
  ...{ code: run.code, stdout: run.stdout, stderr: run.stderr },
  looks: Object.fromEntries(names.looks),
  touched: listeners.filter(([, { connections }]) => connections() > 0).map(([address]) => address),
}));
