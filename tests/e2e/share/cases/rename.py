"""rename of names: what replaces what."""

import ctypes
import errno
import os

from .kit import AT_FDCWD, case, holds, join, libc, read, refuses, same, spawn, tick, write

NOREPLACE, EXCHANGE = 1, 2


def renameat2(source: bytes, target: bytes, flags: int) -> None:
    libc("renameat2", AT_FDCWD, source, AT_FDCWD, target, ctypes.c_uint(flags))


@case("a renamed file keeps inode, content, mode and times")
def plain():
    write("a", mode=0o640)
    before = os.stat("a")
    os.rename("a", "b")
    after = os.stat("b")
    same(read("b"), b"content")
    same((after.st_ino, after.st_mode, after.st_mtime_ns), (before.st_ino, before.st_mode, before.st_mtime_ns))
    refuses(errno.ENOENT, os.stat, "a")
    same(os.listdir(), ["b"])


@case("rename over a file replaces it")
def over_file():
    write("a", b"new")
    write("b", b"old and longer")
    same(read("b"), b"old and longer")
    os.rename("a", "b")
    same(read("b"), b"new")
    same(os.stat("b").st_size, 3, "size")
    same(os.listdir(), ["b"])


@case("rename over a file with two names leaves the other name")
def over_linked():
    write("a", b"new")
    write("b", b"old")
    os.link("b", "c")
    os.rename("a", "b")
    same((read("b"), read("c")), (b"new", b"old"))
    same(os.stat("c").st_nlink, 1, "link count")


@case("rename across directories")
def across():
    os.makedirs("x/y")
    os.makedirs("z")
    write("x/y/f")
    os.rename("x/y/f", "z/g")
    same((os.listdir("x/y"), os.listdir("z")), ([], ["g"]))
    same(read("z/g"), b"content")


@case("rename onto itself, or onto another name of the same file, does nothing")
def onto_itself():
    write("a")
    os.link("a", "b")
    os.rename("a", "a")
    os.rename("a", "b")
    same(sorted(os.listdir()), ["a", "b"])


@case("a directory is renamed with everything in it")
def directory():
    os.makedirs("d/e")
    write("d/e/f")
    same(read("d/e/f"), b"content")
    os.rename("d", "n")
    same(read("n/e/f"), b"content")
    refuses(errno.ENOENT, os.stat, "d/e/f")
    os.mkdir("x")
    os.rename("n/e", "x/e")
    same(read("x/e/f"), b"content")
    same(os.path.realpath("x/e/.."), os.path.join(os.getcwd(), "x"))


@case("a directory replaces an empty directory")
def over_empty():
    os.mkdir("a")
    write("a/f")
    os.mkdir("b")
    os.rename("a", "b")
    same(os.listdir("b"), ["f"])


@case("a directory does not replace one with something in it")
def over_filled():
    os.mkdir("a")
    os.mkdir("b")
    write("b/f")
    refuses((errno.ENOTEMPTY, errno.EEXIST), os.rename, "a", "b")
    same(sorted(os.listdir()), ["a", "b"])


@case("files and directories do not replace each other")
def kinds():
    write("f")
    os.mkdir("d")
    refuses(errno.EISDIR, os.rename, "f", "d")
    refuses(errno.ENOTDIR, os.rename, "d", "f")


@case("a directory cannot be moved into itself")
def into_itself():
    os.makedirs("a/b")
    refuses(errno.EINVAL, os.rename, "a", "a/b/c")
    refuses(errno.EINVAL, os.rename, "a", "a/b")
    refuses((errno.ENOTEMPTY, errno.EEXIST), os.rename, "a/b", "a")


@case("rename of what is not there, and to where there is nothing, is refused")
def bad_paths():
    write("f")
    refuses(errno.ENOENT, os.rename, "missing", "x")
    refuses(errno.ENOENT, os.rename, "f", "missing/x")
    refuses(errno.ENOTDIR, os.rename, "f/x", "y")
    refuses(errno.ENOTDIR, os.rename, "f", "f/x")
    refuses(errno.ENAMETOOLONG, os.rename, "f", "x" * 256)
    refuses(errno.ENOTDIR, os.rename, "f", "g/")
    refuses((errno.EBUSY, errno.EINVAL), os.rename, ".", "x")


@case("a symlink is renamed itself, and is replaced itself")
def symlinks():
    write("f", b"target")
    os.symlink("f", "l")
    os.rename("l", "m")
    same(os.readlink("m"), "f")
    write("g", b"new")
    os.rename("g", "m")
    same((read("m"), read("f")), (b"new", b"target"))
    holds(not os.path.islink("m"), "the symlink is still there")


@case("a change of case only is a rename")
def letter_case():
    write("name")
    os.rename("name", "NAME")
    same(os.listdir(), ["NAME"])


@case("the old name can be used again at once")
def reuse():
    for number in range(30):
        write("log", b"%d" % number)
        os.rename("log", "log.1")
        refuses(errno.ENOENT, os.stat, "log")
    write("log", b"new")
    same((read("log"), read("log.1")), (b"new", b"29"))


@case("rename changes the mtime of both directories")
def times():
    os.mkdir("a")
    os.mkdir("b")
    write("a/f")
    before = [os.stat(d).st_mtime_ns for d in "ab"]
    tick()
    os.rename("a/f", "b/f")
    after = [os.stat(d).st_mtime_ns for d in "ab"]
    same([x < y for x, y in zip(before, after)], [True, True], "mtimes are later")


@case("renameat2 with RENAME_NOREPLACE leaves an existing name alone")
def noreplace():
    write("a", b"a")
    write("b", b"b")
    refuses(errno.EEXIST, renameat2, b"a", b"b", NOREPLACE)
    renameat2(b"a", b"c", NOREPLACE)
    same((read("b"), read("c")), (b"b", b"a"))


@case("renameat2 with RENAME_EXCHANGE swaps two names")
def exchange():
    write("a", b"a")
    os.mkdir("b")
    renameat2(b"a", b"b", EXCHANGE)
    same(read("b"), b"a")
    same(os.listdir("a"), [])


@case("renameat works between directory descriptors")
def at():
    os.mkdir("a")
    os.mkdir("b")
    write("a/f")
    a, b = os.open("a", os.O_RDONLY), os.open("b", os.O_RDONLY)
    os.rename("f", "g", src_dir_fd=a, dst_dir_fd=b)
    same(os.listdir("b"), ["g"])


@case("a file saved by write, fsync and rename is read as saved, each time")
def save():
    for number in range(40):
        data = b"%d" % number * (number * 50 + 1)
        fd = os.open("f.tmp", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        os.write(fd, data)
        os.fsync(fd)
        os.close(fd)
        os.rename("f.tmp", "f")
        same(read("f"), data)
        same(os.stat("f").st_size, len(data), "size")


@case("a reader sees the old or the new file while it is replaced, never anything else")
def atomic():
    whole = {b"a" * 5000, b"b" * 3000}
    write("f", b"a" * 5000)

    def replace():
        for number in range(100):
            write("t", b"ab"[number % 2:][:1] * (5000, 3000)[number % 2])
            os.rename("t", "f")
        write("done")

    pid = spawn(replace)
    seen = 0
    while not os.path.exists("done"):
        data = read("f")
        holds(data in whole, f"read {len(data)} bytes that nobody wrote as a whole")
        seen += 1
    join(pid)
    holds(seen > 0, "nothing was read")
