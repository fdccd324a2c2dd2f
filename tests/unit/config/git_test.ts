import { deepStrictEqual as same, ok, strictEqual as eq } from "node:assert/strict";
import {
  identityOf,
  matchesRemote,
  normalRemote,
  parseGitConfig,
  remotesOf,
  repositoryOf,
} from "../../../src/config/git.ts";
import { temporaryDirectory } from "../support.ts";

Deno.test("git's own files are read as git reads them", () => {
  same(
    parseGitConfig(
      '# c\n[user] name = "A; \\"B\\"" ; c\n\temail=a@b # c\n[remote "Or\\"igin"]\n url = git@h:o/r\n[Core]\nX = a\\\n b\n',
    ),
    [
      { section: "user", key: "name", value: 'A; "B"' },
      { section: "user", key: "email", value: "a@b" },
      { section: 'remote.Or"igin', key: "url", value: "git@h:o/r" },
      { section: "core", key: "x", value: "a b" },
    ],
  );
});

Deno.test("a remote has one form, however it is written, and patterns match whole names", () => {
  for (
    const url of [
      "git@github.com:Org/repo.git",
      "https://github.com/Org/repo",
      "https://me:token@GitHub.com/Org/repo.git/",
      "ssh://git@github.com:22/Org/repo.git",
    ]
  ) eq(normalRemote(url), "github.com/Org/repo");
  for (const url of ["/srv/repo.git", "../other", "file:///srv/x"]) eq(normalRemote(url), undefined);
  ok(matchesRemote("github.com/org", "github.com/Org/repo"));
  ok(matchesRemote("github.com/org/repo/", "github.com/org/repo"));
  ok(!matchesRemote("github.com/or", "github.com/org/repo"));
  ok(!matchesRemote("github.com/org/repo/x", "github.com/org/repo"));
});

Deno.test("a linked worktree has the repository that knows it, and no other that its .git may name", () => {
  using directory = temporaryDirectory();
  const at = directory.path;
  const git = (...args: string[]) => {
    const env = { HOME: at, GIT_CONFIG_NOSYSTEM: "1", PATH: Deno.env.get("PATH")! };
    ok(new Deno.Command("git", { args, cwd: at, env, clearEnv: true }).outputSync().success, args.join(" "));
  };
  git("init", "-q", "main");
  git("-C", "main", "remote", "add", "origin", "git@github.com:org/repo.git");
  git("-C", "main", "-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "--allow-empty", "-m", "m");
  git("-C", "main", "worktree", "add", "-q", `${at}/linked`);
  const linked = repositoryOf(`${at}/linked`)!;
  eq(linked.commonDirectory, `${at}/main/.git`);
  same(remotesOf(linked), ["github.com/org/repo"]);
  eq(repositoryOf(`${at}/main`)!.commonDirectory, `${at}/main/.git`);

  Deno.mkdirSync(`${at}/evil`);
  Deno.copyFileSync(`${at}/linked/.git`, `${at}/evil/.git`);
  eq(repositoryOf(`${at}/evil`), undefined);
  Deno.writeTextFileSync(`${at}/evil/.git`, `gitdir: ${at}/main/.git\n`);
  eq(repositoryOf(`${at}/evil`), undefined);
  eq(repositoryOf(at), undefined);
});

Deno.test("who the person is comes from git's files, the project's last, its includes never followed", () => {
  using directory = temporaryDirectory();
  const at = directory.path;
  Deno.mkdirSync(`${at}/work/app/.git`, { recursive: true });
  Deno.writeTextFileSync(
    `${at}/.gitconfig`,
    '[user]\nname = Me\nemail = me@home\n[includeIf "gitdir:~/work/"]\npath = work.inc\n[include]\npath = .gitconfig\n',
  );
  Deno.writeTextFileSync(`${at}/work.inc`, "[user]\nemail = me@work\n");
  const repository = { gitDirectory: `${at}/work/app/.git`, commonDirectory: `${at}/work/app/.git` };
  same(identityOf(at, undefined), { name: "Me", email: "me@home" });
  same(identityOf(at, undefined, repository), { name: "Me", email: "me@work" });
  Deno.writeTextFileSync(`${at}/secret`, "[user]\nname = leaked\n");
  Deno.writeTextFileSync(`${at}/work/app/.git/config`, `[user]\nemail = me@app\n[include]\npath = ${at}/secret\n`);
  same(identityOf(at, undefined, repository), { name: "Me", email: "me@app" });
});
