"""Symbolic links, inside the share."""

import errno
import os
import stat

from .kit import case, holds, read, refuses, same, write


@case("readlink gives back what symlink was given, byte for byte")
def verbatim():
    targets = [b"f", b"../..", b"/absolute/path", b"a//b/./c/", b" ", b"\xff", "ünï 漢字".encode(), b"new\nline", b"%s"]
    for number, target in enumerate(targets):
        os.symlink(target, b"l%d" % number)
        same(os.readlink(b"l%d" % number), target)


@case("lstat shows a link of its target's length")
def shape():
    os.symlink("12345", "l")
    info = os.lstat("l")
    holds(stat.S_ISLNK(info.st_mode), "it is no symlink")
    same(info.st_size, 5, "size")
    same(oct(info.st_mode & 0o777), oct(0o777), "mode")
    same(info.st_nlink, 1, "link count")


@case("a target may have 4,095 bytes, not 4,096 and not none")
def lengths():
    long = b"/".join([b"x" * 255] * 16)[:4095]
    os.symlink(long, b"l")
    same(os.readlink(b"l"), long)
    refuses(errno.ENAMETOOLONG, os.symlink, b"x" * 4096, b"m")
    refuses(errno.ENOENT, os.symlink, b"", b"n")


@case("a symlink onto an existing name is refused")
def existing():
    write("f")
    os.mkdir("d")
    os.symlink("missing", "l")
    for name in "fdl":
        refuses(errno.EEXIST, os.symlink, "x", name)


@case("reading and writing go through to the target")
def through():
    write("f")
    os.symlink("f", "l")
    same(read("l"), b"content")
    write("l", b"new")
    same(read("f"), b"new")
    same(os.stat("l").st_ino, os.stat("f").st_ino, "inode")


@case("forty links in a chain resolve, forty-one do not")
def chain():
    write("l0")
    for number in range(41):
        os.symlink(f"l{number}", f"l{number + 1}")
    same(read("l40"), b"content")
    refuses(errno.ELOOP, os.stat, "l41")


@case("loops are refused")
def loops():
    os.symlink("a", "b")
    os.symlink("b", "a")
    refuses(errno.ELOOP, os.stat, "a")
    refuses(errno.ELOOP, os.open, "a", os.O_CREAT | os.O_WRONLY)
    refuses(errno.ELOOP, os.stat, "a/x")


@case("a linked directory can be walked, and .. in it is the target's parent")
def directories():
    os.makedirs("x/y")
    write("x/f")
    os.symlink("x/y", "l")
    same(read("l/../f"), b"content")
    write("l/g")
    same(os.listdir("x/y"), ["g"])
    same(os.path.realpath("l"), os.path.join(os.getcwd(), "x/y"))


@case("unlink takes the link and leaves the target")
def unlink():
    write("f")
    os.symlink("f", "l")
    os.unlink("l")
    same(read("f"), b"content")
    refuses(errno.ENOENT, os.lstat, "l")


@case("a file is created through a dead link, but not with O_EXCL")
def create_through():
    os.symlink("target", "l")
    refuses(errno.EEXIST, os.open, "l", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    write("l", b"made")
    same(read("target"), b"made")
    os.symlink("directory", "m")
    refuses(errno.EEXIST, os.mkdir, "m")


@case("readlink of anything else is refused")
def no_link():
    write("f")
    os.mkdir("d")
    refuses(errno.EINVAL, os.readlink, "f")
    refuses(errno.EINVAL, os.readlink, "d")
    refuses(errno.ENOENT, os.readlink, "missing")
    refuses(errno.ENOTDIR, os.readlink, "f/x")


@case("a link that is replaced points to its new target at once")
def replaced():
    write("a", b"a")
    write("b", b"b")
    os.symlink("a", "l")
    for number in range(20):
        os.symlink("ab"[number % 2], "t")
        os.rename("t", "l")
        same(read("l"), b"ab"[number % 2:][:1])


@case("a slash after a link means its target")
def slash():
    os.mkdir("d")
    os.symlink("d", "l")
    holds(stat.S_ISDIR(os.lstat("l/").st_mode), "l/ is no directory")
    write("f")
    os.symlink("f", "m")
    refuses(errno.ENOTDIR, os.lstat, "m/")
