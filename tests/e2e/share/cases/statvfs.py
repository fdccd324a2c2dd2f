"""What stat and statvfs say: sizes, inode numbers, devices, free space."""

import os
import shutil
import stat

from .kit import case, holds, same, write


@case("statvfs gives sane sizes and a name length of 255")
def sizes():
    info = os.statvfs(".")
    holds(info.f_bsize >= 512, "no block size")
    holds(info.f_frsize >= 512, "no fragment size")
    holds(0 < info.f_bavail <= info.f_bfree <= info.f_blocks, "free blocks do not fit")
    same(info.f_namemax, 255, "longest name")


@case("statvfs and fstatvfs agree, anywhere in the tree")
def agree():
    os.mkdir("d")
    fd = os.open("d", os.O_RDONLY)
    same(os.statvfs("d").f_blocks, os.fstatvfs(fd).f_blocks, "blocks")
    same(os.statvfs(".").f_blocks, os.fstatvfs(fd).f_blocks, "blocks")


@case("disk_usage gives free space")
def usage():
    holds(shutil.disk_usage(".").free > 2**20, "less than 1 MiB free")


@case("everything below has one device number")
def device():
    os.makedirs("a/b")
    write("a/b/f")
    same({os.lstat(p).st_dev for p in (".", "a", "a/b", "a/b/f")}, {os.stat(".").st_dev}, "devices")


@case("three hundred files have three hundred inode numbers, which stay")
def inodes():
    for number in range(300):
        write(f"f{number}", b"")
    first = {n: os.stat(n).st_ino for n in os.listdir()}
    same(len(set(first.values())), 300, "different inode numbers")
    same({n: os.stat(n).st_ino for n in os.listdir()}, first, "inode numbers later")


@case("a directory's entries name the inode numbers that stat gives")
def entry_inodes():
    for number in range(50):
        write(f"f{number}", b"")
    os.mkdir("d")
    with os.scandir() as entries:
        wrong = [e.name for e in entries if e.inode() != os.lstat(e.name).st_ino]
    same(wrong, [], "entries with another inode number")


@case("the size is the number of bytes, and blocks hold them")
def size():
    for length in (0, 1, 511, 4096, 100_000):
        write("f", b"x" * length)
        fd = os.open("f", os.O_RDONLY)
        os.fsync(fd)
        info = os.stat("f")
        same(info.st_size, length, "size")
        holds(length < 1000 or info.st_blocks * 512 >= length, f"{info.st_blocks} blocks for {length} bytes")


@case("stat, lstat and fstat of a file agree in every field")
def same_everywhere():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"12345")
    views = [os.stat("f"), os.lstat("f"), os.fstat(fd), os.stat(f"/proc/self/fd/{fd}")]
    for view in views[1:]:
        same(tuple(view), tuple(views[0]))


@case("the kind of each entry is what was made")
def kinds():
    write("f")
    os.mkdir("d")
    os.symlink("f", "l")
    tests = {"f": stat.S_ISREG, "d": stat.S_ISDIR, "l": stat.S_ISLNK}
    for name, test in tests.items():
        holds(test(os.lstat(name).st_mode), f"{name} is of another kind")
