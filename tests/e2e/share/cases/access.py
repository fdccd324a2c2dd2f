"""access, as the caller's own ids see it."""

import errno
import os

from .kit import case, holds, refuses, same, write


@case("access agrees with the owner's mode bits")
def bits():
    write("f")
    for mode, want in ((0o400, (1, 0, 0)), (0o200, (0, 1, 0)), (0o100, (0, 0, 1)), (0o600, (1, 1, 0)), (0, (0, 0, 0))):
        os.chmod("f", mode)
        got = tuple(int(os.access("f", how)) for how in (os.R_OK, os.W_OK, os.X_OK))
        same(got, want, f"access with mode {mode:03o}")


@case("access says whether a name exists, and follows symlinks")
def existence():
    write("f")
    os.symlink("f", "good")
    os.symlink("missing", "dead")
    holds(os.access("f", os.F_OK), "a file does not exist")
    holds(os.access("good", os.R_OK), "a symlink's target is not readable")
    holds(not os.access("dead", os.F_OK), "a dead symlink exists")


@case("access below a directory that may not be searched is denied")
def search():
    os.mkdir("d")
    write("d/f")
    os.chmod("d", 0o600)
    holds(not os.access("d/f", os.F_OK), "the file below was found")


@case("access with effective ids agrees with access")
def effective():
    write("f")
    os.chmod("f", 0o500)
    for how in (os.R_OK, os.W_OK, os.X_OK):
        same(os.access("f", how, effective_ids=True), os.access("f", how))


@case("a directory one may not write in refuses new names, and gives up none")
def read_only_directory():
    os.mkdir("d")
    write("d/f")
    os.chmod("d", 0o500)
    refuses(errno.EACCES, os.open, "d/new", os.O_CREAT | os.O_WRONLY)
    refuses(errno.EACCES, os.mkdir, "d/new")
    refuses(errno.EACCES, os.symlink, "x", "d/new")
    refuses(errno.EACCES, os.link, "d/f", "d/new")
    refuses(errno.EACCES, os.mkfifo, "d/new")
    refuses(errno.EACCES, os.unlink, "d/f")
    refuses(errno.EACCES, os.rename, "d/f", "d/g")
    write("d/f", b"its content may still change")


@case("access through a file or a loop is denied")
def bad_paths():
    write("f")
    os.symlink("loop", "loop")
    for path in ("f/x", "loop", "", "x" * 256):
        same(os.access(path, os.F_OK), False, f"access to {path[:8]!r}")
