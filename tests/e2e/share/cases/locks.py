"""flock and fcntl locks between processes of one guest."""

import errno
import fcntl
import os
import signal
import struct
import time
from collections.abc import Callable

from .kit import case, in_child, join, refuses, same, spawn, write

RW = os.O_CREAT | os.O_RDWR
NB = fcntl.LOCK_NB


def flock_elsewhere(how: int, name: str = "f") -> bool:
    """True when another process gets the lock (and gives it up again)."""

    def attempt() -> bool:
        try:
            fcntl.flock(os.open(name, RW), how | NB)
        except BlockingIOError:
            return False
        return True

    return bool(in_child(attempt))


def lockf_elsewhere(how: int, length: int = 0, start: int = 0) -> bool:
    def attempt() -> bool:
        try:
            fcntl.lockf(os.open("f", RW), how | NB, length, start)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            return False
        return True

    return bool(in_child(attempt))


@case("an exclusive flock keeps others out until it is given up")
def flock_exclusive():
    fd = os.open("f", RW)
    fcntl.flock(fd, fcntl.LOCK_EX)
    same((flock_elsewhere(fcntl.LOCK_EX), flock_elsewhere(fcntl.LOCK_SH)), (False, False))
    fcntl.flock(fd, fcntl.LOCK_UN)
    same(flock_elsewhere(fcntl.LOCK_EX), True)


@case("shared flocks go together, and keep exclusive ones out")
def flock_shared():
    fd = os.open("f", RW)
    fcntl.flock(fd, fcntl.LOCK_SH)
    same((flock_elsewhere(fcntl.LOCK_SH), flock_elsewhere(fcntl.LOCK_EX)), (True, False))


@case("closing the descriptor gives a flock up")
def flock_close():
    fd = os.open("f", RW)
    fcntl.flock(fd, fcntl.LOCK_EX)
    os.close(fd)
    same(flock_elsewhere(fcntl.LOCK_EX), True)


@case("two descriptors of one process have flocks of their own")
def flock_two():
    first, second = os.open("f", RW), os.open("f", RW)
    fcntl.flock(first, fcntl.LOCK_EX)
    refuses(errno.EAGAIN, fcntl.flock, second, fcntl.LOCK_EX | NB)
    fcntl.flock(os.dup(first), fcntl.LOCK_EX | NB)


def killed(lock: Callable, elsewhere: Callable[[int], bool]) -> None:
    reader, writer = os.pipe()

    def hold():
        lock(os.open("f", RW), fcntl.LOCK_EX)
        os.write(writer, b"x")
        time.sleep(60)

    pid = spawn(hold)
    os.read(reader, 1)
    same(elsewhere(fcntl.LOCK_EX), False)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    same(elsewhere(fcntl.LOCK_EX), True)


@case("a process that is killed gives its flock up")
def killed_flock():
    killed(fcntl.flock, flock_elsewhere)


@case("a process that is killed gives its record locks up")
def killed_lockf():
    killed(fcntl.lockf, lockf_elsewhere)


@case("who waits for a flock gets it when it is given up")
def flock_waits():
    fd = os.open("f", RW)
    fcntl.flock(fd, fcntl.LOCK_EX)
    reader, writer = os.pipe()

    def wait():
        own = os.open("f", RW)
        os.write(writer, b"x")
        fcntl.flock(own, fcntl.LOCK_EX)
        write("got", b"")

    pid = spawn(wait)
    os.read(reader, 1)
    time.sleep(0.2)
    same(os.path.exists("got"), False, "the lock was got too early")
    fcntl.flock(fd, fcntl.LOCK_UN)
    join(pid)
    same(os.path.exists("got"), True)


@case("a record lock keeps others off its bytes only")
def ranges():
    fd = os.open("f", RW)
    fcntl.lockf(fd, fcntl.LOCK_EX, 10, 100)
    same(lockf_elsewhere(fcntl.LOCK_EX, 10, 105), False)
    same(lockf_elsewhere(fcntl.LOCK_EX, 10, 110), True)
    same(lockf_elsewhere(fcntl.LOCK_EX, 100, 0), True)
    fcntl.lockf(fd, fcntl.LOCK_UN, 5, 100)
    same(lockf_elsewhere(fcntl.LOCK_EX, 5, 100), True)
    same(lockf_elsewhere(fcntl.LOCK_EX, 5, 105), False)


