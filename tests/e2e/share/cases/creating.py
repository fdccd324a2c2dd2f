"""open that makes files: O_CREAT, O_EXCL, O_TMPFILE, mknod."""

import errno
import os
import stat
import tempfile

from .kit import AT_FDCWD, AT_SYMLINK_FOLLOW, case, holds, join, libc, mode_of, read, refuses, same, spawn, tick, write


@case("O_CREAT makes an empty file with the mode asked for")
def create():
    os.umask(0)
    for mode in (0o600, 0o644, 0o755, 0o777, 0o400, 0o000):
        os.close(os.open(f"f{mode}", os.O_CREAT | os.O_WRONLY, mode))
        same(oct(mode_of(f"f{mode}")), oct(mode))
        same(os.stat(f"f{mode}").st_size, 0, "size")


@case("O_CREAT leaves an existing file's mode and content alone")
def existing():
    write("f", mode=0o600)
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, 0o777))
    same(oct(mode_of("f")), oct(0o600))
    same(read("f"), b"content")


@case("O_EXCL refuses every existing name")
def exclusive():
    write("f")
    os.mkdir("d")
    os.symlink("missing", "l")
    for name in "fdl":
        refuses(errno.EEXIST, os.open, name, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    os.close(os.open("new", os.O_CREAT | os.O_EXCL | os.O_WRONLY))


@case("one of eight that create the same file with O_EXCL wins, ten times")
def race():
    os.mkdir("won")

    def attempt():
        for turn in range(10):
            try:
                os.close(os.open(f"f{turn}", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                write(f"won/{turn}.{os.getpid()}", b"")
            except FileExistsError:
                pass

    join(*[spawn(attempt) for _ in range(8)])
    same(sorted(int(n.split(".")[0]) for n in os.listdir("won")), list(range(10)), "winners of each turn")


@case("a read-only file can be written by who creates it")
def read_only():
    fd = os.open("f", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o444)
    os.write(fd, b"as git does")
    same(os.pread(fd, 100, 0), b"as git does")
    os.close(fd)
    same(read("f"), b"as git does")
    refuses(errno.EACCES, os.open, "f", os.O_WRONLY)


@case("creating a file changes the directory's mtime and ctime")
def times():
    os.mkdir("d")
    before = os.stat("d")
    tick()
    write("d/f")
    after = os.stat("d")
    same((after.st_mtime_ns > before.st_mtime_ns, after.st_ctime_ns > before.st_ctime_ns), (True, True), "later times")


@case("creating below what is not there is refused")
def bad_paths():
    write("f")
    flags = os.O_CREAT | os.O_WRONLY
    refuses(errno.ENOENT, os.open, "missing/f", flags)
    refuses(errno.ENOTDIR, os.open, "f/g", flags)
    refuses(errno.EISDIR, os.open, "new/", flags)
    refuses(errno.ENAMETOOLONG, os.open, "x" * 256, flags)
    same(os.listdir(), ["f"])


@case("O_TMPFILE makes a file without a name")
def tmpfile():
    fd = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600)
    os.write(fd, b"nameless")
    same(os.pread(fd, 100, 0), b"nameless")
    same(os.fstat(fd).st_nlink, 0, "link count")
    same(os.listdir(), [])


@case("an O_TMPFILE file can be given a name")
def tmpfile_link():
    fd = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o640)
    os.write(fd, b"named later")
    libc("linkat", AT_FDCWD, b"/proc/self/fd/%d" % fd, AT_FDCWD, b"f", AT_SYMLINK_FOLLOW)
    same(read("f"), b"named later")
    same(oct(mode_of("f")), oct(0o640))


@case("Python's temporary files and directories work")
def temporary():
    with tempfile.TemporaryFile(dir=".") as nameless:
        nameless.write(b"x" * 100_000)
        nameless.seek(0)
        same(len(nameless.read()), 100_000)
    with tempfile.NamedTemporaryFile(dir=".") as named:
        named.write(b"y")
        named.flush()
        same(read(named.name), b"y")
        same(oct(mode_of(named.name)), oct(0o600))
    with tempfile.TemporaryDirectory(dir=".") as directory:
        write(f"{directory}/f")
    same(os.listdir(), [])


@case("mknod makes regular files, and no devices")
def mknod():
    os.mknod("f", stat.S_IFREG | 0o600)
    holds(stat.S_ISREG(os.stat("f").st_mode), "f is no regular file")
    refuses(errno.EPERM, os.mknod, "c", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    refuses(errno.EPERM, os.mknod, "b", stat.S_IFBLK | 0o600, os.makedev(7, 0))
    refuses(errno.EEXIST, os.mknod, "f", stat.S_IFREG | 0o600)


@case("files are created below a directory descriptor")
def at():
    os.mkdir("d")
    directory = os.open("d", os.O_RDONLY)
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=directory))
    same(os.listdir("d"), ["f"])
    refuses(errno.ENOTDIR, os.open, "x", os.O_CREAT | os.O_WRONLY, dir_fd=os.open("d/f", os.O_RDWR))


@case("a file is there for other processes as soon as it is created")
def visible():
    write("go", b"")

    def make():
        for number in range(50):
            write(f"f{number}", b"%d" % number)

    join(spawn(make))
    for number in range(50):
        same(read(f"f{number}"), b"%d" % number)
