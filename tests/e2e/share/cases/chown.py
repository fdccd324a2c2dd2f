"""Ownership, as an ordinary user meets it."""

import errno
import os

from .kit import case, mode_of, refuses, same, tick, write

OTHER = 54321  # an id that no user of the test has


@case("new files, directories and symlinks belong to their maker")
def makers():
    write("f")
    os.mkdir("d")
    os.symlink("f", "l")
    for name in "fdl":
        info = os.lstat(name)
        same((info.st_uid, info.st_gid), (os.geteuid(), os.getegid()), f"owner of {name}")


@case("chown to one's own ids succeeds")
def own():
    write("f")
    os.chown("f", os.getuid(), os.getgid())
    os.chown("f", -1, os.getgid())
    os.chown("f", -1, -1)
    same(os.stat("f").st_uid, os.getuid())


@case("giving a file away is refused")
def give_away():
    write("f")
    refuses(errno.EPERM, os.chown, "f", OTHER, -1)
    refuses(errno.EPERM, os.chown, "f", 0, 0)
    same(os.stat("f").st_uid, os.getuid())


@case("a group one is not in is refused")
def foreign_group():
    write("f")
    refuses(errno.EPERM, os.chown, "f", -1, OTHER)
    same(os.stat("f").st_gid, os.getgid())


@case("fchown works through a descriptor, with the same refusals")
def by_descriptor():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.fchown(fd, os.getuid(), os.getgid())
    refuses(errno.EPERM, os.fchown, fd, OTHER, -1)


@case("lchown acts on the symlink and does not follow it")
def no_follow():
    os.symlink("missing", "l")
    os.lchown("l", os.getuid(), os.getgid())
    refuses(errno.ENOENT, os.chown, "l", os.getuid(), os.getgid())
    refuses(errno.EPERM, os.lchown, "l", OTHER, -1)


@case("chown changes ctime")
def ctime():
    write("f")
    before = os.stat("f").st_ctime_ns
    tick()
    os.chown("f", os.getuid(), os.getgid())
    same(os.stat("f").st_ctime_ns > before, True, "ctime is later")


@case("chown by an ordinary user takes setuid and setgid from an executable")
def drops_bits():
    write("f")
    os.chmod("f", 0o6755)
    os.chown("f", os.getuid(), os.getgid())
    same(oct(mode_of("f")), oct(0o755))


@case("chown of a missing file, below a file and through a loop is refused")
def bad_paths():
    write("f")
    os.symlink("loop", "loop")
    refuses(errno.ENOENT, os.chown, "missing", -1, -1)
    refuses(errno.ENOTDIR, os.chown, "f/x", -1, -1)
    refuses(errno.ELOOP, os.chown, "loop", -1, -1)
    refuses(errno.ENAMETOOLONG, os.chown, "x" * 256, -1, -1)
