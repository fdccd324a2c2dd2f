"""Extended attributes of the user namespace."""

import errno
import os

from .kit import case, refuses, same, write

NAME = "user.silo"


@case("an attribute is set, read, listed and removed")
def round_trip():
    write("f")
    os.setxattr("f", NAME, b"value")
    same(os.getxattr("f", NAME), b"value")
    same([n for n in os.listxattr("f") if n.startswith("user.")], [NAME])
    os.removexattr("f", NAME)
    refuses(errno.ENODATA, os.getxattr, "f", NAME)
    same([n for n in os.listxattr("f") if n.startswith("user.")], [])


@case("a file without attributes lists none and gives none")
def none():
    write("f")
    same([n for n in os.listxattr("f") if n.startswith("user.")], [])
    refuses(errno.ENODATA, os.getxattr, "f", NAME)
    refuses(errno.ENODATA, os.removexattr, "f", NAME)


@case("a value may be empty")
def empty():
    write("f")
    os.setxattr("f", NAME, b"")
    same(os.getxattr("f", NAME), b"")


@case("values may be binary, and a thousand bytes long")
def values():
    write("f")
    for value in (b"\0\xff\n", bytes(range(250)) * 4):
        os.setxattr("f", NAME, value)
        same(os.getxattr("f", NAME), value)


@case("XATTR_CREATE and XATTR_REPLACE are kept to")
def flags():
    write("f")
    refuses(errno.ENODATA, os.setxattr, "f", NAME, b"a", os.XATTR_REPLACE)
    os.setxattr("f", NAME, b"a", os.XATTR_CREATE)
    refuses(errno.EEXIST, os.setxattr, "f", NAME, b"b", os.XATTR_CREATE)
    os.setxattr("f", NAME, b"c", os.XATTR_REPLACE)
    same(os.getxattr("f", NAME), b"c")


@case("attributes work on directories and through descriptors")
def others():
    os.mkdir("d")
    os.setxattr("d", NAME, b"of d")
    same(os.getxattr("d", NAME), b"of d")
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    os.setxattr(fd, NAME, b"of f")
    same(os.getxattr(fd, NAME), b"of f")
    same(os.getxattr("f", NAME), b"of f")


@case("attributes stay through rename, hard link and chmod")
def stay():
    write("f")
    os.setxattr("f", NAME, b"v")
    os.rename("f", "g")
    os.link("g", "h")
    os.chmod("h", 0o600)
    same(os.getxattr("h", NAME), b"v")


@case("a symlink takes no user attributes")
def symlink():
    os.symlink("missing", "l")
    refuses((errno.EPERM, errno.EOPNOTSUPP), os.setxattr, "l", NAME, b"v", follow_symlinks=False)


@case("trusted and security attributes are refused to an ordinary user")
def privileged():
    write("f")
    refuses((errno.EPERM, errno.EOPNOTSUPP), os.setxattr, "f", "trusted.silo", b"v")
    refuses((errno.EPERM, errno.EOPNOTSUPP, errno.EINVAL), os.setxattr, "f", "security.capability", b"v")


@case("many attributes on one file")
def many():
    write("f")
    for number in range(20):
        os.setxattr("f", f"{NAME}.{number}", b"%d" % number)
    same(len([n for n in os.listxattr("f") if n.startswith(NAME)]), 20)
    for number in range(20):
        same(os.getxattr("f", f"{NAME}.{number}"), b"%d" % number)


@case("an attribute of a file that may not be written is refused")
def denied():
    write("f")
    os.setxattr("f", NAME, b"v")
    os.chmod("f", 0o400)
    refuses(errno.EACCES, os.setxattr, "f", NAME, b"w")
    same(os.getxattr("f", NAME), b"v")
