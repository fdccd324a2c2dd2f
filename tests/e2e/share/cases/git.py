"""git, as people use it."""

import os
import subprocess

from .kit import case, holds, read, same, write

ENV = {
    **os.environ, "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C",
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
}


def git(*args: str, cwd: str = "r") -> str:
    run = subprocess.run(["git", *args], cwd=cwd, env=ENV, capture_output=True, text=True, timeout=100)
    if run.returncode:
        raise AssertionError(f"git {' '.join(args)}: exit {run.returncode}: {run.stderr.strip()[:300]}")
    return run.stdout


def repository(files: int = 20) -> None:
    os.mkdir("r")
    git("init", "-q", "-b", "main")
    for number in range(files):
        os.makedirs(f"r/d{number % 5}", exist_ok=True)
        write(f"r/d{number % 5}/f{number}", b"line\n" * number)
    git("add", ".")
    git("commit", "-q", "-m", "first")


@case("init, add, commit, status and log, with no word of dubious ownership", limit=150)
def basics():
    repository()
    same(git("status", "--porcelain"), "")
    same(git("log", "--format=%s"), "first\n")
    write("r/d0/f0", b"changed\n")
    same(git("status", "--porcelain"), " M d0/f0\n")
    holds("+changed" in git("diff"), "the change is not in the diff")


@case("fsck finds nothing after gc and repack", limit=150)
def collect():
    repository(30)
    for number in range(5):
        write("r/d0/f0", b"%d\n" % number)
        git("commit", "-q", "-a", "-m", f"c{number}")
    git("gc", "-q", "--prune=now")
    git("fsck", "--full", "--strict")
    same(len(git("log", "--format=%s").split()), 6, "commits")
    same(git("status", "--porcelain"), "")


@case("branches, merges and checkout", limit=150)
def branches():
    repository()
    git("checkout", "-q", "-b", "side")
    write("r/side", b"side\n")
    git("add", ".")
    git("commit", "-q", "-m", "side")
    git("checkout", "-q", "main")
    same(os.path.exists("r/side"), False, "the side branch's file is there")
    git("merge", "-q", "--no-ff", "-m", "merge", "side")
    same(read("r/side"), b"side\n")
    git("reset", "-q", "--hard", "HEAD~1")
    same(os.path.exists("r/side"), False)


@case("a clone by path, with hard links, and a fetch", limit=150)
def clone():
    repository()
    git("clone", "-q", "r", "c", cwd=".")
    same(read("c/d1/f1"), b"line\n")
    write("r/new", b"new\n")
    git("add", ".")
    git("commit", "-q", "-m", "second")
    git("pull", "-q", "--ff-only", cwd="c")
    same(read("c/new"), b"new\n")


@case("worktrees", limit=150)
def worktree():
    repository()
    git("worktree", "add", "-q", "../w", "-b", "other")
    same(read("w/d1/f1"), b"line\n")
    write("w/x", b"x\n")
    git("add", ".", cwd="w")
    git("commit", "-q", "-m", "in the worktree", cwd="w")
    same(git("log", "-1", "--format=%s", "other"), "in the worktree\n")
    git("worktree", "remove", "../w")
    same(os.path.exists("w"), False)


@case("modes, symlinks and odd names are kept", limit=150)
def kinds():
    repository(1)
    write("r/run", b"#!/bin/sh\n", 0o755)
    os.symlink("missing", "r/link")
    write(b"r/\xff\n", b"odd")
    git("add", ".")
    git("commit", "-q", "-m", "kinds")
    git("clone", "-q", "r", "c", cwd=".")
    same(os.access("c/run", os.X_OK), True, "the x bit is kept")
    same(os.readlink("c/link"), "missing")
    same(read(b"c/\xff\n"), b"odd")
    same(git("config", "core.filemode") + git("config", "--default", "true", "core.symlinks"), "true\ntrue\n")


@case("stash, rebase and a packed history", limit=150)
def rewriting():
    repository(5)
    for number in range(3):
        write(f"r/n{number}", b"x\n")
        git("add", ".")
        git("commit", "-q", "-m", f"n{number}")
    git("checkout", "-q", "-b", "topic", "HEAD~2")
    write("r/topic", b"t\n")
    git("add", ".")
    git("commit", "-q", "-m", "topic")
    git("rebase", "-q", "main")
    same(git("log", "--format=%s").split()[0:2], ["topic", "n2"])
    write("r/topic", b"dirty\n")
    git("stash", "-q")
    same(read("r/topic"), b"t\n")
    git("stash", "pop", "-q")
    same(read("r/topic"), b"dirty\n")
