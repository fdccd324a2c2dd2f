"""rename of files and directories that are in use."""

import os

from .kit import case, fill, in_child, read, same, write, write_all


@case("a descriptor follows its file to a new name")
def follows():
    fd = os.open("a", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"before ")
    os.rename("a", "b")
    os.write(fd, b"after")
    same(read("b"), b"before after")
    same(os.fstat(fd).st_ino, os.stat("b").st_ino, "inode")
    same(os.fstat(fd).st_size, 12, "size")


@case("ftruncate, fchmod and futimens act on the renamed file, not on a new one of the old name")
def not_by_name():
    fd = os.open("a", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"moved content")
    os.rename("a", "b")
    write("a", b"another file")
    os.ftruncate(fd, 5)
    os.fchmod(fd, 0o600)
    os.utime(fd, ns=(10**18, 10**18))
    same((read("a"), read("b")), (b"another file", b"moved"))
    same(oct(os.stat("a").st_mode & 0o777), oct(0o644), "mode of the other file")
    same(os.stat("b").st_mtime_ns, 10**18, "mtime of the renamed file")


@case("a file that was replaced can still be read and written by who has it open")
def replaced():
    write("b", b"old content")
    fd = os.open("b", os.O_RDWR)
    write("a", b"new")
    os.rename("a", "b")
    same(os.pread(fd, 100, 0), b"old content")
    os.pwrite(fd, b"OLD", 0)
    same(os.pread(fd, 100, 0), b"OLD content")
    same(read("b"), b"new")


@case("fstat of a file that was replaced gives its own size and no links")
def replaced_stat():
    write("b", b"old content")
    fd = os.open("b", os.O_RDWR)
    write("a", b"new")
    os.rename("a", "b")
    same((os.fstat(fd).st_size, os.fstat(fd).st_nlink), (11, 0), "size and link count")


@case("ftruncate, fchmod and futimens of a file that was replaced leave its successor alone")
def replaced_changes():
    write("b", b"old content")
    fd = os.open("b", os.O_RDWR)
    write("a", b"new")
    os.rename("a", "b")
    before = os.stat("b")
    for change in (lambda: os.ftruncate(fd, 0), lambda: os.fchmod(fd, 0o600), lambda: os.utime(fd, (1, 1))):
        try:
            change()
        except OSError:
            pass  # whether the old file can still be changed is another case
    after = os.stat("b")
    same(read("b"), b"new")
    same((after.st_mode, after.st_mtime_ns), (before.st_mode, before.st_mtime_ns), "mode and mtime of the new file")


@case("a file stays usable while a directory above it is renamed")
def above():
    os.makedirs("x/y")
    fd = os.open("x/y/f", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"one ")
    os.rename("x", "z")
    os.write(fd, b"two")
    os.ftruncate(fd, 6)
    same(os.fstat(fd).st_size, 6, "size")
    same(read("z/y/f"), b"one tw")


@case("the current directory follows its rename")
def current():
    os.makedirs("x/y")
    base = os.getcwd()
    os.chdir("x/y")
    os.rename("../../x", "../../z")
    same(os.getcwd(), f"{base}/z/y")
    write("f")
    same(read(f"{base}/z/y/f"), b"content")


@case("names are found below a directory descriptor after its rename")
def directory_descriptor():
    os.mkdir("d")
    write("d/f")
    fd = os.open("d", os.O_RDONLY | os.O_DIRECTORY)
    os.rename("d", "e")
    os.mkdir("d")
    same(os.listdir(fd), ["f"])
    same(os.stat("f", dir_fd=fd).st_size, 7, "size")
    os.close(os.open("g", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    same((sorted(os.listdir("e")), os.listdir("d")), (["f", "g"], []))


@case("another process sees a rename at once")
def other_process():
    write("a")
    same(in_child(lambda: os.path.exists("a")), True)
    os.rename("a", "b")
    same(in_child(lambda: (os.path.exists("a"), read("b"))), (False, b"content"))


@case("renames while a directory is read show every untouched name exactly once", limit=90)
def while_reading():
    fill(2000)
    seen = []
    with os.scandir() as entries:
        for position, entry in enumerate(entries):
            seen.append(entry.name)
            if position < 500:
                os.rename(f"f{1500 + position}", f"g{position}")
    untouched = {f"f{n}" for n in range(1500)}
    same(sorted(n for n in seen if n in untouched), sorted(untouched), "untouched names")
    for number in range(500):
        shown = seen.count(f"f{1500 + number}") + seen.count(f"g{number}")
        same(shown <= 2, True, "a renamed name shows at most under both names")


@case("a log that is rotated keeps every line")
def rotate():
    fd = os.open("log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for number in range(300):
        write_all(fd, b"%d\n" % number)
        if number % 100 == 99:
            os.rename("log", f"log.{number // 100}")
            fd = os.open("log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    lines = b"".join(read(f"log.{n}") for n in range(3)).split()
    same([int(x) for x in lines], list(range(300)))
