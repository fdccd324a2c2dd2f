/**
 * The `WWW-Authenticate` header with which a registry says how it wants to be asked.
 *
 * Grammar: RFC 9110, sections 5.6 and 11.6.1. One header may hold several challenges, and several headers arrive joined
 * by commas, so a comma separates parameters or challenges. Registries are not trusted, so what does not follow the
 * grammar is refused and not guessed.
 *
 * @module
 */

/** One way to authenticate. */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. A parameter that came twice makes the header invalid. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Longer headers are refused. In characters. */
const MAX_HEADER = 8192;

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const SPACE = /[ \t]*/y;
const QUOTED = /"((?:[\t !#-[\]-~\u0080-\u00ff]|\\[\t -~\u0080-\u00ff])*)"/y;

/**
 * Reads the value of a `WWW-Authenticate` header.
 *
 * @throws {SyntaxError} if it does not follow the grammar; the message says where.
 */
export function parseChallenges(header: string): Challenge[] {
  if (header.length > MAX_HEADER) throw new SyntaxError(`longer than ${MAX_HEADER} characters`);
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const fail = (what: string) => new SyntaxError(`${what} at character ${at + 1}`);

  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (;;) {
    // Empty list elements are legal (RFC 9110, section 5.6.1).
    for (take(SPACE); header[at] === ","; take(SPACE)) at++;
    if (at === header.length) return challenges;
    const name = take(TOKEN)?.[0].toLowerCase();
    if (name === undefined) throw fail("a name was expected");
    const hadSpace = take(SPACE)![0] !== "";

    if (header[at] === "=") {
      const current = challenges.at(-1);
      if (!current) throw fail("a parameter without a scheme");
      readParameter(current.parameters, name);
    } else {
      const challenge = { scheme: name, parameters: new Map<string, string>() };
      challenges.push(challenge);
      if (at < header.length && header[at] !== ",") {
        if (!hadSpace) throw fail("a space was expected");
        readFirst(challenge.parameters);
      }
    }
    take(SPACE);
    if (at < header.length && header[at] !== ",") throw fail("a comma was expected");
  }

  /** What follows the scheme: its first parameter, or one opaque token, which no scheme silo speaks makes use of. */
  function readFirst(parameters: Map<string, string>): void {
    const start = at;
    const name = take(TOKEN)?.[0].toLowerCase();
    take(SPACE);
    if (name !== undefined && header[at] === "=" && !/^=*[ \t]*(?:,|$)/.test(header.slice(at))) {
      return readParameter(parameters, name);
    }
    at = start;
    if (!take(TOKEN68)) throw fail("a parameter was expected");
  }

  function readParameter(parameters: Map<string, string>, name: string): void {
    at++; // the equals sign
    take(SPACE);
    const quoted = take(QUOTED);
    const value = quoted ? quoted[1]!.replace(/\\(.)/g, "$1") : take(TOKEN)?.[0];
    if (value === undefined) throw fail(`"${name}" has no valid value`);
    if (parameters.has(name)) throw fail(`"${name}" is there twice`);
    parameters.set(name, value);
  }
}
