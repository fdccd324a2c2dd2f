"""Names: bytes without / and NUL, up to 255 of them."""

import errno
import os

from .kit import case, read, refuses, same, write


def keeps(*names: bytes) -> None:
    """Each name makes a file of its own and is listed byte for byte."""
    for name in names:
        write(name, name)
    same(set(os.listdir(b".")), set(names), "listed names")
    for name in names:
        same(read(name), name, "content")
        os.rename(name, b"moved")
        os.rename(b"moved", name)
        os.unlink(name)
    same(os.listdir(), [])


@case("a name of 255 bytes is fine for a file, a directory and a symlink")
def longest():
    keeps(b"n" * 255)
    os.mkdir("d" * 255)
    os.symlink("x", "l" * 255)
    same(sorted(map(len, os.listdir())), [255, 255])


@case("a name of 256 bytes is refused everywhere")
def too_long():
    write("f")
    long = "x" * 256
    for call in (os.mkdir, os.rmdir, os.unlink, os.stat, os.lstat, os.mkfifo, os.readlink, os.listdir, os.chdir):
        refuses(errno.ENAMETOOLONG, call, long)
    refuses(errno.ENAMETOOLONG, os.open, long, os.O_CREAT | os.O_WRONLY)
    refuses(errno.ENAMETOOLONG, os.symlink, "f", long)
    refuses(errno.ENAMETOOLONG, os.link, "f", long)
    refuses(errno.ENAMETOOLONG, os.rename, "f", long)
    refuses(errno.ENAMETOOLONG, os.stat, f"{long}/x")


@case("255 bytes are counted in bytes, not in letters")
def unicode_length():
    keeps(("漢" * 85).encode())
    refuses(errno.ENAMETOOLONG, write, "漢" * 86)
    refuses(errno.ENAMETOOLONG, write, "🦀" * 64)


@case("a path of 4,096 bytes is refused, a deeper file is reached step by step")
def long_path():
    refuses(errno.ENAMETOOLONG, os.stat, "./" * 2048)
    os.stat("./" * 2047)
    for _ in range(25):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    write("deep")
    same(read("deep"), b"content")
    for _ in range(25):
        os.chdir("..")
        if os.path.exists("d" * 200 + "/deep"):
            os.unlink("d" * 200 + "/deep")
        os.rmdir("d" * 200)


@case("composed and decomposed Unicode are two names")
def normal_forms():
    keeps("\u00e9".encode(), "e\u0301".encode())


@case("names in many scripts, with emoji and joiners")
def scripts():
    keeps(*(n.encode() for n in ("ünï çødé", "漢字", "файл", "ملف", "🦀", "👩\u200d💻", "ﬁ", "ı", "İ", "ß", "ẞ", "a\u200bb")))


@case("names that are not UTF-8")
def not_utf8():
    keeps(b"\xff", b"\xfe\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"a\x80b", b"\xc0\xaf", b"latin-\xe9")


@case("names with newlines, tabs and other control characters")
def control():
    keeps(b"new\nline", b"\n", b"\t", b"\r", b"\x01", b"\x1b[31m", b"\x7f", b"a\r\nb")


@case("every single byte but / and NUL, and . alone")
def single_bytes():
    names = [bytes([b]) for b in range(1, 256) if b not in b"/."]
    for name in names:
        os.mkdir(name)
    same(set(os.listdir(b".")), set(names), "listed names")
    for name in names:
        os.rmdir(name)
    same(os.listdir(), [])


@case("names that mean something to shells and to other systems")
def special():
    keeps(b"-rf", b"--", b"*", b"?", b"~", b"$HOME", b"'", b'"', b"\\", b"a\\b", b"c:", b"NUL", b"con", b"a|b", b"<>",
          b"%2f", b" ", b" lead", b"trail ", b"trail.", b"...", b"..a", b".hidden", b"#", b"a;b", b"a&b", b"!", b"^")


@case("names that a file server might keep for itself")
def reserved():
    keeps(b".virtfs_metadata", b".virtfs_metadata_root", b".nfs0001", b".fuse_hidden0001", b".wh.file", b".wh..wh..opq")


@case("capital and small letters are different")
def letter_case():
    keeps(b"readme", b"README", b"Readme")


@case("dots and doubled slashes in paths lead to the same file")
def dots():
    os.makedirs("a/b")
    write("a/f")
    for path in ("a//f", "a/./f", "a/b/../f", "./a/b/.././f", "a/b/../../a/f"):
        same(read(path), b"content")


@case("a path with a NUL byte is refused")
def nul():
    for call in (os.stat, os.mkdir, os.unlink):
        try:
            call("a\0b")
        except ValueError:
            continue
        raise AssertionError(f"{call.__name__} took a NUL byte")
