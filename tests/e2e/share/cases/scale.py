"""Very many files. SILO_CASES_FILES says how many (100,000 unless told)."""

import os

from .kit import case, join, read, same, spawn, write

FILES = int(os.environ.get("SILO_CASES_FILES", "100000"))
PER_DIRECTORY = 500
LIMIT_SECONDS = 120 + FILES * 0.1


@case(f"{FILES:,} small files are created, listed, read and removed", limit=LIMIT_SECONDS)
def many_files():
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    for number in range(FILES):
        if number % PER_DIRECTORY == 0:
            os.mkdir(f"d{number // PER_DIRECTORY}")
        fd = os.open(f"d{number // PER_DIRECTORY}/f{number}", flags)
        os.write(fd, b"%d" % number)
        os.close(fd)
    listed = 0
    for _, _, files in os.walk("."):
        listed += len(files)
    same(listed, FILES, "listed files")
    for number in range(FILES):
        fd = os.open(f"d{number // PER_DIRECTORY}/f{number}", os.O_RDONLY)
        same(os.read(fd, 16), b"%d" % number)
        os.close(fd)
    for number in range(FILES):
        os.unlink(f"d{number // PER_DIRECTORY}/f{number}")
    for number in range(0, FILES, PER_DIRECTORY):
        os.rmdir(f"d{number // PER_DIRECTORY}")
    same(os.listdir(), [])


@case("eight processes make 1,600 files in one directory at once", limit=90)
def together():
    def make(worker: int) -> None:
        for number in range(200):
            write(f"w{worker}-{number}", b"%d" % number)

    join(*[spawn(lambda n=n: make(n)) for n in range(8)])
    same(len(os.listdir()), 1600, "files")
    same(read("w7-199"), b"199")


@case("a thousand directories in one", limit=90)
def directories():
    for number in range(1000):
        os.mkdir(f"d{number}")
    same(len(os.listdir()), 1000, "directories")
    for number in range(1000):
        os.rmdir(f"d{number}")
    same(os.listdir(), [])
