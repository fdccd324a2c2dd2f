"""What the cases stand on: registration, checks, small files, other processes, and calls that Python does not have."""

import ctypes
import errno
import os
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass

AT_FDCWD = -100
AT_SYMLINK_NOFOLLOW = 0x100
AT_SYMLINK_FOLLOW = 0x400
SEEK_DATA, SEEK_HOLE = os.SEEK_DATA, os.SEEK_HOLE
# Coarse kernel clocks tick at most every 10 ms: two changes further apart than this have different times.
TICK_SECONDS = 0.03


@dataclass(frozen=True)
class Case:
    """`run` is called in a fresh current directory and raises when the file system is wrong. `limit` is in seconds."""

    area: str
    name: str
    run: Callable[[], None]
    limit: float


CASES: list[Case] = []


def case(name: str, limit: float = 60) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Registers a case under its module's area."""

    def add(run: Callable[[], None]) -> Callable[[], None]:
        CASES.append(Case(run.__module__.rpartition(".")[2], name, run, limit))
        return run

    return add


def same(got: object, wanted: object, what: str = "value") -> None:
    if got != wanted:
        raise AssertionError(f"{what} is {short(got)}, not {short(wanted)}")


def holds(condition: object, what: str) -> None:
    if not condition:
        raise AssertionError(what)


def short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def refuses(code: int | tuple[int, ...], call: Callable, *args: object, **named: object) -> None:
    """The call must fail with this errno (or one of these)."""
    codes = code if isinstance(code, tuple) else (code,)
    wanted = "/".join(errno.errorcode[c] for c in codes)
    try:
        call(*args, **named)
    except OSError as error:
        got = errno.errorcode.get(error.errno or 0, str(error.errno))
        if error.errno not in codes:
            raise AssertionError(f"{call.__name__} failed with {got}, not {wanted}") from error
        return
    raise AssertionError(f"{call.__name__} succeeded, not {wanted}")


def write(path: str | bytes, data: bytes = b"content", mode: int = 0o644) -> str | bytes:
    """Makes a file, or replaces its content."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        write_all(fd, data)
    finally:
        os.close(fd)
    return path


def write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def fill(count: int, name: str = "f{}") -> None:
    """Moves into a new directory with that many entries, "f0" and on: names of one file, since linking is quick."""
    os.mkdir("filled")
    write("seed", b"")
    os.chdir("filled")
    for number in range(count):
        os.link("../seed", name.format(number))


def read(path: str | bytes) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def mode_of(path: str) -> int:
    """The twelve mode bits of the name itself."""
    return os.lstat(path).st_mode & 0o7777


def tick() -> None:
    """Lets the file system's clock move on, for checks of timestamps."""
    time.sleep(TICK_SECONDS)


def in_child(call: Callable[[], object]) -> object:
    """Runs the call in another process; gives its value. Raises what went wrong there."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            answer = (True, call())
        except BaseException as error:
            answer = (False, f"{type(error).__name__}: {error}")
        write_all(writer, pickle.dumps(answer))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        data = stream.read()
    _, status = os.waitpid(pid, 0)
    if not data:
        raise AssertionError(f"the other process ended with wait status {status}")
    fine, value = pickle.loads(data)
    if not fine:
        raise AssertionError(f"in the other process: {value}")
    return value


def spawn(call: Callable[[], object]) -> int:
    """Starts the call in another process; gives the pid. Its exit status is 0 unless the call raises."""
    pid = os.fork()
    if pid == 0:
        try:
            call()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return pid


def join(*pids: int) -> None:
    for pid in pids:
        _, status = os.waitpid(pid, 0)
        same(status, 0, "wait status of another process")


def signal_of(call: Callable[[], object]) -> int:
    """The signal that ends a process which makes this call; 0 when none does."""
    pid = spawn(call)
    _, status = os.waitpid(pid, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


_libc = ctypes.CDLL(None, use_errno=True)


def libc(name: str, *args: object) -> int:
    """A call of the C library, with OSError on -1. Paths are passed as bytes."""
    result = getattr(_libc, name)(*args)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


class Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]
