"""inotify: what happens in the guest is told in the guest."""

import os
import select
import struct

from .kit import case, holds, in_child, libc, same, write

MODIFY, ATTRIB, CLOSE_WRITE, MOVED_FROM, MOVED_TO = 2, 4, 8, 0x40, 0x80
CREATE, DELETE, DELETE_SELF = 0x100, 0x200, 0x400
EVERYTHING = 0xFFF
NONBLOCK = os.O_NONBLOCK


class Watch:
    def __init__(self, path: str, mask: int = EVERYTHING):
        self.fd = libc("inotify_init1", NONBLOCK)
        libc("inotify_add_watch", self.fd, os.fsencode(path), mask)

    def take(self) -> list[tuple[int, int, str]]:
        """Everything told so far: mask, cookie, name."""
        events = []
        while select.select([self.fd], [], [], 0.05)[0]:
            data = os.read(self.fd, 65_536)
            while data:
                _, mask, cookie, length = struct.unpack_from("iIII", data)
                events.append((mask, cookie, data[16:16 + length].rstrip(b"\0").decode()))
                data = data[16 + length:]
        return events

    def expect(self, mask: int, name: str) -> None:
        events = self.take()
        holds(any(m & mask and n == name for m, _, n in events), f"no event {mask:#x} for {name!r} in {events}")


@case("creating and removing is told")
def create_delete():
    watch = Watch(".")
    write("f")
    watch.expect(CREATE, "f")
    os.unlink("f")
    watch.expect(DELETE, "f")
    os.mkdir("d")
    watch.expect(CREATE, "d")


@case("writing and closing is told")
def modify():
    fd = os.open("f", os.O_CREAT | os.O_WRONLY)
    watch = Watch(".")
    os.write(fd, b"x")
    watch.expect(MODIFY, "f")
    os.close(fd)
    watch.expect(CLOSE_WRITE, "f")


@case("a rename is told as a pair")
def rename():
    write("a")
    watch = Watch(".")
    os.rename("a", "b")
    events = watch.take()
    gone = [c for m, c, n in events if m & MOVED_FROM and n == "a"]
    came = [c for m, c, n in events if m & MOVED_TO and n == "b"]
    same(len(gone) == 1 and gone == came, True, "one pair with one cookie")


@case("chmod is told")
def attributes():
    write("f")
    watch = Watch(".")
    os.chmod("f", 0o600)
    watch.expect(ATTRIB, "f")


@case("a watched file tells of its own end")
def own_end():
    write("f")
    watch = Watch("f")
    os.unlink("f")
    watch.expect(DELETE_SELF, "")


@case("what another process does is told")
def other_process():
    watch = Watch(".")
    in_child(lambda: write("f") and None)
    watch.expect(CREATE, "f")


@case("a hundred changes are all told, in order")
def many():
    watch = Watch(".", CREATE)
    for number in range(100):
        write(f"f{number}", b"")
    same([n for _, _, n in watch.take()], [f"f{n}" for n in range(100)])
