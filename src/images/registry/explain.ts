/**
 * One message for a person out of whatever went wrong between silo and a registry: what, where, why, what to do.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import { DEFAULT_REGISTRY, type Reference, shortReference } from "../reference.ts";
import { ConnectionFailure, ContentFailure, DigestFailure, LoginFailure, StatusFailure } from "./failures.ts";
import { ManifestError } from "./manifest.ts";

/** What {@link explain} cannot tell from the failure itself. */
export interface Circumstances {
  readonly reference: Reference;
  /** Where the login that was used came from; undefined if none was. */
  readonly login?: string | undefined;
  /** What the mirrors said before, one line each. */
  readonly mirrors?: readonly string[];
}

/** The error to show. What is no failure of a registry is returned as it is. */
export function explain(failure: unknown, { reference, login, mirrors = [] }: Circumstances): unknown {
  const name = shortReference(reference);
  const error = (why: string, hint: string) =>
    new SiloError(`could not pull ${name}: ${why}`, {
      hint,
      cause: failure,
      details: mirrors.length > 0 ? `Mirrors were asked first:\n${mirrors.join("\n")}` : undefined,
    });
  const { registry } = reference;
  const loginCommand = `docker login${registry === DEFAULT_REGISTRY ? "" : ` ${registry}`}`;

  if (failure instanceof LoginFailure) {
    const { host, source } = failure;
    return source === undefined
      ? error(
        `${host} asks for a login (${failure.message})`,
        `Log in with: ${loginCommand}\nor check the name of the image.`,
      )
      : error(`${host} refuses the login from ${source} (${failure.message})`, `Log in again with: ${loginCommand}`);
  }
  if (failure instanceof StatusFailure) return error(...statusText(failure, registry, login, loginCommand));
  if (failure instanceof ConnectionFailure) {
    return error(`no connection to ${failure.message}`, connectionHint(failure));
  }
  if (failure instanceof DigestFailure) {
    return error(
      `${failure.host}: ${failure.message}`,
      "Something between here and the registry changes what passes, or the registry is damaged. Nothing of it was used.",
    );
  }
  if (failure instanceof ContentFailure) {
    return error(`${failure.host}: ${failure.message}`, "The registry is misconfigured or not one: check its address.");
  }
  if (failure instanceof ManifestError) return error(failure.message, "Check the name; silo runs Linux images only.");
  return failure;
}

/** Why and what to do. */
function statusText(
  failure: StatusFailure,
  registry: string,
  login: string | undefined,
  loginCommand: string,
): [why: string, hint: string] {
  const { status, message, retryAfterMs } = failure;
  const asWhom = login === undefined ? "without a login" : `with the login from ${login}`;
  if (status === 401 || status === 403) {
    return [`${message}, ${asWhom}`, `Check the name of the image, and that you may read it: ${loginCommand}`];
  }
  if (status === 404) return [`${message}: there is no such image or tag`, "Check the name and the tag."];
  if (status === 429) {
    const wait = retryAfterMs === undefined ? "Wait a while" : `Wait ${Math.ceil(retryAfterMs / 1000)} s`;
    const limit = login === undefined ? `; with a login (${loginCommand}) the limit is often higher` : "";
    return [`${message}: too many requests`, `${wait} and try again${limit}. A mirror helps too.`];
  }
  if (status >= 500) return [`${message}, again and again`, `${registry} has a problem of its own. Try again later.`];
  return [message, "Check the address of the registry."];
}

function connectionHint({ message }: ConnectionFailure): string {
  if (/certificate|UnknownIssuer/i.test(message)) {
    return "If your network inspects TLS, set DENO_TLS_CA_STORE=system,mozilla or SSL_CERT_FILE. " +
      "A registry without TLS has to be named in the setting registries.plainHttp.";
  }
  if (/dns error|lookup/i.test(message)) {
    return "Check the registry's name, the network, and HTTPS_PROXY if you need a proxy.";
  }
  return "Check the network, and HTTPS_PROXY if you need a proxy. What was loaded so far is kept.";
}
