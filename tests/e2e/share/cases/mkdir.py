"""Making directories."""

import errno
import os

from .kit import case, holds, join, mode_of, refuses, same, spawn, tick, write


@case("a new directory is empty and has the mode asked for")
def fresh():
    os.umask(0)
    for mode in (0o700, 0o755, 0o777, 0o500):
        os.mkdir(f"d{mode}", mode)
        same(oct(mode_of(f"d{mode}")), oct(mode))
        same(os.listdir(f"d{mode}"), [])


@case("mkdir onto any existing name is refused")
def existing():
    write("f")
    os.mkdir("d")
    os.symlink("d", "l")
    os.symlink("missing", "dead")
    for name in ("f", "d", "l", "dead", ".", ".."):
        refuses(errno.EEXIST, os.mkdir, name)


@case("mkdir below what is not there is refused")
def bad_paths():
    write("f")
    refuses(errno.ENOENT, os.mkdir, "missing/d")
    refuses(errno.ENOTDIR, os.mkdir, "f/d")
    refuses(errno.ENAMETOOLONG, os.mkdir, "x" * 256)
    refuses(errno.ENOENT, os.mkdir, "")


@case("a slash at the end is fine")
def slash():
    os.mkdir("d/")
    holds(os.path.isdir("d"), "there is no directory")


@case("mkdir changes the parent's mtime and its link count")
def parent():
    os.mkdir("p")
    before = os.stat("p")
    tick()
    os.mkdir("p/d")
    after = os.stat("p")
    holds(after.st_mtime_ns > before.st_mtime_ns, "the parent's mtime is not later")
    # Some file systems do not count subdirectories and say 1.
    holds(after.st_nlink in (1, before.st_nlink + 1), f"link count went from {before.st_nlink} to {after.st_nlink}")


@case("fifty directories deep")
def deep():
    path = "/".join(["d"] * 50)
    os.makedirs(path)
    write(f"{path}/f")
    same(os.listdir(path), ["f"])


@case("a setgid directory hands its bit to directories made in it")
def setgid():
    os.mkdir("d")
    os.chmod("d", 0o2755)
    os.mkdir("d/e")
    same(oct(mode_of("d/e")), oct(0o2755))
    write("d/f")
    same(os.stat("d/f").st_gid, os.stat("d").st_gid, "group")


@case("mkdirat works below a directory descriptor, also when that was renamed")
def at():
    os.mkdir("d")
    fd = os.open("d", os.O_RDONLY)
    os.rename("d", "e")
    os.mkdir("x", dir_fd=fd)
    same(os.listdir("e"), ["x"])


@case("one of many that make the same directory wins")
def race():
    os.mkdir("won")

    def attempt():
        try:
            os.mkdir("d")
            write(f"won/{os.getpid()}")
        except FileExistsError:
            pass

    join(*[spawn(attempt) for _ in range(8)])
    same(len(os.listdir("won")), 1, "number of winners")
