/**
 * A real registry on loopback: Debian's docker-registry, with the kind of login that a test wants.
 *
 * @module
 */
import { runProgram, testProgram } from "./packages.ts";

export type RegistryAuth =
  | { readonly kind: "none" }
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "token"; readonly realm: string; readonly service: string; readonly certificate: string };

export interface RegistryServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
}

/** Starts a registry over the files in `data`; several may serve the same ones. */
export async function startRegistry(
  data: string,
  auth: RegistryAuth = { kind: "none" },
  tls?: { readonly certificate: string; readonly key: string },
): Promise<RegistryServer> {
  const directory = await Deno.makeTempDir({ prefix: "silo-registry-" });
  const config = {
    version: 0.1,
    log: { level: "info", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: data } },
    http: { addr: "127.0.0.1:0", secret: "of a test", ...(tls ? { tls } : {}) },
    ...await authConfig(auth, directory),
  };
  await Deno.writeTextFile(`${directory}/config.yml`, JSON.stringify(config)); // JSON is YAML
  const child = new Deno.Command(testProgram("docker-registry"), {
    args: ["serve", `${directory}/config.yml`],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const host = await listeningAddress(log);
  const drained = drain(log);
  return {
    host,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await drained;
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function authConfig(auth: RegistryAuth, directory: string): Promise<Record<string, unknown>> {
  if (auth.kind === "none") return {};
  if (auth.kind === "token") {
    const { realm, service, certificate } = auth;
    return { auth: { token: { realm, service, issuer: "silo-test", rootcertbundle: certificate } } };
  }
  const line = await runProgram("htpasswd", ["-nbB", auth.username, auth.password]);
  await Deno.writeTextFile(`${directory}/htpasswd`, line);
  return { auth: { htpasswd: { realm: "silo test", path: `${directory}/htpasswd` } } };
}

async function listeningAddress(log: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = "";
  for (;;) {
    const { done, value } = await log.read();
    if (done) throw new Error(`docker-registry did not start: ${text}`);
    text += value;
    const address = /listening on ([0-9.]+:\d+)/.exec(text)?.[1];
    if (address !== undefined) return address;
  }
}

async function drain(log: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await log.read()).done);
}
