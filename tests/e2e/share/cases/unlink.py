"""Removing names."""

import errno
import os

from .kit import case, read, refuses, same, tick, write


@case("unlink removes a file and a symlink")
def kinds():
    write("f")
    os.symlink("f", "l")
    for name in "lf":
        os.unlink(name)
        refuses(errno.ENOENT, os.lstat, name)
    same(os.listdir(), [])


@case("unlink of a directory is refused")
def directory():
    os.mkdir("d")
    refuses(errno.EISDIR, os.unlink, "d")


@case("unlink of what is not there is refused")
def missing():
    write("f")
    refuses(errno.ENOENT, os.unlink, "missing")
    refuses(errno.ENOENT, os.unlink, "missing/x")
    refuses(errno.ENOTDIR, os.unlink, "f/x")
    refuses(errno.ENOTDIR, os.unlink, "f/")
    refuses(errno.ENAMETOOLONG, os.unlink, "x" * 256)
    refuses(errno.ENOENT, os.unlink, "")


@case("unlink changes the directory's mtime and ctime, and the file's ctime")
def times():
    os.mkdir("d")
    write("d/f")
    os.link("d/f", "keep")
    directory, file = os.stat("d"), os.stat("keep")
    tick()
    os.unlink("d/f")
    same(os.stat("d").st_mtime_ns > directory.st_mtime_ns, True, "directory's mtime is later")
    same(os.stat("d").st_ctime_ns > directory.st_ctime_ns, True, "directory's ctime is later")
    same(os.stat("keep").st_ctime_ns > file.st_ctime_ns, True, "file's ctime is later")


@case("a name can be made again at once, as another kind")
def again():
    for _ in range(20):
        write("x", b"a file")
        os.unlink("x")
        os.mkdir("x")
        os.rmdir("x")
        os.symlink("y", "x")
        same(os.readlink("x"), "y")
        os.unlink("x")


@case("a read-only file can be removed from a directory one may write in")
def read_only():
    write("f")
    os.chmod("f", 0o400)
    os.unlink("f")
    same(os.listdir(), [])


@case("a file made anew under an old name has nothing of the old one")
def fresh():
    write("f", b"x" * 10_000)
    same(len(read("f")), 10_000)
    os.unlink("f")
    write("f", b"new")
    same(read("f"), b"new")
    same(os.stat("f").st_size, 3, "size")


@case("unlinkat removes names below a directory descriptor")
def at():
    os.mkdir("d")
    write("d/f")
    os.mkdir("d/e")
    fd = os.open("d", os.O_RDONLY)
    os.unlink("f", dir_fd=fd)
    os.rmdir("e", dir_fd=fd)
    same(os.listdir("d"), [])
