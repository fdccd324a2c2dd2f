"""read and write: what was written is what is read, by everyone, at once."""

import hashlib
import os
import threading

from .kit import case, holds, in_child, join, libc, read, same, spawn, write, write_all


@case("32 MiB come back with the same SHA-256")
def large():
    block = os.urandom(2**20)
    wanted = hashlib.sha256(block * 32).hexdigest()
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    for _ in range(32):
        write_all(fd, block)
    same(os.fstat(fd).st_size, 2**25, "size")
    same(hashlib.sha256(read("f")).hexdigest(), wanted, "SHA-256")


@case("five thousand writes of one byte")
def small():
    fd = os.open("f", os.O_CREAT | os.O_WRONLY)
    for number in range(5000):
        os.write(fd, bytes([number % 256]))
    same(read("f"), bytes(n % 256 for n in range(5000)))


@case("pread and pwrite leave the offset alone")
def positioned():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"0123456789")
    os.pwrite(fd, b"XY", 4)
    same(os.pread(fd, 4, 3), b"3XY6")
    same(os.lseek(fd, 0, os.SEEK_CUR), 10, "offset")


@case("readv and writev")
def vectors():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    same(os.writev(fd, [b"one", b"", b"two", b"three"]), 11)
    first, second = bytearray(4), bytearray(7)
    os.lseek(fd, 0, os.SEEK_SET)
    same(os.readv(fd, [first, second]), 11)
    same((bytes(first), bytes(second)), (b"onet", b"wothree"))


@case("a write beyond the end leaves zeros between")
def gap():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"start")
    os.lseek(fd, 10_000, os.SEEK_SET)
    os.write(fd, b"end")
    same(read("f"), b"start" + bytes(9995) + b"end")


@case("read at and beyond the end gives nothing")
def end():
    write("f", b"123")
    fd = os.open("f", os.O_RDONLY)
    same((os.pread(fd, 10, 3), os.pread(fd, 10, 10**12), os.read(fd, 10), os.read(fd, 10)), (b"", b"", b"123", b""))


@case("writes at odd places across page borders")
def odd_places():
    expected = bytearray(100_000)
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.ftruncate(fd, 100_000)
    for number in range(200):
        place, data = (number * 7919) % 99_000, bytes([number]) * (number * 5 % 997 + 1)
        os.pwrite(fd, data, place)
        expected[place:place + len(data)] = data
        same(os.pread(fd, len(data), place), data)
    same(read("f"), bytes(expected))


@case("what one process writes another reads at once")
def at_once():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    for number in range(20):
        os.pwrite(fd, b"%04d" % number, 0)
        same(in_child(lambda: read("f")), b"%04d" % number)


@case("an open reader sees what another process appends")
def tail():
    write("f", b"")
    reader = os.open("f", os.O_RDONLY)
    for number in range(20):
        same(os.read(reader, 100), b"")
        in_child(lambda: os.write(os.open("f", os.O_WRONLY | os.O_APPEND), b"%d" % number))
        same(os.read(reader, 100), b"%d" % number)


@case("four processes that append lose and mix no line")
def append():
    def lines():
        fd = os.open("f", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        for number in range(100):
            os.write(fd, b"%d:%03d\n" % (os.getpid(), number))

    write("f", b"")
    join(*[spawn(lines) for _ in range(4)])
    got = read("f").splitlines()
    same((len(got), len(set(got))), (400, 400), "lines")


@case("threads write their own parts of one file")
def threads():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)

    def part(number: int) -> None:
        for step in range(20):
            os.pwrite(fd, bytes([65 + number]) * 1000, (step * 4 + number) * 1000)

    workers = [threading.Thread(target=part, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    same(read("f"), (b"A" * 1000 + b"B" * 1000 + b"C" * 1000 + b"D" * 1000) * 20)


@case("fsync and fdatasync of files, fsync of a directory")
def sync():
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"x")
    os.fsync(fd)
    os.fdatasync(fd)
    os.fsync(os.open(".", os.O_RDONLY))
    os.fsync(os.open("f", os.O_RDONLY))


@case("syncfs and sync")
def sync_all():
    write("f")
    libc("syncfs", os.open(".", os.O_RDONLY))
    os.sync()


@case("text, lines and buffered files of Python")
def text():
    with open("f", "w", encoding="utf-8", newline="\n") as file:
        for number in range(2000):
            print(f"Zeile {number} – ü漢", file=file)
    with open("f", encoding="utf-8") as file:
        same([line.rstrip("\n") for line in file], [f"Zeile {n} – ü漢" for n in range(2000)])
    with open("f", "r+b") as file:
        file.seek(6)
        file.write(b"X")
        file.seek(0)
        same(file.read(7), b"Zeile X")


@case("a file rewritten with the same size is read anew")
def same_size():
    for number in range(30):
        write("f", b"%06d" % number)
        same(read("f"), b"%06d" % number)
        in_child(lambda: write("f", b"%06d" % (number + 500)) and None)
        same(read("f"), b"%06d" % (number + 500))


@case("posix_fadvise and readahead hints are taken")
def advice():
    write("f", b"x" * 10_000)
    fd = os.open("f", os.O_RDONLY)
    for hint in (os.POSIX_FADV_SEQUENTIAL, os.POSIX_FADV_WILLNEED, os.POSIX_FADV_DONTNEED):
        os.posix_fadvise(fd, 0, 0, hint)
    holds(os.read(fd, 10_000) == b"x" * 10_000, "the bytes changed")
