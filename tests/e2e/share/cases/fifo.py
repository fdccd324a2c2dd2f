"""Named pipes on the share: the name is in the file system, the pipe is in the guest."""

import errno
import os
import stat
import subprocess

from .kit import case, holds, join, mode_of, refuses, same, spawn, write


@case("mkfifo makes a FIFO with the mode asked for")
def make():
    os.umask(0)
    for mode in (0o600, 0o644, 0o666):
        os.mkfifo(f"p{mode}", mode)
        holds(stat.S_ISFIFO(os.stat(f"p{mode}").st_mode), "it is no FIFO")
        same(oct(mode_of(f"p{mode}")), oct(mode))


@case("bytes pass between two processes")
def passes():
    os.mkfifo("p")
    writer = spawn(lambda: write("p", b"through" * 20_000))
    with open("p", "rb") as stream:
        same(stream.read(), b"through" * 20_000)
    join(writer)


@case("open waits for the other end, and O_NONBLOCK does not")
def nonblocking():
    os.mkfifo("p")
    refuses(errno.ENXIO, os.open, "p", os.O_WRONLY | os.O_NONBLOCK)
    reader = os.open("p", os.O_RDONLY | os.O_NONBLOCK)
    same(os.read(reader, 10), b"")
    writer = os.open("p", os.O_WRONLY | os.O_NONBLOCK)
    os.write(writer, b"x")
    same(os.read(reader, 10), b"x")
    refuses(errno.EAGAIN, os.read, reader, 10)


@case("a writer without a reader gets EPIPE")
def broken():
    os.mkfifo("p")
    reader = os.open("p", os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open("p", os.O_WRONLY)
    os.close(reader)
    refuses(errno.EPIPE, os.write, writer, b"x")


@case("mkfifo onto an existing name, or where there is nothing, is refused")
def refused():
    write("f")
    os.mkfifo("p")
    refuses(errno.EEXIST, os.mkfifo, "f")
    refuses(errno.EEXIST, os.mkfifo, "p")
    refuses(errno.ENOENT, os.mkfifo, "missing/p")
    refuses(errno.ENOTDIR, os.mkfifo, "f/p")
    refuses(errno.ENAMETOOLONG, os.mkfifo, "x" * 256)


@case("a FIFO without permissions cannot be opened")
def denied():
    os.mkfifo("p", 0o600)
    os.chmod("p", 0)
    refuses(errno.EACCES, os.open, "p", os.O_RDONLY | os.O_NONBLOCK)


@case("two FIFOs, a request and an answer")
def both_ways():
    os.mkfifo("ask")
    os.mkfifo("answer")

    def serve():
        with open("ask", "rb") as ask:
            question = ask.read()
        write("answer", question.upper())

    server = spawn(serve)
    write("ask", b"hello")
    with open("answer", "rb") as answer:
        same(answer.read(), b"HELLO")
    join(server)


@case("a FIFO belongs to its maker, is linked, renamed, replaced and removed")
def names():
    os.mkfifo("p")
    same((os.stat("p").st_uid, os.stat("p").st_gid), (os.geteuid(), os.getegid()), "owner")
    os.link("p", "q")
    same(os.stat("q").st_nlink, 2, "link count")
    os.rename("p", "r")
    write("f")
    os.rename("f", "r")
    os.unlink("q")
    same(os.listdir(), ["r"])


@case("the umask is applied, and mknod makes FIFOs too")
def umask():
    os.umask(0o077)
    os.mkfifo("p", 0o666)
    os.mknod("q", stat.S_IFIFO | 0o666)
    same((oct(mode_of("p")), oct(mode_of("q"))), (oct(0o600), oct(0o600)))


@case("a FIFO stands in the way like any other name")
def in_the_way():
    os.mkfifo("p")
    refuses(errno.EEXIST, os.mkdir, "p")
    refuses(errno.EEXIST, os.open, "p", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    refuses(errno.ENOTDIR, os.rmdir, "p")
    refuses(errno.ENOTDIR, os.open, "p", os.O_RDONLY | os.O_DIRECTORY)
    os.mkdir("d")
    os.rename("p", "d/p")
    refuses((errno.ENOTEMPTY, errno.EEXIST), os.rmdir, "d")


@case("a listing says that it is a FIFO")
def listed():
    os.mkfifo("p")
    with os.scandir() as entries:
        seen = [(e.name, e.is_file(), e.is_dir(), stat.S_ISFIFO(e.stat().st_mode)) for e in entries]
    same(seen, [("p", False, False, True)])


@case("cp -a and tar carry FIFOs")
def carried():
    os.mkdir("t")
    os.mkfifo("t/p")
    script = "cp -a t u && tar cf t.tar t && rm -r t && tar xf t.tar"
    subprocess.run(["sh", "-c", script], check=True, capture_output=True, timeout=100)
    holds(stat.S_ISFIFO(os.stat("u/p").st_mode) and stat.S_ISFIFO(os.stat("t/p").st_mode), "a FIFO was lost")
