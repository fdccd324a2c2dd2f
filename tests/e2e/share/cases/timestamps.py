"""atime, mtime and ctime: set by hand and by what happens."""

import ctypes
import errno
import mmap
import os
import time

from .kit import AT_FDCWD, AT_SYMLINK_NOFOLLOW, Timespec, case, holds, libc, read, refuses, same, tick, write

UTIME_NOW, UTIME_OMIT = (1 << 30) - 1, (1 << 30) - 2
OLD = 1_000_000_000_000_000_000  # in ns; a whole second, since how finely times are kept is one case of its own


def utimensat(path: bytes, atime: tuple[int, int], mtime: tuple[int, int], flags: int = 0) -> None:
    libc("utimensat", AT_FDCWD, path, ctypes.byref((Timespec * 2)(Timespec(*atime), Timespec(*mtime))), flags)


def later(path: str, change, mtime: bool = True) -> None:
    """The change must move ctime on, and mtime only if said so."""
    before = os.stat(path)
    tick()
    change()
    after = os.stat(path)
    holds(after.st_ctime_ns > before.st_ctime_ns, "ctime is not later")
    same(after.st_mtime_ns > before.st_mtime_ns, mtime, "mtime is later")


@case("times are kept to the nanosecond")
def nanoseconds():
    write("f")
    os.utime("f", ns=(OLD + 123_456_789, OLD + 1))
    info = os.stat("f")
    same((info.st_atime_ns, info.st_mtime_ns), (OLD + 123_456_789, OLD + 1))


@case("UTIME_NOW sets the present, UTIME_OMIT sets nothing")
def now_omit():
    write("f")
    os.utime("f", ns=(OLD, OLD))
    utimensat(b"f", (0, UTIME_OMIT), (0, UTIME_NOW))
    info = os.stat("f")
    same(info.st_atime_ns, OLD, "atime")
    holds(abs(info.st_mtime - time.time()) < 5, f"mtime is {info.st_mtime - time.time():.1f} s from now")
    utimensat(b"f", (5, 0), (0, UTIME_OMIT))
    same(os.stat("f").st_atime_ns, 5_000_000_000, "atime")
    same(os.stat("f").st_mtime_ns, info.st_mtime_ns, "mtime")


@case("times before 1970 are kept")
def before():
    write("f")
    for seconds in (-1, -86_400 * 365):
        os.utime("f", (seconds, seconds))
        same(int(os.stat("f").st_mtime), seconds, "mtime")


@case("times of 1970 and after 2038 are kept")
def far():
    write("f")
    for seconds in (0, 1, 2**31, 2**32 + 5):
        os.utime("f", (seconds, seconds))
        same(int(os.stat("f").st_mtime), seconds, "mtime")


@case("a symlink has times of its own")
def symlink():
    write("f")
    os.symlink("f", "l")
    os.utime("f", ns=(OLD, OLD))
    utimensat(b"l", (7, 0), (8, 0), AT_SYMLINK_NOFOLLOW)
    same(os.lstat("l").st_mtime_ns, 8_000_000_000, "mtime of the link")
    same(os.stat("l").st_mtime_ns, OLD, "mtime of its target")


@case("futimens works through a descriptor, also a read-only one")
def by_descriptor():
    write("f")
    fd = os.open("f", os.O_RDONLY)
    os.utime(fd, ns=(OLD, OLD))
    same(os.fstat(fd).st_mtime_ns, OLD, "mtime")


@case("directories take times")
def directory():
    os.mkdir("d")
    os.utime("d", ns=(OLD, OLD))
    same(os.stat("d").st_mtime_ns, OLD, "mtime")


@case("times set before close are there after it, as archive tools need")
def before_close():
    fd = os.open("f", os.O_CREAT | os.O_WRONLY)
    os.write(fd, b"x" * 10_000)
    os.utime(fd, ns=(OLD, OLD))
    os.close(fd)
    same(os.stat("f").st_mtime_ns, OLD, "mtime")
    read("f")
    same(os.stat("f").st_mtime_ns, OLD, "mtime after reading")


@case("write moves mtime and ctime on")
def writing():
    write("f")
    fd = os.open("f", os.O_WRONLY)
    later("f", lambda: os.write(fd, b"x"))
    later("f", lambda: os.pwrite(fd, b"y", 100))


@case("an append moves mtime on")
def appending():
    write("f")
    fd = os.open("f", os.O_WRONLY | os.O_APPEND)
    later("f", lambda: os.write(fd, b"x"))


@case("O_TRUNC and ftruncate move mtime on")
def truncating():
    write("f")
    later("f", lambda: os.close(os.open("f", os.O_WRONLY | os.O_TRUNC)))
    fd = os.open("f", os.O_WRONLY)
    later("f", lambda: os.ftruncate(fd, 3))


@case("chmod, chown, link, rename and utime move ctime on, not mtime")
def inode():
    write("f")
    later("f", lambda: os.chmod("f", 0o600), mtime=False)
    later("f", lambda: os.chown("f", -1, os.getgid()), mtime=False)
    later("f", lambda: os.link("f", "g"), mtime=False)
    later("g", lambda: os.unlink("f"), mtime=False)
    os.utime("g", ns=(OLD, OLD))
    later("g", lambda: os.utime("g", ns=(OLD, OLD)), mtime=False)


@case("reading changes neither mtime nor ctime")
def reading():
    write("f")
    before = os.stat("f")
    tick()
    read("f")
    after = os.stat("f")
    same((after.st_mtime_ns, after.st_ctime_ns), (before.st_mtime_ns, before.st_ctime_ns))


@case("a write through a mapping moves mtime on, at the latest with msync")
def mapped():
    write("f", b"x" * 4096)
    fd = os.open("f", os.O_RDWR)
    memory = mmap.mmap(fd, 4096)

    def change():
        memory[0] = 1
        memory.flush()

    later("f", change)


@case("a new file's times are the clock's of this machine, within 5 s")
def clock():
    write("f")
    away = os.stat("f").st_mtime - time.time()
    holds(abs(away) < 5, f"the new file's mtime is {away:.1f} s from this machine's clock")


@case("what is made later is never older, as make needs")
def order():
    last = 0
    for number in range(50):
        write(f"f{number}")
        now = os.stat(f"f{number}").st_mtime_ns
        holds(now >= last, "a later file is older")
        last = now


@case("utime by who may not write is refused")
def refused():
    refuses(errno.ENOENT, os.utime, "missing")
    refuses(errno.EPERM, os.utime, "/etc/hostname" if os.path.exists("/etc/hostname") else "/etc/passwd", (1, 1))
    refuses(errno.EACCES, os.utime, "/etc/passwd")


@case("stat of a directory shows changes below it at once")
def directory_changes():
    os.mkdir("d")
    later("d", lambda: write("d/f"))
    later("d", lambda: os.rename("d/f", "d/g"))
    later("d", lambda: os.unlink("d/g"))
