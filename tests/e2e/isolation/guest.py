"""What the scripts in the guest share: the canaries, and ways to look for them.

The canaries come by stdin in two halves each, so that no file, argument or variable of the guest holds one whole
because of us.
"""

import json
import os
import stat
import sys

CHUNK_BYTES = 1 << 20


def read_task() -> dict:
    """The task from stdin's first line; its canaries put together."""
    task = json.loads(sys.stdin.readline())
    task["canaries"] = ["".join(halves).encode() for halves in task["canaries"]]
    return task


def find(data: bytes, canaries: list[bytes]) -> bool:
    return any(canary in data for canary in canaries)


def attempt(call, *args, **named) -> str:
    """"ok", or the name of the error."""
    try:
        call(*args, **named)
        return "ok"
    except OSError as error:
        return error.strerror or str(error)


def content(path, limit: int = CHUNK_BYTES) -> bytes:
    """The start of a file; b"" when it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.read(fd, limit)
    except OSError:
        return b""
    finally:
        os.close(fd)


def leaks_below(top: str, canaries: list[bytes], skip: tuple[str, ...]) -> tuple[list[str], int]:
    """Files and names below `top` that hold a canary, and how many files were read."""
    found, count = [], 0
    for directory, directories, files in os.walk(top):
        directories[:] = [d for d in directories if os.path.join(directory, d) not in skip]
        for name in directories + files:
            path = os.path.join(directory, name)
            if find(os.fsencode(path), canaries):
                found.append(path)
        for name in files:
            path = os.path.join(directory, name)
            try:
                info = os.lstat(path)
            except OSError:
                continue
            if stat.S_ISLNK(info.st_mode) and find(os.fsencode(os.readlink(path)), canaries):
                continue  # the name of a target is no content; what it leads to is looked at by name
            if not stat.S_ISREG(info.st_mode) and not stat.S_ISLNK(info.st_mode):
                continue
            count += 1
            if holds(path, canaries):
                found.append(path)
    return found, count


def holds(path: str, canaries: list[bytes]) -> bool:
    """Looks through a whole file, in pieces that overlap."""
    try:
        with open(path, "rb", buffering=0) as file:
            rest = b""
            while piece := file.read(CHUNK_BYTES):
                if find(rest + piece, canaries):
                    return True
                rest = piece[-100:]
    except OSError:
        pass
    return False


def mounts() -> list[list[str]]:
    """[source, target, type, options] of every mount."""
    with open("/proc/mounts") as lines:
        return [line.split()[:4] for line in lines]


def report(value: object) -> None:
    print(json.dumps(value), flush=True)
