"""Makes one of each kind of file, for the host to look at. Prints the SHA-256 of made/big."""

import hashlib
import os

os.umask(0o022)
os.mkdir("made")
os.chdir("made")


def write(name, data: bytes, mode: int = 0o644) -> None:
    fd = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
    if mode != 0o644:
        os.chmod(name, mode)


write("plain", b"plain\n")
write("program", b"#!/bin/sh\n", 0o755)
write("private", b"private\n", 0o600)
write("read-only", b"read-only\n", 0o444)
write("empty", b"")
os.makedirs("directory/below")
write("directory/below/file", b"below\n")
os.symlink("directory/renamed/file", "symlink")
os.symlink("/nonexistent/target", "dead")
os.link("plain", "hard-link")
write("ünï-漢字", b"unicode\n")
write(b"not-utf8-\xff", b"bytes\n")
big = os.urandom(3_000_017)
write("big", big)
with open("sparse", "wb") as sparse:
    sparse.truncate(2**30)
os.rename("directory/below", "directory/renamed")
os.utime("read-only", (1_500_000_000, 1_500_000_000))
print(hashlib.sha256(big).hexdigest())