@case("shared record locks go together")
def shared_ranges():
    fd = os.open("f", RW)
    fcntl.lockf(fd, fcntl.LOCK_SH)
    same((lockf_elsewhere(fcntl.LOCK_SH), lockf_elsewhere(fcntl.LOCK_EX)), (True, False))


@case("closing any descriptor of the file gives a process's record locks up")
def posix_close():
    fd = os.open("f", RW)
    fcntl.lockf(fd, fcntl.LOCK_EX)
    os.close(os.open("f", os.O_RDONLY))
    same(lockf_elsewhere(fcntl.LOCK_EX), True)


@case("F_GETLK names the process that holds the lock")
def get_lock():
    fd = os.open("f", RW)
    fcntl.lockf(fd, fcntl.LOCK_EX)
    holder = os.getpid()

    def ask():
        question = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack("hhqqi4x", fcntl.fcntl(os.open("f", RW), fcntl.F_GETLK, question))
        return kind == fcntl.F_WRLCK, pid

    same(in_child(ask), (True, holder))


@case("a record lock is not inherited by a child")
def not_inherited():
    fd = os.open("f", RW)
    fcntl.lockf(fd, fcntl.LOCK_EX)
    same(in_child(lambda: refuses((errno.EAGAIN, errno.EACCES), fcntl.lockf, fd, fcntl.LOCK_EX | NB)), None)


@case("two that wait for each other are told EDEADLK")
def deadlock():
    fd = os.open("f", RW)
    fcntl.lockf(fd, fcntl.LOCK_EX, 1, 0)
    reader, writer = os.pipe()

    def other():
        own = os.open("f", RW)
        fcntl.lockf(own, fcntl.LOCK_EX, 1, 1)
        os.write(writer, b"x")
        fcntl.lockf(own, fcntl.LOCK_EX, 1, 0)

    pid = spawn(other)
    os.read(reader, 1)
    time.sleep(0.3)  # until the other waits; too early would only mean no deadlock yet
    refuses(errno.EDEADLK, fcntl.lockf, fd, fcntl.LOCK_EX, 1, 1)
    fcntl.lockf(fd, fcntl.LOCK_UN)
    join(pid)


@case("open file description locks belong to the descriptor")
def ofd():
    first, second = os.open("f", RW), os.open("f", RW)
    lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    fcntl.fcntl(first, fcntl.F_OFD_SETLK, lock)
    refuses((errno.EAGAIN, errno.EACCES), fcntl.fcntl, second, fcntl.F_OFD_SETLK, lock)
    os.close(os.open("f", os.O_RDONLY))
    refuses((errno.EAGAIN, errno.EACCES), fcntl.fcntl, second, fcntl.F_OFD_SETLK, lock)


@case("flock and record locks do not disturb each other")
def independent():
    fd = os.open("f", RW)
    fcntl.flock(fd, fcntl.LOCK_EX)
    same(lockf_elsewhere(fcntl.LOCK_EX), True)


@case("four processes that count under a lock lose no count")
def counter():
    write("f", b"0")

    def count():
        for _ in range(50):
            fd = os.open("f", RW)
            fcntl.flock(fd, fcntl.LOCK_EX)
            value = int(os.pread(fd, 20, 0)) + 1
            os.pwrite(fd, b"%d" % value, 0)
            os.close(fd)

    join(*[spawn(count) for _ in range(4)])
    with open("f", "rb") as file:
        same(file.read(), b"200")


@case("a directory can be locked with flock")
def directory():
    os.mkdir("d")
    fd = os.open("d", os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    in_child(lambda: refuses(errno.EAGAIN, fcntl.flock, os.open("d", os.O_RDONLY), fcntl.LOCK_EX | NB))
