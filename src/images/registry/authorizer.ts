/**
 * Answers a registry's challenges and remembers the answer: one per endpoint and repository.
 *
 * @module
 */
import type { Credentials, CredentialSource } from "../credentials.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Clock } from "./clock.ts";
import { ContentFailure, LoginFailure } from "./failures.ts";
import { basic, requestToken } from "./token.ts";
import type { Transport } from "./transport.ts";

export interface AuthorizerOptions {
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** `HOST[:PORT]` by which logins are kept. */
  readonly host: string;
  /** The repository on that host, with the mirror's prefix. */
  readonly repository: string;
}

/** What is sent as `Authorization`. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  #header: { value: string; until: number } | undefined;
  #pending: Promise<string> | undefined;
  #credentials: Promise<Credentials | undefined> | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The header to send, or undefined as long as nothing was asked for. */
  current(): string | undefined {
    const header = this.#header;
    return header !== undefined && header.until > this.#options.clock.now() ? header.value : undefined;
  }

  /**
   * Makes the header that answers a 401.
   *
   * @param refused The header that the registry has just refused, if one was sent.
   * @param header The registry's `WWW-Authenticate`.
   * @throws {LoginFailure} if there is no login, or none that helps.
   */
  async answer(
    refused: string | undefined,
    header: string | null,
    registry: URL,
    signal?: AbortSignal,
  ): Promise<string> {
    // Several layers are asked for at once: one of them gets the token, the others take it.
    const current = this.current();
    if (current !== undefined && current !== refused) return current;
    this.#pending ??= this.#renew(refused, header, registry, signal).finally(() => this.#pending = undefined);
    return await this.#pending;
  }

  /** The login for this host, for messages. */
  async source(): Promise<string | undefined> {
    return (await this.#login())?.source;
  }

  #login(): Promise<Credentials | undefined> {
    return this.#credentials ??= this.#options.credentials(this.#options.host);
  }

  async #renew(
    refused: string | undefined,
    header: string | null,
    registry: URL,
    signal?: AbortSignal,
  ): Promise<string> {
    const { host, clock, transport } = this.#options;
    const credentials = await this.#login();
    const refusal = () => new LoginFailure(host, "it asks for a login and refuses what it gets", credentials?.source);
    const challenges = readChallenges(header, host);
    const keep = (value: string, until: number) => {
      if (value === refused) throw refusal();
      this.#header = { value, until };
      return value;
    };

    const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters.has("realm"));
    if (bearer && credentials?.kind === "bearer") return keep(`Bearer ${credentials.token}`, Infinity);
    if (bearer) {
      const token = await requestToken(transport, {
        registry,
        realm: bearer.parameters.get("realm")!,
        service: bearer.parameters.get("service"),
        scope: this.#scope(bearer),
        credentials,
        now: clock.now(),
        signal,
      });
      return keep(`Bearer ${token.value}`, token.until);
    }
    if (challenges.some(({ scheme }) => scheme === "basic")) {
      if (credentials?.kind !== "password") throw new LoginFailure(host, "it asks for a login", credentials?.source);
      return keep(basic(credentials.username, credentials.password), Infinity);
    }
    const schemes = challenges.map(({ scheme }) => scheme).join(", ");
    throw new LoginFailure(
      host,
      `it asks for a login in a way silo does not know (${schemes || "none named"})`,
      undefined,
    );
  }

  /**
   * The scope the registry asks for, as registries behind a path rewrite names; but never more than reading, and only
   * of repositories.
   */
  #scope(challenge: Challenge): string {
    const asked = /^repository:([^\s:]+(?::\d+[^\s:]*)?):[a-z,*]+$/.exec(challenge.parameters.get("scope") ?? "");
    return `repository:${asked?.[1] ?? this.#options.repository}:pull`;
  }
}

function readChallenges(header: string | null, host: string): Challenge[] {
  try {
    return parseChallenges(header ?? "");
  } catch (error) {
    throw new ContentFailure(host, `its WWW-Authenticate header is invalid: ${(error as Error).message}`, error);
  }
}
