/**
 * Asks a `docker-credential-NAME` program for a login.
 *
 * Protocol (docker-credential-helpers, README): run with the argument `get`, the server's name on stdin, a JSON object
 * `{ServerURL, Username, Secret}` on stdout. The user name `<token>` says that the secret is an identity token. A login
 * that is not there is a failure with a fixed text on stdout.
 *
 * @module
 */
import type { Host } from "../../host.ts";
import { reasonOf, SiloError } from "../../errors.ts";
import type { Credentials } from "../credentials.ts";

/** How long a helper may take: it may ask the person to unlock a key ring. In milliseconds. */
const HELPER_TIMEOUT_MS = 120_000;
/** What helpers print when they know no login (docker-credential-helpers, `credentials/error.go`). */
const NOT_FOUND = "credentials not found in native keychain";

/**
 * The login that a helper has for a server, or undefined if it has none.
 *
 * @throws {SiloError} if the helper is not installed, fails, or answers with something else.
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  host: Host,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  const fail = (why: string, details?: string, cause?: unknown) =>
    new SiloError(`could not get the login for ${server}: ${program} ${why}`, {
      details,
      hint: "Docker's config.json names this credential helper. Install it, log in again with docker login, " +
        "or remove its name from the file.",
      cause,
    });
  // The name comes from a file and ends up on PATH: it must stay a name.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw fail("is not the name of a program");

  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), HELPER_TIMEOUT_MS);
  let output: Deno.CommandOutput;
  try {
    const env = Object.entries(host.env).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const child = new Deno.Command(program, {
      args: ["get"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: Object.fromEntries(env),
      clearEnv: true,
      signal: abort.signal,
    }).spawn();
    [output] = await Promise.all([child.output(), tell(child.stdin, `${server}\n`)]);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) throw fail("is not on PATH", undefined, cause);
    throw fail(`cannot be run (${reasonOf(cause)})`, undefined, cause);
  } finally {
    clearTimeout(timer);
  }
  const text = new TextDecoder().decode(output.stdout);
  if (!output.success) {
    if (text.trim() === NOT_FOUND) return undefined;
    if (abort.signal.aborted) throw fail(`did not answer in ${HELPER_TIMEOUT_MS / 1000} s`);
    throw fail(`exited with ${output.code}`, `${text}${new TextDecoder().decode(output.stderr)}`.slice(0, 2000));
  }
  return readAnswer(text, program, fail);
}

function readAnswer(
  text: string,
  program: string,
  fail: (why: string) => SiloError,
): Credentials | undefined {
  let answer: { Username?: unknown; Secret?: unknown };
  try {
    answer = JSON.parse(text);
  } catch {
    throw fail("did not answer with JSON");
  }
  const { Username: username, Secret: secret } = answer ?? {};
  if (typeof username !== "string" || typeof secret !== "string") throw fail("answered without Username and Secret");
  if (username === "" && secret === "") return undefined;
  if (username === "<token>") return { kind: "identity", token: secret, source: program };
  return { kind: "password", username, password: secret, source: program };
}

/** Writes to a program that may not read: a closed pipe is its answer, not a failure of ours. */
async function tell(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch { /* its exit status tells more */ }
}
