"""Removing directories."""

import errno
import os

from .kit import case, holds, refuses, same, tick, write


@case("rmdir removes an empty directory")
def empty():
    os.mkdir("d")
    os.rmdir("d")
    refuses(errno.ENOENT, os.stat, "d")


@case("a directory with anything in it stays")
def filled():
    for number, fill in enumerate((write, os.mkdir, lambda p: os.symlink("x", p))):
        os.mkdir(f"d{number}")
        fill(f"d{number}/x")
        refuses((errno.ENOTEMPTY, errno.EEXIST), os.rmdir, f"d{number}")


@case("rmdir of anything but a directory is refused")
def others():
    write("f")
    os.mkdir("d")
    os.symlink("d", "l")
    for name in ("f", "l", "f/x"):
        refuses(errno.ENOTDIR, os.rmdir, name)
    refuses(errno.ENOENT, os.rmdir, "missing")
    refuses(errno.ENAMETOOLONG, os.rmdir, "x" * 256)


@case("rmdir of . and .. is refused")
def dots():
    os.makedirs("d/e")
    refuses(errno.EINVAL, os.rmdir, "d/.")
    refuses((errno.ENOTEMPTY, errno.EEXIST), os.rmdir, "d/e/..")


@case("rmdir changes the parent's mtime")
def times():
    os.makedirs("p/d")
    before = os.stat("p").st_mtime_ns
    tick()
    os.rmdir("p/d")
    holds(os.stat("p").st_mtime_ns > before, "the parent's mtime is not later")


@case("in a current directory that was removed nothing can be made")
def current():
    os.mkdir("d")
    os.chdir("d")
    os.rmdir("../d")
    refuses(errno.ENOENT, os.open, "f", os.O_CREAT | os.O_WRONLY)
    refuses(errno.ENOENT, os.mkdir, "x")
    refuses(errno.ENOENT, os.getcwd)
    os.chdir("..") if os.path.exists("..") else None


@case("an open directory that was removed lists as empty")
def open_directory():
    os.mkdir("d")
    fd = os.open("d", os.O_RDONLY | os.O_DIRECTORY)
    os.rmdir("d")
    same(os.listdir(fd), [])


@case("a directory made anew is empty and another one")
def again():
    os.mkdir("d")
    write("d/f")
    os.unlink("d/f")
    os.rmdir("d")
    os.mkdir("d")
    same(os.listdir("d"), [])
    refuses(errno.ENOENT, os.stat, "d/f")
