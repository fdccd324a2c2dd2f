"""truncate and ftruncate."""

import errno
import os

from .kit import case, read, refuses, same, tick, write


@case("truncate shortens")
def shorten():
    write("f", b"0123456789")
    same(read("f"), b"0123456789")
    for size in (9, 4, 1, 0):
        os.truncate("f", size)
        same(read("f"), b"0123456789"[:size])


@case("truncate lengthens with zeros, also after it shortened")
def lengthen():
    write("f", b"0123456789")
    os.truncate("f", 5)
    os.truncate("f", 8)
    same(read("f"), b"01234\0\0\0")
    os.truncate("f", 100_000)
    same(read("f"), b"01234" + bytes(99_995))


@case("ftruncate shortens and lengthens, and leaves the offset")
def by_descriptor():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"0123456789")
    os.ftruncate(fd, 4)
    same(os.lseek(fd, 0, os.SEEK_CUR), 10, "offset")
    os.write(fd, b"X")
    same(read("f"), b"0123" + bytes(6) + b"X")
    same(os.fstat(fd).st_size, 11, "size")


@case("others who have the file open see its new size")
def others():
    write("f", b"x" * 9000)
    fd = os.open("f", os.O_RDONLY)
    same(len(os.pread(fd, 9000, 0)), 9000)
    os.truncate("f", 10)
    same(os.pread(fd, 9000, 0), b"x" * 10)
    same(os.lseek(fd, 0, os.SEEK_END), 10, "end")


@case("truncate of a directory, a missing file and a negative size are refused")
def bad():
    write("f")
    os.mkdir("d")
    refuses(errno.EISDIR, os.truncate, "d", 0)
    refuses(errno.ENOENT, os.truncate, "missing", 0)
    refuses(errno.ENOTDIR, os.truncate, "f/x", 0)
    refuses(errno.EINVAL, os.truncate, "f", -1)
    refuses(errno.EINVAL, os.ftruncate, os.open("f", os.O_RDONLY), 0)


@case("truncate needs write permission, ftruncate a writable descriptor")
def permission():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.chmod("f", 0o400)
    refuses(errno.EACCES, os.truncate, "f", 0)
    os.ftruncate(fd, 10)
    same(os.stat("f").st_size, 10, "size")


@case("truncate changes mtime and ctime, also to the same size")
def times():
    write("f")
    before = os.stat("f")
    tick()
    os.truncate("f", 7)
    after = os.stat("f")
    same((after.st_mtime_ns > before.st_mtime_ns, after.st_ctime_ns > before.st_ctime_ns), (True, True), "later times")


@case("truncate through a symlink acts on its target")
def follows():
    write("f")
    os.symlink("f", "l")
    os.truncate("l", 3)
    same(read("f"), b"con")


@case("what was cut off does not come back when the file grows by a write")
def no_ghosts():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"s" * 20_000)
    same(os.pread(fd, 20_000, 0), b"s" * 20_000)
    os.ftruncate(fd, 100)
    os.pwrite(fd, b"end", 15_000)
    same(os.pread(fd, 20_000, 0), b"s" * 100 + bytes(14_900) + b"end")


@case("truncate to 5 GiB and back")
def large():
    write("f")
    os.truncate("f", 5 * 2**30)
    same(os.stat("f").st_size, 5 * 2**30, "size")
    fd = os.open("f", os.O_RDWR)
    os.pwrite(fd, b"far", 5 * 2**30 - 3)
    same(os.pread(fd, 10, 5 * 2**30 - 3), b"far")
    os.truncate("f", 7)
    same(read("f"), b"content")
