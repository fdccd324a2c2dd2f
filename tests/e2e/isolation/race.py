"""Reads and writes paths that are swapped meanwhile, until told to stop. Prints "ready", then one JSON report.

With a second mount of the share (root of the guest only) it swaps by itself as well: one mount's cached names are then
stale in the other, and it is the host's server that meets the symlink.
"""

import ctypes
import os
import sys
import time
from collections import Counter

sys.path.insert(0, "/workspace/isolation")
from guest import find, read_task, report  # noqa: E402

LOOKS = 500
LIMIT_SECONDS = 60
task = read_task()
canaries = task["canaries"]
seen: Counter = Counter()
leaks: set[str] = set()


def note(what: str, data: bytes) -> None:
    if find(data, canaries):
        leaks.add(what)
    seen[what] += 1


def tried(what: str, call, *args) -> None:
    try:
        value = call(*args)
        note(what, value if isinstance(value, bytes) else repr(value).encode())
    except OSError as error:
        seen[f"{what}: {error.strerror}"] += 1


def slurp(path: str, flags: int = 0, at: int | None = None) -> bytes:
    fd = os.open(path, os.O_RDONLY | flags, dir_fd=at)
    try:
        return os.read(fd, 65_536)
    finally:
        os.close(fd)


def spoil(path: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
    try:
        os.write(fd, b"the guest was here")
    finally:
        os.close(fd)


def touch_all(base: str) -> None:
    """Every way in through the swapped file, the swapped directory and the swapped parent."""
    file, directory, deep = f"{base}/file", f"{base}/directory", f"{base}/parent/below/file"
    tried("file", slurp, file)
    tried("file, no follow", slurp, file, os.O_NOFOLLOW)
    tried("directory", slurp, f"{directory}/file")
    tried("parent", slurp, deep)
    tried("list", os.listdir, directory)
    tried("link", os.readlink, file)
    tried("stat", os.stat, f"{directory}/file")
    try:
        held = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        held = -1
    if held >= 0:
        tried("held directory", slurp, "file", 0, held)
        tried("held directory's list", os.listdir, held)
        os.close(held)
    tried("write", spoil, f"{directory}/written")
    tried("write deep", spoil, f"{base}/parent/below/written")
    tried("remove", os.unlink, f"{directory}/precious")
    tried("make", os.mkdir, f"{directory}/made")
    tried("chmod", os.chmod, f"{directory}/precious", 0o777)
    tried("link out", os.link, f"{directory}/file", f"{base}/stolen")
    tried("stolen", slurp, f"{base}/stolen")
    tried("rename out", os.rename, f"{directory}/precious", f"{base}/taken")
    tried("taken", slurp, f"{base}/taken")


def swap_forever(base: str, outside: str) -> None:
    """The guest's own swapper: the name is a directory in one moment and a symlink to the host's path in the next."""
    os.symlink(outside, f"{base}/own-link")
    os.makedirs(f"{base}/own-real/below", exist_ok=True)
    while True:
        for name in ("directory", "parent"):
            for step in ((name, "own-real2"), ("own-link", name), (name, "own-link"), ("own-real2", name)):
                try:
                    os.rename(f"{base}/{step[0]}", f"{base}/{step[1]}")
                except OSError:
                    pass


bases = ["/workspace/swap"]
child = 0
if os.getuid() == 0:
    # The run mounts the project a second time there. Mounted anew, it keeps the names it knows for as long as it can.
    libc = ctypes.CDLL(None, use_errno=True)
    options = b"trans=virtio,version=9p2000.L,msize=65536,cache=loose"
    if libc.umount(b"/mnt/second") or libc.mount(b"share1", b"/mnt/second", b"9p", ctypes.c_ulong(0), options):
        sys.exit(f"cannot mount the second share anew: {os.strerror(ctypes.get_errno())}")
    bases = ["/workspace/own", "/mnt/second/own"]
    child = os.fork()
    if child == 0:
        swap_forever("/workspace/own", task["outside"])
print("ready", flush=True)
start = time.monotonic()
# On a slow machine until enough was looked at, but never for long.
while time.monotonic() < start + task["seconds"] or (seen.total() < LOOKS and time.monotonic() < start + LIMIT_SECONDS):
    for base in bases:
        touch_all(base)
if child:
    os.kill(child, 9)
report({"leaks": sorted(leaks), "seen": dict(seen)})
