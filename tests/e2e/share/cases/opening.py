"""open of what exists: flags, kinds and refusals."""

import errno
import mmap
import os
import shutil
import subprocess

from .kit import case, holds, in_child, read, refuses, same, write


@case("O_TRUNC empties a file, also for those who have it open")
def truncating():
    write("f", b"x" * 5000)
    fd = os.open("f", os.O_RDONLY)
    same(len(os.pread(fd, 5000, 0)), 5000)
    os.close(os.open("f", os.O_WRONLY | os.O_TRUNC))
    same(os.pread(fd, 5000, 0), b"")
    same(os.fstat(fd).st_size, 0, "size")


@case("O_APPEND writes at the end, wherever the offset is")
def appending():
    write("f", b"one")
    fd = os.open("f", os.O_RDWR | os.O_APPEND)
    os.lseek(fd, 0, os.SEEK_SET)
    os.write(fd, b"two")
    other = os.open("f", os.O_WRONLY | os.O_APPEND)
    os.write(other, b"three")
    os.write(fd, b"four")
    same(read("f"), b"onetwothreefour")


@case("O_NOFOLLOW refuses a symlink, not a file")
def nofollow():
    write("f")
    os.symlink("f", "l")
    refuses(errno.ELOOP, os.open, "l", os.O_RDONLY | os.O_NOFOLLOW)
    os.close(os.open("f", os.O_RDONLY | os.O_NOFOLLOW))


@case("O_DIRECTORY refuses everything but directories")
def directory():
    write("f")
    os.mkdir("d")
    os.symlink("d", "l")
    os.close(os.open("d", os.O_RDONLY | os.O_DIRECTORY))
    os.close(os.open("l", os.O_RDONLY | os.O_DIRECTORY))
    refuses(errno.ENOTDIR, os.open, "f", os.O_RDONLY | os.O_DIRECTORY)


@case("a directory cannot be opened for writing, nor read as a file")
def directory_write():
    os.mkdir("d")
    refuses(errno.EISDIR, os.open, "d", os.O_WRONLY)
    refuses(errno.EISDIR, os.open, "d", os.O_RDWR)
    refuses(errno.EISDIR, os.open, "d", os.O_CREAT | os.O_WRONLY)
    refuses(errno.EISDIR, os.read, os.open("d", os.O_RDONLY), 10)


@case("a descriptor does only what it was opened for")
def direction():
    write("f")
    refuses(errno.EBADF, os.write, os.open("f", os.O_RDONLY), b"x")
    refuses(errno.EBADF, os.read, os.open("f", os.O_WRONLY), 1)


@case("open of what is not there is refused")
def bad_paths():
    write("f")
    os.symlink("missing", "dead")
    refuses(errno.ENOENT, os.open, "missing", os.O_RDONLY)
    refuses(errno.ENOENT, os.open, "dead", os.O_RDONLY)
    refuses(errno.ENOTDIR, os.open, "f/x", os.O_RDONLY)
    refuses(errno.ENOTDIR, os.open, "f/", os.O_RDONLY)
    refuses(errno.ENAMETOOLONG, os.open, "x" * 256, os.O_RDONLY)


@case("O_PATH gives a handle that can be looked at but not read")
def path_only():
    write("f")
    fd = os.open("f", os.O_PATH)
    same(os.fstat(fd).st_size, 7, "size")
    refuses(errno.EBADF, os.read, fd, 1)
    os.mkdir("d")
    write("d/g")
    same(os.stat("g", dir_fd=os.open("d", os.O_PATH)).st_size, 7, "size")


@case("O_CLOEXEC closes at exec, without it the descriptor stays")
def cloexec():
    write("f")
    stays = os.open("f", os.O_RDONLY)
    os.set_inheritable(stays, True)
    goes = os.open("f", os.O_RDONLY | os.O_CLOEXEC)
    script = f"test -e /proc/self/fd/{stays} && ! test -e /proc/self/fd/{goes}"
    same(subprocess.run(["sh", "-c", script], close_fds=False).returncode, 0, "exit code")


@case("O_SYNC and O_DSYNC write")
def synced():
    for flag in (os.O_SYNC, os.O_DSYNC):
        fd = os.open("f", os.O_CREAT | os.O_WRONLY | os.O_TRUNC | flag)
        os.write(fd, b"synced")
        same(read("f"), b"synced")


@case("O_DIRECT reads and writes aligned blocks")
def direct():
    block = mmap.mmap(-1, 8192)
    block.write(b"d" * 8192)
    fd = os.open("f", os.O_CREAT | os.O_RDWR | os.O_DIRECT)
    same(os.pwritev(fd, [block], 0), 8192)
    same(read("f"), b"d" * 8192)
    write("f", b"e" * 8192)
    same(os.preadv(fd, [block], 0), 8192)
    same(block[:], b"e" * 8192)


@case("O_NOATIME is allowed to the owner")
def noatime():
    write("f")
    os.close(os.open("f", os.O_RDONLY | os.O_NOATIME))


@case("a program that runs cannot be written")
def text_busy():
    shutil.copy(shutil.which("sleep"), "program")
    running = subprocess.Popen(["./program", "60"])
    try:
        refuses(errno.ETXTBSY, os.open, "program", os.O_WRONLY)
    finally:
        running.kill()
        running.wait()
    os.close(os.open("program", os.O_WRONLY))


@case("a descriptor passed to another process works there")
def inherited():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    in_child(lambda: os.write(fd, b"from the child"))
    same(os.pread(fd, 100, 0), b"from the child")
    same(os.lseek(fd, 0, os.SEEK_CUR), 14, "shared offset")


@case("a file can be opened again through /proc/self/fd")
def proc_fd():
    write("f")
    fd = os.open("f", os.O_RDONLY)
    again = os.open(f"/proc/self/fd/{fd}", os.O_RDWR)
    os.write(again, b"C")
    same(os.pread(fd, 7, 0), b"Content")
    holds(os.readlink(f"/proc/self/fd/{fd}").endswith("/f"), "the descriptor has another name")


@case("nine hundred files open at once")
def many_open():
    fds = [os.open(f"f{n}", os.O_CREAT | os.O_RDWR) for n in range(900)]
    for number, fd in enumerate(fds):
        os.write(fd, b"%d" % number)
    for number, fd in enumerate(fds):
        same(os.pread(fd, 10, 0), b"%d" % number)
