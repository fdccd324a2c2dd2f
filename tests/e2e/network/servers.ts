/** Real servers on this machine's loopback, each run by the test's own user and gone with it. */
import { until } from "../harness.ts";

/** A TCP server of the test that counts what reaches it. */
export interface Counting extends Disposable {
  readonly port: number;
  readonly connections: () => number;
}

/** Sends back what it gets, and ends when its client does. */
export function echoServer(hostname = "127.0.0.1", port = 0): Counting {
  return serve(hostname, async (connection) => {
    const buffer = new Uint8Array(65_536);
    for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
      for (let at = 0; at < count;) at += await connection.write(buffer.subarray(at, count));
    }
  }, port);
}

/** A listener that nothing may ever reach. */
export function forbiddenServer(hostname = "0.0.0.0", port = 0): Counting {
  return serve(hostname, async (connection) => {
    await connection.write(new TextEncoder().encode("HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nsecret"));
  }, port);
}

function serve(hostname: string, talk: (connection: Deno.Conn) => Promise<void>, port = 0): Counting {
  const listener = Deno.listen({ hostname, port });
  let connections = 0;
  (async () => {
    for await (const connection of listener) {
      connections++;
      talk(connection).catch(() => {}).finally(() => {
        try {
          connection.close();
        } catch { /* it was */ }
      });
    }
  })().catch(() => {});
  return {
    port: listener.addr.port,
    connections: () => connections,
    [Symbol.dispose]: () => listener.close(),
  };
}

/** An sshd that lets this user in by one key. */
export async function sshServer(directory: string): Promise<{ port: number; key: string } & AsyncDisposable> {
  const key = `${directory}/client_key`;
  for (const path of [`${directory}/host_key`, key]) {
    await command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path);
  }
  Deno.copyFileSync(`${key}.pub`, `${directory}/authorized_keys`);
  const port = freePort();
  Deno.writeTextFileSync(
    `${directory}/sshd_config`,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${directory}/host_key`,
      `AuthorizedKeysFile ${directory}/authorized_keys`,
      `PidFile ${directory}/pid`,
      "UsePAM no",
      "StrictModes no",
      "PasswordAuthentication no",
    ].join("\n"),
  );
  const child = new Deno.Command("/usr/sbin/sshd", {
    args: ["-D", "-e", "-f", `${directory}/sshd_config`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await listening("sshd", port);
  return { port, key, [Symbol.asyncDispose]: () => end(child) };
}

/** A PostgreSQL whose one user is `me`. */
export async function postgresServer(directory: string): Promise<{ port: number } & AsyncDisposable> {
  const bin = [...Deno.readDirSync("/usr/lib/postgresql")].map(({ name }) => `/usr/lib/postgresql/${name}/bin`).sort()
    .at(-1)!;
  const data = `${directory}/data`;
  await command(`${bin}/initdb`, "-D", data, "-U", "me", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8");
  const port = freePort();
  const child = new Deno.Command(`${bin}/postgres`, {
    args: ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", directory, "-F"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await listening("postgres", port);
  return { port, [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGINT");
  } catch { /* it has ended */ }
  await child.status;
}

async function command(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdout: "null", stderr: "piped" }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function listening(what: string, port: number): Promise<void> {
  await until(
    `${what} listens`,
    () => Deno.connect({ hostname: "127.0.0.1", port }).then((it) => (it.close(), true), () => false),
  );
}
