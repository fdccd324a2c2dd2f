"""Files that are still open when their last name goes."""

import errno
import mmap
import os
import tempfile

from .kit import case, in_child, read, refuses, same, write, write_all


def nameless(data: bytes = b"") -> int:
    """A file without a name, open for both; its offset is at the end."""
    fd = os.open("f", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    write_all(fd, data)
    os.unlink("f")
    same(os.listdir(), [])
    return fd


@case("it can be read and written")
def read_write():
    fd = nameless(b"before ")
    os.write(fd, b"after")
    same(os.pread(fd, 100, 0), b"before after")


@case("much of it can be read and written")
def large():
    fd = nameless()
    block = os.urandom(65_536)
    for _ in range(64):
        write_all(fd, block)
    same(all(os.pread(fd, 65_536, n * 65_536) == block for n in range(64)), True, "every block is right")


@case("fstat gives its size and no links")
def stat():
    fd = nameless(b"12345")
    same(os.fstat(fd).st_size, 5, "size")
    os.write(fd, b"678")
    info = os.fstat(fd)
    same((info.st_size, info.st_nlink), (8, 0), "size and link count")


@case("its end can be sought")
def seek():
    fd = nameless(b"12345")
    same(os.lseek(fd, 0, os.SEEK_END), 5, "end")
    os.write(fd, b"678")
    same(os.lseek(fd, -1, os.SEEK_END), 7, "before the end")


@case("ftruncate shortens and lengthens it")
def truncate():
    fd = nameless(b"0123456789")
    os.ftruncate(fd, 4)
    same(os.pread(fd, 100, 0), b"0123")
    os.ftruncate(fd, 8)
    same(os.pread(fd, 100, 0), b"0123" + bytes(4))


@case("fchmod and futimens work on it")
def attributes():
    fd = nameless(b"x")
    os.fchmod(fd, 0o640)
    os.utime(fd, ns=(10**18, 10**18))
    same(os.fstat(fd).st_mtime_ns, 10**18, "mtime")
    same(oct(os.fstat(fd).st_mode & 0o777), oct(0o640), "mode")


@case("fsync and fdatasync work on it")
def sync():
    fd = nameless(b"x")
    os.fsync(fd)
    os.fdatasync(fd)


@case("it can be mapped")
def mapped():
    fd = nameless(b"x" * 4096)
    memory = mmap.mmap(fd, 4096)
    memory[:5] = b"hello"
    memory.flush()
    same(os.pread(fd, 5, 0), b"hello")


@case("a mapping outlives name and descriptor")
def mapping_only():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"y" * 8192)
    memory = mmap.mmap(fd, 8192)
    os.close(fd)
    os.unlink("f")
    same(memory[:8192], b"y" * 8192)


@case("another process that inherited it can use it")
def inherited():
    fd = nameless(b"one ")
    in_child(lambda: os.write(fd, b"two"))
    same(os.pread(fd, 100, 0), b"one two")


@case("a new file of the same name is another file")
def same_name():
    fd = nameless(b"old")
    write("f", b"new")
    os.write(fd, b" and more")
    same((os.pread(fd, 100, 0), read("f")), (b"old and more", b"new"))


@case("ftruncate and fchmod on it leave a new file of the same name alone")
def same_name_changes():
    fd = nameless(b"old")
    write("f", b"new", 0o644)
    for change in (lambda: os.ftruncate(fd, 0), lambda: os.fchmod(fd, 0o600)):
        try:
            change()
        except OSError:
            pass  # whether the old file can still be changed is another case
    same((read("f"), oct(os.stat("f").st_mode & 0o777)), (b"new", oct(0o644)))


@case("it can be opened again through /proc/self/fd")
def reopened():
    fd = nameless(b"content")
    again = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY)
    same(os.read(again, 100), b"content")


@case("tempfile's spooled and nameless files work")
def temporary():
    with tempfile.TemporaryFile(dir=".") as file:
        file.write(b"line\n" * 1000)
        file.seek(0)
        same(len(file.readlines()), 1000, "lines")
        file.truncate(10)
        file.seek(0)
        same(file.read(), b"line\nline\n")


@case("a name that is gone from an open directory is gone")
def directory():
    os.mkdir("d")
    write("d/f")
    fd = os.open("d", os.O_RDONLY)
    os.unlink("d/f")
    same(os.listdir(fd), [])
    os.rmdir("d")
    refuses(errno.ENOENT, os.open, "f", os.O_CREAT | os.O_WRONLY, dir_fd=fd)
