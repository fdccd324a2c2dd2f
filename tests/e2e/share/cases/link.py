"""Hard links."""

import errno
import os

from .kit import AT_FDCWD, AT_SYMLINK_FOLLOW, case, libc, mode_of, read, refuses, same, tick, write


@case("a hard link is the same file under a second name")
def second_name():
    write("a")
    os.link("a", "b")
    a, b = os.stat("a"), os.stat("b")
    same((a.st_ino, a.st_dev), (b.st_ino, b.st_dev), "inode")
    same((a.st_nlink, b.st_nlink), (2, 2), "link count")
    same(read("b"), b"content")


@case("what is written through one name is read through the other")
def shared_content():
    write("a")
    os.link("a", "b")
    same(read("b"), b"content")
    write("a", b"replaced in place")
    same(read("b"), b"replaced in place")
    os.truncate("b", 3)
    same(read("a"), b"rep")
    os.chmod("b", 0o600)
    same(oct(mode_of("a")), oct(0o600))


@case("the link count follows every link and unlink")
def counts():
    write("f")
    for number in range(50):
        os.link("f", f"l{number}")
        same(os.stat("f").st_nlink, number + 2, "link count")
    for number in range(50):
        os.unlink(f"l{number}")
        same(os.stat("f").st_nlink, 50 - number, "link count")


@case("a file lives on under its other name")
def survives():
    write("a")
    os.link("a", "b")
    os.unlink("a")
    same(read("b"), b"content")
    same(os.stat("b").st_nlink, 1, "link count")


@case("a link onto an existing name is refused")
def existing():
    write("a")
    write("b", b"other")
    os.symlink("missing", "dead")
    refuses(errno.EEXIST, os.link, "a", "b")
    refuses(errno.EEXIST, os.link, "a", "a")
    refuses(errno.EEXIST, os.link, "a", "dead")
    same(read("b"), b"other")


@case("a link to a missing file, or below a file, is refused")
def missing():
    write("f")
    refuses(errno.ENOENT, os.link, "missing", "x")
    refuses(errno.ENOENT, os.link, "f", "missing/x")
    refuses(errno.ENOTDIR, os.link, "f/x", "y")
    refuses(errno.ENAMETOOLONG, os.link, "f", "x" * 256)


@case("a directory cannot be linked")
def directory():
    os.mkdir("d")
    refuses(errno.EPERM, os.link, "d", "e")


@case("a symlink can be linked itself")
def symlink():
    os.symlink("missing", "l")
    os.link("l", "m", follow_symlinks=False)
    same(os.readlink("m"), "missing")
    same(os.lstat("m").st_nlink, 2, "link count")


@case("linkat follows a symlink when asked to")
def follow():
    write("f")
    os.symlink("f", "l")
    libc("linkat", AT_FDCWD, b"l", AT_FDCWD, b"m", AT_SYMLINK_FOLLOW)
    same(os.lstat("m").st_ino, os.stat("f").st_ino, "inode")


@case("links work across directories")
def across():
    os.makedirs("a/b")
    os.mkdir("c")
    write("a/b/f")
    os.link("a/b/f", "c/g")
    os.rename("a", "z")
    same(read("c/g"), b"content")
    same(os.stat("z/b/f").st_nlink, 2, "link count")


@case("a link changes the file's ctime and the directory's mtime")
def times():
    os.mkdir("d")
    write("f")
    file, directory = os.stat("f"), os.stat("d")
    tick()
    os.link("f", "d/g")
    same(os.stat("f").st_ctime_ns > file.st_ctime_ns, True, "file's ctime is later")
    same(os.stat("f").st_mtime_ns, file.st_mtime_ns, "file's mtime")
    same(os.stat("d").st_mtime_ns > directory.st_mtime_ns, True, "directory's mtime is later")


@case("an open descriptor sees its link count")
def open_count():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.link("f", "g")
    same(os.fstat(fd).st_nlink, 2, "link count")
    os.unlink("f")
    same(os.fstat(fd).st_nlink, 1, "link count")
