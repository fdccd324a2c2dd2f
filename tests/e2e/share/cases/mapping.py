"""Files mapped into memory."""

import errno
import mmap
import os
import signal

from .kit import case, in_child, read, refuses, same, signal_of, write, write_all

PAGE = mmap.PAGESIZE


def opened(data: bytes) -> int:
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    write_all(fd, data)
    return fd


@case("a write to a shared mapping is seen by read")
def map_to_read():
    fd = opened(b"x" * PAGE)
    memory = mmap.mmap(fd, PAGE)
    memory[10:15] = b"hello"
    same(os.pread(fd, 5, 10), b"hello")
    same(read("f")[10:15], b"hello")


@case("a write is seen in a shared mapping")
def write_to_map():
    fd = opened(b"x" * PAGE)
    memory = mmap.mmap(fd, PAGE)
    same(memory[:1], b"x")
    os.pwrite(fd, b"world", 20)
    same(memory[20:25], b"world")
    with open("f", "r+b") as other:
        other.write(b"again")
    same(memory[:5], b"again")


@case("two processes share a mapping")
def processes():
    fd = opened(bytes(PAGE))
    memory = mmap.mmap(fd, PAGE)

    def other():
        own = mmap.mmap(os.open("f", os.O_RDWR), PAGE)
        own[0:5] = b"child"

    in_child(other)
    same(memory[:5], b"child")
    memory[0:6] = b"parent"
    same(in_child(lambda: mmap.mmap(os.open("f", os.O_RDONLY), PAGE, prot=mmap.PROT_READ)[:6]), b"parent")


@case("msync and close leave the bytes in the file")
def synced():
    fd = opened(bytes(PAGE * 4))
    memory = mmap.mmap(fd, PAGE * 4)
    memory[PAGE:PAGE + 4] = b"page"
    memory.flush()
    memory.close()
    os.close(fd)
    same(read("f"), bytes(PAGE) + b"page" + bytes(PAGE * 3 - 4))


@case("bytes mapped and never synced are in the file after unmapping")
def unsynced():
    fd = opened(bytes(PAGE))
    memory = mmap.mmap(fd, PAGE)
    memory[:4] = b"data"
    memory.close()
    os.close(fd)
    same(in_child(lambda: read("f")[:4]), b"data")


@case("a private mapping keeps its writes to itself")
def private():
    fd = opened(b"x" * PAGE)
    memory = mmap.mmap(fd, PAGE, flags=mmap.MAP_PRIVATE)
    memory[:5] = b"mine!"
    same((memory[:5], read("f")[:5]), (b"mine!", b"xxxxx"))


@case("a read-only file can be mapped to read, not to write shared")
def read_only():
    write("f", b"content")
    os.chmod("f", 0o400)
    fd = os.open("f", os.O_RDONLY)
    same(mmap.mmap(fd, 7, prot=mmap.PROT_READ)[:], b"content")
    refuses(errno.EACCES, mmap.mmap, fd, 7)


@case("a mapping outlives its descriptor")
def outlives():
    fd = opened(b"content")
    memory = mmap.mmap(fd, 7)
    os.close(fd)
    same(memory[:], b"content")


@case("touching a mapping beyond the end of the file raises SIGBUS")
def beyond():
    def touch():
        fd = opened(b"x" * (2 * PAGE))
        memory = mmap.mmap(fd, 2 * PAGE)
        os.ftruncate(fd, 10)
        memory[PAGE]

    same(signal_of(touch), signal.SIGBUS, "signal")


@case("the rest of the last page reads as zeros")
def tail():
    fd = opened(b"12345")
    same(mmap.mmap(fd, 5)[:], b"12345")
    os.ftruncate(fd, PAGE)
    same(mmap.mmap(fd, PAGE)[5:], bytes(PAGE - 5))


@case("a file that grows can be mapped further")
def grows():
    fd = opened(bytes(PAGE))
    os.ftruncate(fd, 3 * PAGE)
    memory = mmap.mmap(fd, 3 * PAGE)
    memory[2 * PAGE:2 * PAGE + 3] = b"end"
    memory.flush()
    same(os.pread(fd, 3, 2 * PAGE), b"end")


@case("a mapping of 32 MiB holds what was written to it")
def large():
    fd = opened(b"")
    os.ftruncate(fd, 2**25)
    memory = mmap.mmap(fd, 2**25)
    for page in range(0, 2**25, 2**16):
        memory[page:page + 8] = page.to_bytes(8, "big")
    memory.flush()
    memory.close()
    for page in range(0, 2**25, 2**16):
        same(os.pread(fd, 8, page), page.to_bytes(8, "big"))


@case("a mapping at an offset")
def offset():
    fd = opened(b"a" * PAGE + b"b" * PAGE)
    same(mmap.mmap(fd, PAGE, offset=PAGE)[:3], b"bbb")


@case("after truncation and regrowth old bytes are gone from mapping and file")
def regrown():
    fd = opened(b"s" * PAGE)
    memory = mmap.mmap(fd, PAGE)
    same(memory[:1], b"s")
    os.ftruncate(fd, 0)
    os.ftruncate(fd, PAGE)
    same(memory[:], bytes(PAGE))
    same(read("f"), bytes(PAGE))
