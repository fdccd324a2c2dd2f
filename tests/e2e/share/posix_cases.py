"""What a file system owes to the programs that use it, tried case by case.

    python3 posix_cases.py DIRECTORY [--area AREA]... [--skip AREA]... [--keep] [--list]

Every case runs in a process and in a fresh directory of its own below DIRECTORY, within its time limit. One JSON line
a case goes to stdout: {"area", "name", "ok", "detail", "ms"}; a failure stops nothing. The last line is a summary.
Exit: 0 when every case was tried (whatever came of it), 2 when the cases could not be run at all. The cases are
written for an ordinary user on Linux; root is refused, since nothing is denied to root.
"""

import argparse
import json
import os
import select
import shutil
import signal
import stat
import sys
import time
import traceback

sys.dont_write_bytecode = True

from cases import areas  # noqa: E402
from cases.kit import CASES, Case  # noqa: E402

KILL_GRACE_SECONDS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description="POSIX cases for a directory")
    parser.add_argument("directory")
    parser.add_argument("--area", action="append", default=[], help="only this area (may be repeated)")
    parser.add_argument("--skip", action="append", default=[], help="not this area (may be repeated)")
    parser.add_argument("--keep", action="store_true", help="leave the cases' directories, for a quicker hand to remove")
    parser.add_argument("--list", action="store_true", help="print the cases, run none")
    options = parser.parse_args()
    areas.load()
    unknown = set(options.area + options.skip) - {c.area for c in CASES}
    if unknown:
        print(f"no such area: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    chosen = [c for c in CASES if (not options.area or c.area in options.area) and c.area not in options.skip]
    if options.list:
        for case in chosen:
            print(json.dumps({"area": case.area, "name": case.name}))
        return 0
    if os.geteuid() == 0:
        print("cannot run the cases as root: nothing would be denied; run them as an ordinary user", file=sys.stderr)
        return 2
    base = os.path.realpath(options.directory)
    failed = 0
    started = time.monotonic()
    for number, case in enumerate(chosen):
        where = os.path.join(base, f"c{number}")
        begin = time.monotonic()
        try:
            os.mkdir(where)
            detail = run_case(case, where)
        except OSError as error:
            detail = f"its directory could not be made: {error}"
        milliseconds = round((time.monotonic() - begin) * 1000)
        if not options.keep:
            remove(where)
        failed += detail != ""
        line = {"area": case.area, "name": case.name, "ok": detail == "", "detail": detail, "ms": milliseconds}
        print(json.dumps(line), flush=True)
    print(json.dumps({"cases": len(chosen), "failed": failed, "ms": round((time.monotonic() - started) * 1000)}))
    return 0


def run_case(case: Case, where: str) -> str:
    """Runs one case in a process of its own. Gives "" or what was wrong."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()  # so that whatever it starts can be ended with it
        os.close(reader)
        os._exit(report_case(case, where, writer))
    os.close(writer)
    try:
        ready, _, _ = select.select([reader], [], [], case.limit)
        detail = os.read(reader, 4096).decode(errors="replace") if ready else f"not done within {case.limit} s"
    finally:
        os.close(reader)
    ended = wait_or_kill(pid)
    if detail == "ok":
        return ""
    return detail or f"its process ended without an answer (wait status {ended})"


def report_case(case: Case, where: str, writer: int) -> int:
    try:
        os.chdir(where)
        os.umask(0o022)
        case.run()
        answer = "ok"
    except BaseException as error:  # a case may fail in any way
        at = [f for f in traceback.extract_tb(error.__traceback__) if "/cases/" in f.filename]
        line = next((f.lineno for f in reversed(at) if not f.filename.endswith("kit.py")), 0)
        answer = f"{type(error).__name__}: {error} (line {line})"[:600]
    os.write(writer, answer.encode(errors="backslashreplace"))
    return 0


def wait_or_kill(pid: int) -> int | None:
    """Ends the case's whole process group. None when even SIGKILL did not end it in time."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    end = time.monotonic() + KILL_GRACE_SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        time.sleep(0.005)
    return None


def remove(where: str) -> None:
    """Removes a case's directory, also parts of it that were made unreadable; leaves what cannot be removed."""
    for path, names, _ in os.walk(where):
        for name in names:
            full = os.path.join(path, name)
            try:
                if stat.S_IMODE(os.lstat(full).st_mode) & 0o700 != 0o700 and not os.path.islink(full):
                    os.chmod(full, 0o700)
            except OSError:
                pass
    shutil.rmtree(where, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
