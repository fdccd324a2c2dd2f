/**
 * Reads the values of secrets on the host, for the egress alone.
 *
 * @module
 */
import type { SecretSetting } from "../config/config.ts";
import { reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { placeholderFor } from "../network/secrets/placeholder.ts";
import { Secret, secretHosts } from "../network/secrets/secret.ts";

/** More than a secret may have; a file that is longer is another file. */
const MAX_FILE_BYTES = 65_536;

/**
 * The secrets whose values are there. A variable that is not set on the host is left out, as with `passEnv`; a file
 * that cannot be read is an error.
 *
 * @throws {SiloError} that names the secret, and never its value.
 */
export function readSecrets(
  settings: Readonly<Record<string, SecretSetting>>,
  host: Pick<Host, "env">,
  readFile: (path: string) => string = readSecretFile,
): Secret[] {
  return Object.entries(settings).flatMap(([name, { from, hosts }]) => {
    secretHosts(name, hosts); // a wrong host is told even if there is no value
    const [kind, place] = [from.slice(0, from.indexOf(":")), from.slice(from.indexOf(":") + 1)];
    const value = kind === "env" ? host.env[place] : fromFile(name, place, readFile);
    if (value === undefined || value === "") return [];
    const trimmed = value.replace(/[\r\n]+$/, "");
    return [new Secret(name, placeholderFor(trimmed), hosts, trimmed)];
  });
}

function fromFile(name: string, path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (cause) {
    throw new SiloError(`could not read secret ${name} from ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function readSecretFile(path: string): string {
  // Asked before opening, which would wait for ever on a FIFO.
  const info = Deno.statSync(path);
  if (!info.isFile || info.size > MAX_FILE_BYTES) throw new SiloError("it is no file with a secret in it");
  return Deno.readTextFileSync(path);
}
