"""Sparse files, holes, and space set aside."""

import ctypes
import errno
import os

from .kit import SEEK_DATA, SEEK_HOLE, case, holds, libc, read, refuses, same, write

GIB = 2**30
KEEP_SIZE, PUNCH_HOLE = 1, 2


def fallocate(fd: int, mode: int, offset: int, length: int) -> None:
    libc("fallocate", fd, mode, ctypes.c_long(offset), ctypes.c_long(length))


@case("a sparse file of 4 GiB has its size and takes hardly any space")
def four_gib():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.pwrite(fd, b"end", 4 * GIB - 3)
    os.fsync(fd)
    info = os.stat("f")
    same(info.st_size, 4 * GIB, "size")
    holds(info.st_blocks * 512 < 2**20, f"it takes {info.st_blocks * 512} bytes")
    same(os.pread(fd, 10, 4 * GIB - 3), b"end")
    same(os.pread(fd, 1000, 2 * GIB), bytes(1000))


@case("bytes on both sides of 2 GiB and 4 GiB are kept apart")
def borders():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    for border in (2 * GIB, 4 * GIB):
        os.pwrite(fd, b"before|after", border - 7)
        same(os.pread(fd, 12, border - 7), b"before|after")
    same(os.pread(fd, 5, 0), bytes(5))
    same(os.fstat(fd).st_size, 4 * GIB + 5, "size")


@case("a byte at 1 TiB")
def far():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.pwrite(fd, b"x", 2**40)
    same(os.fstat(fd).st_size, 2**40 + 1, "size")
    same(os.pread(fd, 2, 2**40), b"x")


@case("a file grown by truncate takes no space")
def grown():
    write("f", b"")
    os.truncate("f", GIB)
    info = os.stat("f")
    same(info.st_size, GIB, "size")
    holds(info.st_blocks * 512 < 2**20, f"it takes {info.st_blocks * 512} bytes")


@case("SEEK_DATA and SEEK_HOLE find data and the end")
def seek_simple():
    write("f", b"data")
    fd = os.open("f", os.O_RDONLY)
    same((os.lseek(fd, 0, SEEK_DATA), os.lseek(fd, 0, SEEK_HOLE)), (0, 4))
    refuses(errno.ENXIO, os.lseek, fd, 10, SEEK_DATA)


@case("SEEK_DATA skips a hole")
def seek_hole():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.pwrite(fd, b"x", 2**22)
    os.fsync(fd)
    holds(os.lseek(fd, 0, SEEK_DATA) > 0, "the hole at the start counts as data")


@case("posix_fallocate makes the file as long as asked")
def posix_fallocate():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"kept")
    os.posix_fallocate(fd, 0, 2**20)
    same(os.fstat(fd).st_size, 2**20, "size")
    same(os.pread(fd, 6, 0), b"kept\0\0")


@case("fallocate sets space aside")
def allocate():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    fallocate(fd, 0, 0, 2**20)
    same(os.fstat(fd).st_size, 2**20, "size")
    fallocate(fd, KEEP_SIZE, 2**20, 2**20)
    same(os.fstat(fd).st_size, 2**20, "size")


@case("fallocate punches a hole")
def punch():
    write("f", b"x" * 65_536)
    fd = os.open("f", os.O_RDWR)
    fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 4096, 8192)
    same(read("f"), b"x" * 4096 + bytes(8192) + b"x" * (65_536 - 12_288))


@case("a sparse file copied by its bytes is equal")
def copied():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    for place in (0, 100_000, 3_000_000):
        os.pwrite(fd, b"island", place)
    data = read("f")
    write("g", data)
    same(read("g") == data and len(data) == 3_000_006, True, "the copy is equal")
