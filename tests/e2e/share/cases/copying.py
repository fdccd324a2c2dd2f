"""Copying inside the kernel, and with the tools that programs use."""

import os
import shutil
import subprocess

from .kit import case, join, read, same, spawn, write, write_all


@case("sendfile from file to file")
def sendfile():
    data = os.urandom(300_000)
    write("a", data)
    source, target = os.open("a", os.O_RDONLY), os.open("b", os.O_CREAT | os.O_WRONLY)
    done = 0
    while done < len(data):
        done += os.sendfile(target, source, done, len(data) - done)
    same(read("b") == data, True, "the copy is equal")


@case("sendfile from file to pipe")
def sendfile_pipe():
    data = os.urandom(200_000)
    write("a", data)
    reader, writer = os.pipe()

    def send():
        source, done = os.open("a", os.O_RDONLY), 0
        while done < len(data):
            done += os.sendfile(writer, source, done, len(data) - done)

    pid = spawn(send)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        same(stream.read() == data, True, "the bytes are equal")
    join(pid)


@case("copy_file_range copies all and a part")
def copy_range():
    data = os.urandom(300_000)
    write("a", data)
    source, target = os.open("a", os.O_RDONLY), os.open("b", os.O_CREAT | os.O_RDWR)
    done = 0
    while done < len(data):
        step = os.copy_file_range(source, target, len(data) - done)
        if step == 0:
            raise AssertionError(f"nothing more was copied after {done} bytes")
        done += step
    same(read("b") == data, True, "the copy is equal")
    os.copy_file_range(source, target, 100, offset_src=1000, offset_dst=5)
    same(os.pread(target, 100, 5), data[1000:1100])


@case("copy_file_range between the share and the guest's own disk")
def copy_between():
    data = os.urandom(100_000)
    write("a", data)
    away = f"/tmp/silo-copy-{os.getpid()}"
    try:
        shutil.copyfile("a", away)
        shutil.copyfile(away, "b")
    finally:
        os.unlink(away)
    same(read("b") == data, True, "the copy is equal")


@case("shutil.copy2 keeps mode and times")
def copy2():
    write("a", b"x", 0o640)
    os.utime("a", ns=(10**18, 10**18 + 7))
    shutil.copy2("a", "b")
    a, b = os.stat("a"), os.stat("b")
    same((b.st_mode, b.st_mtime_ns), (a.st_mode, a.st_mtime_ns), "mode and mtime")


@case("cp -a keeps a tree's modes, times, links and symlinks")
def cp():
    os.makedirs("t/d")
    write("t/d/f", b"f", 0o600)
    os.link("t/d/f", "t/g")
    os.symlink("d/f", "t/l")
    os.utime("t/d/f", ns=(10**18, 10**18))
    subprocess.run(["cp", "-a", "t", "u"], check=True, capture_output=True, timeout=100)
    same(os.stat("u/d/f").st_mtime_ns, 10**18, "mtime")
    same(os.stat("u/d/f").st_ino, os.stat("u/g").st_ino, "inode of the linked file")
    same(os.readlink("u/l"), "d/f")
    same(oct(os.stat("u/d/f").st_mode & 0o777), oct(0o600))


@case("mv between the share and the guest's own disk")
def mv():
    away = f"/tmp/silo-move-{os.getpid()}"
    os.mkdir("d")
    write("d/f", b"moved", 0o640)
    subprocess.run(["mv", "d", away], check=True, capture_output=True, timeout=100)
    same(os.path.exists("d"), False)
    subprocess.run(["mv", away, "e"], check=True, capture_output=True, timeout=100)
    same(read("e/f"), b"moved")
    same(oct(os.stat("e/f").st_mode & 0o777), oct(0o640))


@case("dd, cat, sort and sed -i do their work")
def tools():
    script = """set -e
        dd if=/dev/zero of=z bs=4096 count=50 conv=fsync 2>/dev/null; test "$(stat -c %s z)" = 204800
        seq 1000 | sort -rn > s; test "$(head -1 s)" = 1000
        sed -i s/1000/top/ s; test "$(head -1 s)" = top
        cat s s > t; test "$(wc -l < t)" = 2000
        sort -o t t; tail -1 t | grep -q top"""
    run = subprocess.run(["sh", "-c", script], capture_output=True, timeout=100)
    same((run.returncode, run.stderr), (0, b""))


@case("a file is copied over itself through two descriptors")
def over_itself():
    write("f", b"abc" * 5000)
    source, target = os.open("f", os.O_RDONLY), os.open("f", os.O_WRONLY | os.O_APPEND)
    write_all(target, os.read(source, 15_000))
    same(read("f"), b"abc" * 10_000)
