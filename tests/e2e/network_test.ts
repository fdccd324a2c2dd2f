/**
 * The network of a sandbox, from inside a real VM: what honest programs need works, and root in the guest gets nothing
 * that no rule names. Every server is one of this machine's own.
 */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { silo, siloEnv } from "./harness.ts";
import { ensureLab, LAB, trustedProject } from "./network/lab.ts";
import { echoServer, forbiddenServer, postgresServer, sshServer } from "./network/servers.ts";

/** What a refused TCP connection is to its program. */
const ENDED = /^ConnectionResetError/;

const read = (name: string) => Deno.readTextFileSync(new URL(`network/${name}`, import.meta.url));

function networkLog(): Record<string, unknown>[] {
  const env = siloEnv();
  const text = Deno.readTextFileSync(`${env.SILO_HOME ?? `${env.HOME}/.silo`}/logs/network.jsonl`);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

async function git(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", { args, stdout: "null", stderr: "piped" }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

Deno.test("honest programs reach what a rule names, each in its own way, and are told what none names", async (t) => {
  await ensureLab();
  const directory = Deno.makeTempDirSync({ prefix: "silo-e2e-servers-" });
  try {
    await using ssh = await sshServer(directory);
    await using postgres = await postgresServer(directory);
    using echo = echoServer();
    using denied = forbiddenServer("127.0.0.1");
    await using http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => new Response(`served ${new URL(request.url).pathname}`),
    );
    await git("init", "-q", `${directory}/repository`);
    Deno.writeTextFileSync(`${directory}/repository/file`, "over ssh\n");
    const author = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
    await git("-C", `${directory}/repository`, "add", ".");
    await git("-C", `${directory}/repository`, ...author, "commit", "-qm", "x");

    const hostPorts = [ssh.port, postgres.port, echo.port, http.addr.port];
    using project = await trustedProject({
      "silo.toml": `[network]\nhostPorts = [${hostPorts}]\n`,
      "honest.py": read("honest.py"),
      "key": Deno.readTextFileSync(ssh.key),
    });
    const ports = {
      ssh: ssh.port,
      postgres: postgres.port,
      echo: echo.port,
      http: http.addr.port,
      denied: denied.port,
      user: Deno.env.get("USER") ?? "",
      repository: `${directory}/repository`,
    };
    const run = await silo(["run", LAB, "honest.py", JSON.stringify(ports)], { cwd: project.path });
    eq(run.code, 0, run.stderr);
    const seen = JSON.parse(run.stdout);

    await t.step("DNS answers allowed names alone, over UDP and TCP", () => {
      same(seen.dns, {
        "allowed": [0, 1],
        "allowed over TCP": [0, 1],
        "allowed, IPv6": [0, 0],
        "allowed, text": [0, 0],
        "denied": [3, 0],
        "denied over TCP": [3, 0],
        "resolver": true,
      });
      eq(seen.resolver_says_no_such_name, true);
    });
    await t.step("a raw socket, with half-close, and two hundred at once", () => {
      eq(seen.raw_socket, true);
      eq(seen.many_at_once, 200);
    });
    await t.step("git over ssh, and psql", () => {
      eq(seen.git_over_ssh, "over ssh\n");
      same(seen.psql.slice(0, 2), [0, "42"]);
    });
    await t.step("HTTP by the proxy, without one, with curl, over SOCKS", () => {
      eq(seen.http_through_the_proxy, "served /a");
      eq(seen.http_without_any_proxy, "served /b");
      same(seen.curl.slice(0, 2), [0, "served /c"]);
      same(seen.curl_over_socks.slice(0, 2), [0, "served /d"]);
    });
    await t.step("the package registry, whose authority this machine's owner may have added", () => {
      same(seen.registry_with_the_hosts_authority, [0, "200"]);
      eq(seen.the_distributions_bundle_has_it_too, 200);
      same(seen.node_fetch.slice(0, 2), [0, "200"]);
    });
    await t.step("the sandbox's own loopback stays its own", () => eq(seen.loopback_of_the_sandbox_is_its_own, 501));
    await t.step("variables in both cases", () => {
      const { environment } = seen;
      for (const name of ["HTTP_PROXY", "https_proxy", "all_proxy"]) eq(environment[name], "http://127.0.0.1:18018");
      eq(environment.no_proxy, "localhost,127.0.0.1,::1");
      eq(environment.NODE_USE_ENV_PROXY, "1");
    });
    await t.step("what is denied is answered at once, with the reason", () => {
      const reason = "silo: host denied.example.com is not allowed; silo config network allow denied.example.com\n";
      same(seen.denied_http, [403, reason]);
      match(seen.denied_connect[2], /403/);
      match(seen.denied_port, ENDED);
      match(seen.address_that_nobody_gave_out, ENDED);
      for (const name of ["denied_http", "denied_connect", "denied_port", "address_that_nobody_gave_out"]) {
        ok(seen.seconds[name] < 5, `${name} took ${seen.seconds[name]} s`);
      }
      eq(denied.connections(), 0);
    });
    await t.step("the end of the run names it, with the command that allows it", () => {
      match(run.stderr, /^silo: the network refused \d+ attempts:$/m);
      match(run.stderr, /^ {2}denied\.example\.com:80: host denied\.example\.com is not allowed/m);
      match(run.stderr, /^ {2}To allow: silo config network allow .*\bdenied\.example\.com\b/m);
      match(run.stderr, new RegExp(`add ${denied.port} to hostPorts in silo.toml`));
    });
    await t.step("and so do the log and `silo net log`", async () => {
      const line = networkLog().findLast((entry) => entry.host === "denied.example.com" && entry.via === "http");
      same([line?.tool, line?.kind, line?.port], [LAB, "rule", 80]);
      const { stdout } = await silo(["net", "log"]);
      match(stdout, /denied\.example\.com:80 +host denied\.example\.com is not allowed/);
    });
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("root in the guest reaches nothing that no rule names", async (t) => {
  await ensureLab();
  using forbidden = forbiddenServer();
  await using http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("good"));
  const own = Deno.networkInterfaces().filter(({ family }) => family === "IPv4").map(({ address }) => address);
  const aim = {
    addresses: [...new Set(own)],
    name: Deno.hostname(),
    port: forbidden.port,
    allowed: http.addr.port,
    tls: 443,
  };
  using project = await trustedProject({
    "silo.toml": `[network]\nallow = ["*"]\nhostPorts = [${http.addr.port}]\n`,
    "attack.py": read("attack.py"),
  });
  const run = await silo(["run", "--user", "root", LAB, "attack.py", JSON.stringify(aim)], { cwd: project.path });
  // The forged streams at its end may end the machine: then it was the guest's own doing.
  ok(run.code === 0 || run.code === 125, run.stderr);
  const seen = JSON.parse(run.stdout);
  const refused = (answers: string[]) => answers.filter((answer) => !/^HTTP\/1\.1 [45]\d\d|^$|^<Conn/.test(answer));

  await t.step("by interfaces and raw sockets of its own", () => {
    same(seen.own_interfaces.interfaces, ["lo"]);
    eq(seen.own_interfaces.answers.length, aim.addresses.length);
    ok(seen.own_interfaces.answers.every((answer: unknown) => answer === true), JSON.stringify(seen.own_interfaces));
  });
  await t.step("by addresses in any notation", () => {
    same(refused(seen.connect_to_every_notation), []);
    same(refused(seen.absolute_form_to_every_notation), []);
    same(refused(seen.host_ports_by_other_names), []);
    ok(seen.socks_to_addresses.every((code: number) => code !== 0), JSON.stringify(seen.socks_to_addresses));
    ok(seen.direct_addresses_nobody_gave_out.every((it: unknown) => it === true), JSON.stringify(seen));
  });
  await t.step("by requests inside requests", () => {
    same(refused([seen.host_that_differs, seen.nested_connect, ...seen.smuggled_requests]), []);
    eq(seen.pipelined_second_request[0], "200");
    ok(seen.pipelined_second_request.slice(1).every((code: string) => code !== "200"));
    same(refused(seen.names_with_controls), []);
  });
  await t.step("by what is spoken in a tunnel that a rule allows", () => {
    same(seen.tls_for_somebody_else, [true, true, true]);
    same(refused(seen.requests_in_an_allowed_tunnel), []);
  });
  await t.step("by DNS", () => ok(seen.dns_as_a_channel.every((code: number) => code === 3 || code === 0)));
  await t.step("and a flood keeps nobody else out", () => match(seen.floods, /^HTTP\/1\.1 200/));
  await t.step(
    "the listener that all of it was aimed at, forged streams too, is untouched",
    () => eq(forbidden.connections(), 0),
  );
  await t.step("and nothing of it drives the terminal", () => {
    // deno-lint-ignore no-control-regex
    ok(!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(run.stderr), JSON.stringify(run.stderr));
  });
});
