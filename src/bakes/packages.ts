/**
 * `silo add`: from words to a step of a build. Pure.
 *
 * @module
 */
import { SiloError } from "../errors.ts";

/** Languages by the packages that make them up, as Debian names them. */
export const LANGUAGES: Readonly<Record<string, readonly string[]>> = {
  java: ["default-jdk-headless"],
  kotlin: ["default-jdk-headless", "kotlin"],
  ruby: ["ruby-full", "build-essential"],
  perl: ["perl"],
  php: ["php-cli"],
  lua: ["lua5.4"],
  c: ["build-essential"],
  haskell: ["ghc"],
};

/** Debian's policy, 5.6.1, and a version if one is wanted. */
const PACKAGE = /^[a-z0-9][a-z0-9+.-]+(=[A-Za-z0-9.+:~-]+)?$/;

/**
 * The step that installs packages and languages.
 *
 * @throws {SiloError} if a word can be neither.
 */
export function addStep(words: readonly string[]): string {
  const packages = [...new Set(words.flatMap((word) => Object.hasOwn(LANGUAGES, word) ? LANGUAGES[word]! : [word]))];
  const wrong = packages.find((name) => !PACKAGE.test(name));
  if (wrong !== undefined) {
    throw new SiloError(`could not add ${wrong}: no package has such a name`, {
      hint: `Any Debian package can be added, or one of: ${Object.keys(LANGUAGES).join(", ")}. ` +
        "Other commands: silo add --step 'COMMAND'",
    });
  }
  return `apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`;
}
