/**
 * What silo has to know of git: remotes, who the person is, and where a linked worktree's repository lies. Read from
 * git's own files, without running git: the project's files are the sandbox's, and git runs what they name.
 *
 * @module
 */

/** More than any such file holds that a person wrote. */
const MAX_BYTES = 256 * 1024;
const MAX_INCLUDES = 16;

/** One `key = value` of a section, in the order of the file. Keys and section names are in lower case. */
export interface GitSetting {
  /** `user`, or `remote.origin`: of a subsection the name stays as it is written. */
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** Reads the text of a git configuration file (git-config(1), Syntax); what is no setting is passed over. */
export function parseGitConfig(text: string): GitSetting[] {
  const settings: GitSetting[] = [];
  let section = "";
  // A backslash at the end of a line joins it with the next.
  for (const line of text.replace(/\\\r?\n/g, "").split(/\r?\n/)) {
    const header = /^\s*\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\](.*)$/.exec(line);
    if (header) {
      section = header[1]!.toLowerCase() + (header[2] === undefined ? "" : `.${header[2].replace(/\\(.)/g, "$1")}`);
    }
    const pair = /^\s*([A-Za-z][\w-]*)\s*=\s*(.*)$/.exec(header ? header[3]! : line);
    if (pair) settings.push({ section, key: pair[1]!.toLowerCase(), value: unquote(pair[2]!) });
  }
  return settings;
}

/** A value without its quotes and the comment after it. */
function unquote(text: string): string {
  let [value, quoted] = ["", false];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "\\" && i + 1 < text.length) {
      const next = text[++i]!;
      value += { n: "\n", t: "\t", b: "\b" }[next] ?? next;
    } else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === "#" || char === ";")) break;
    else value += char;
  }
  return value.trim();
}

/** The directory of a project's repository, and the one that all its worktrees share. */
export interface Repository {
  readonly gitDirectory: string;
  /** Differs from the other in a linked worktree. */
  readonly commonDirectory: string;
}

/**
 * The repository of a project. A `.git` that is a file can name any directory, and a sandbox can write it: it counts only
 * if what it names is a worktree's directory of a repository and says itself that it belongs to this project.
 */
export function repositoryOf(root: string): Repository | undefined {
  const dotGit = `${root}/.git`;
  const info = lstat(dotGit);
  if (info?.isDirectory) return { gitDirectory: dotGit, commonDirectory: dotGit };
  if (!info?.isFile) return undefined;
  const named = /^gitdir: (\/.+)$/.exec(readSmall(dotGit)?.trimEnd() ?? "")?.[1];
  if (named === undefined) return undefined;
  try {
    const gitDirectory = Deno.realPathSync(named);
    const [, common] = /^(\/.+)\/worktrees\/[^/]+$/.exec(gitDirectory) ?? [];
    if (common === undefined || readSmall(`${gitDirectory}/gitdir`)?.trimEnd() !== dotGit) return undefined;
    const looksRight = lstat(`${common}/HEAD`)?.isFile && lstat(`${common}/objects`)?.isDirectory &&
      readSmall(`${gitDirectory}/commondir`)?.trimEnd() === "../..";
    return looksRight ? { gitDirectory, commonDirectory: common } : undefined;
  } catch {
    return undefined; // it is gone
  }
}

/** The remotes of a repository in one form: `github.com/org/repository`. */
export function remotesOf(repository: Repository): string[] {
  const text = readSmall(`${repository.commonDirectory}/config`) ?? "";
  const urls = parseGitConfig(text).filter(({ section, key }) => section.startsWith("remote.") && key === "url");
  return [...new Set(urls.map(({ value }) => normalRemote(value)).filter((it) => it !== undefined))];
}

/** `HOST/PATH` of a remote's address; undefined for local ones. */
export function normalRemote(url: string): string | undefined {
  const match = /^[a-z+]+:\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+)$/i.exec(url) ??
    /^(?:[^@/:]+@)?([^/:]+):(?!\/\/)\/?(.+)$/.exec(url);
  if (match === null || match[1] === "") return undefined;
  return `${match[1]!.toLowerCase()}/${match[2]!.replace(/\/+$/, "").replace(/\.git$/, "")}`;
}

/** Whether a pattern of `repos` is the beginning of a remote, by whole names. */
export function matchesRemote(pattern: string, remote: string): boolean {
  const [a, b] = [pattern.replace(/\/+$/, ""), remote].map((text) => text.toLowerCase());
  return b === a || b!.startsWith(`${a}/`);
}

/** Whose commits are made. */
export interface Identity {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
}

/** The person's name and address as git knows them for this project; later files win, as in git itself. */
export function identityOf(home: string, xdgConfig: string | undefined, repository?: Repository): Identity {
  const files = [`${xdgConfig || `${home}/.config`}/git/config`, `${home}/.gitconfig`];
  const settings = files.flatMap((file) => withIncludes(file, home, repository?.gitDirectory, []));
  // The project's own is read without what it includes: it may name any file.
  if (repository) settings.push(...parseGitConfig(readSmall(`${repository.commonDirectory}/config`) ?? ""));
  const last = (key: string) => settings.findLast((it) => it.section === "user" && it.key === key)?.value;
  return { name: last("name"), email: last("email") };
}

/** `within`: the files that include this one. */
function withIncludes(path: string, home: string, gitDirectory: string | undefined, within: readonly string[]) {
  const settings: GitSetting[] = [];
  for (const setting of parseGitConfig(readSmall(path) ?? "")) {
    settings.push(setting);
    if (setting.key !== "path" || !isIncluded(setting.section, home, gitDirectory)) continue;
    const target = setting.value.startsWith("~/") ? home + setting.value.slice(1) : setting.value;
    const absolute = target.startsWith("/") ? target : `${path.slice(0, path.lastIndexOf("/"))}/${target}`;
    const chain = [...within, path];
    if (chain.length > MAX_INCLUDES || chain.includes(absolute)) continue;
    settings.push(...withIncludes(absolute, home, gitDirectory, chain));
  }
  return settings;
}

/** `include`, or `includeIf` with the beginning of a directory; other conditions count as not met. */
function isIncluded(section: string, home: string, gitDirectory: string | undefined): boolean {
  if (section === "include") return true;
  const [, flag, pattern] = /^includeif\.gitdir(\/i)?:(.+)$/.exec(section) ?? [];
  if (pattern === undefined || gitDirectory === undefined || /[*?[]/.test(pattern)) return false;
  const prefix = pattern.startsWith("~/") ? home + pattern.slice(1) : pattern;
  const [a, b] = [prefix, `${gitDirectory}/`].map((text) => flag ? text.toLowerCase() : text);
  return prefix.endsWith("/") ? b!.startsWith(a!) : b === `${a}/`;
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}

/** A regular file's text, if it is small. */
function readSmall(path: string): string | undefined {
  try {
    const info = Deno.statSync(path); // a FIFO would be waited for for ever
    return info.isFile && info.size <= MAX_BYTES ? Deno.readTextFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}
