"""chmod and fchmod, and the modes that new files get."""

import errno
import os

from .kit import case, mode_of, read, refuses, same, tick, write


@case("chmod sets each mode of a file")
def file_modes():
    write("f")
    for mode in (0o000, 0o400, 0o444, 0o600, 0o640, 0o644, 0o664, 0o711, 0o755, 0o777):
        os.chmod("f", mode)
        same(oct(mode_of("f")), oct(mode))


@case("chmod sets each mode of a directory")
def directory_modes():
    os.mkdir("d")
    for mode in (0o000, 0o500, 0o700, 0o750, 0o755, 0o777, 0o1777, 0o2755):
        os.chmod("d", mode)
        same(oct(mode_of("d")), oct(mode))


@case("fchmod changes the file behind a descriptor")
def by_descriptor():
    write("f")
    fd = os.open("f", os.O_RDONLY)
    os.fchmod(fd, 0o600)
    same(oct(mode_of("f")), oct(0o600))
    same(oct(os.fstat(fd).st_mode & 0o7777), oct(0o600))


@case("chmod through a symlink changes its target")
def follows():
    write("f")
    os.symlink("f", "l")
    os.chmod("l", 0o600)
    same(oct(mode_of("f")), oct(0o600))


@case("chmod changes ctime and leaves mtime")
def times():
    write("f")
    before = os.stat("f")
    tick()
    os.chmod("f", 0o600)
    after = os.stat("f")
    same(after.st_mtime_ns, before.st_mtime_ns, "mtime")
    same(after.st_ctime_ns > before.st_ctime_ns, True, "ctime is later")


@case("chmod of a missing file, below a file and through a loop is refused")
def bad_paths():
    write("f")
    os.symlink("loop", "loop")
    refuses(errno.ENOENT, os.chmod, "missing", 0o600)
    refuses(errno.ENOTDIR, os.chmod, "f/x", 0o600)
    refuses(errno.ELOOP, os.chmod, "loop", 0o600)
    refuses(errno.ENAMETOOLONG, os.chmod, "x" * 256, 0o600)
    refuses(errno.ENOENT, os.chmod, "", 0o600)


@case("a file without permissions cannot be opened by its owner")
def denied_file():
    write("f")
    os.chmod("f", 0)
    refuses(errno.EACCES, os.open, "f", os.O_RDONLY)
    refuses(errno.EACCES, os.open, "f", os.O_WRONLY)
    os.chmod("f", 0o400)
    same(read("f"), b"content")
    refuses(errno.EACCES, os.open, "f", os.O_WRONLY)


@case("a directory without permissions can be neither listed nor entered")
def denied_directory():
    os.mkdir("d")
    write("d/f")
    os.chmod("d", 0)
    refuses(errno.EACCES, os.listdir, "d")
    refuses(errno.EACCES, os.stat, "d/f")
    refuses(errno.EACCES, os.chdir, "d")


@case("a directory with only r can be listed but not searched, with only x the other way round")
def half_directory():
    os.mkdir("d")
    write("d/f")
    os.chmod("d", 0o400)
    same(os.listdir("d"), ["f"])
    refuses(errno.EACCES, os.open, "d/f", os.O_RDONLY)
    os.chmod("d", 0o100)
    same(read("d/f"), b"content")
    refuses(errno.EACCES, os.listdir, "d")


@case("the umask is applied to new files and directories")
def umask():
    for mask, mode in ((0o000, 0o666), (0o022, 0o644), (0o027, 0o640), (0o077, 0o600)):
        os.umask(mask)
        os.close(os.open(f"f{mask}", os.O_CREAT | os.O_WRONLY, 0o666))
        os.mkdir(f"d{mask}", 0o777)
        same(oct(mode_of(f"f{mask}")), oct(mode))
        same(oct(mode_of(f"d{mask}")), oct(0o777 & ~mask))


@case("an open descriptor outlives the permissions it was opened with")
def outlives():
    fd = os.open("f", os.O_CREAT | os.O_RDWR, 0o600)
    os.chmod("f", 0)
    same(os.write(fd, b"still"), 5)
    same(os.pread(fd, 5, 0), b"still")


@case("only the owner's class counts for the owner")
def owner_class():
    write("f")
    os.chmod("f", 0o077)
    refuses(errno.EACCES, os.open, "f", os.O_RDONLY)
