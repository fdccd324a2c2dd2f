"""Descriptors: dup, close, fork, offsets, select."""

import errno
import fcntl
import os
import select

from .kit import case, in_child, read, refuses, same, write

RW = os.O_CREAT | os.O_RDWR


@case("dup shares the offset, a second open does not")
def dup():
    write("f", b"0123456789")
    fd = os.open("f", os.O_RDONLY)
    twin, other = os.dup(fd), os.open("f", os.O_RDONLY)
    same(os.read(fd, 3), b"012")
    same((os.read(twin, 3), os.read(other, 3)), (b"345", b"012"))


@case("dup2 replaces a descriptor")
def dup2():
    write("a", b"a")
    write("b", b"b")
    first, second = os.open("a", os.O_RDONLY), os.open("b", os.O_RDONLY)
    os.dup2(first, second)
    same(os.read(second, 1), b"a")


@case("a closed descriptor is refused, its twin works on")
def close():
    fd = os.open("f", RW)
    twin = os.dup(fd)
    os.close(fd)
    refuses(errno.EBADF, os.write, fd, b"x")
    refuses(errno.EBADF, os.fstat, fd)
    refuses(errno.EBADF, os.close, fd)
    os.write(twin, b"works")
    same(read("f"), b"works")


@case("a child shares the offset of what it inherits")
def fork():
    fd = os.open("f", RW)
    os.write(fd, b"one")
    in_child(lambda: os.write(fd, b"two"))
    os.write(fd, b"three")
    same(read("f"), b"onetwothree")


@case("lseek from start, place and end")
def seek():
    write("f", b"0123456789")
    fd = os.open("f", os.O_RDONLY)
    same(os.lseek(fd, 4, os.SEEK_SET), 4)
    same(os.lseek(fd, 2, os.SEEK_CUR), 6)
    same(os.lseek(fd, -1, os.SEEK_END), 9)
    same(os.lseek(fd, 100, os.SEEK_END), 110)
    refuses(errno.EINVAL, os.lseek, fd, -1, os.SEEK_SET)


@case("flags can be read, and O_APPEND can be set later")
def flags():
    fd = os.open("f", RW)
    os.write(fd, b"one")
    os.lseek(fd, 0, os.SEEK_SET)
    same(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE, os.O_RDWR, "access mode")
    fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND)
    os.write(fd, b"two")
    same(read("f"), b"onetwo")


@case("a regular file is always ready for select, and refused by epoll")
def ready():
    write("f")
    fd = os.open("f", os.O_RDWR)
    same(select.select([fd], [fd], [], 0), ([fd], [fd], []))
    refuses(errno.EPERM, select.epoll().register, fd)


@case("opened and closed a thousand times")
def many_times():
    write("f")
    for _ in range(1000):
        os.close(os.open("f", os.O_RDONLY))


@case("a pipe's bytes can be spliced into a file")
def splice():
    if not hasattr(os, "splice"):
        raise AssertionError("Python has no os.splice")
    reader, writer = os.pipe()
    os.write(writer, b"through the pipe")
    fd = os.open("f", RW)
    same(os.splice(reader, fd, 100, offset_dst=0), 16)
    same(read("f"), b"through the pipe")
