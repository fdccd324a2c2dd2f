"""Programs and libraries that live on the share."""

import ctypes
import errno
import glob
import os
import shutil
import subprocess
import sys

from .kit import case, refuses, same, write


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=100).stdout


def binary(name: str, to: str) -> None:
    shutil.copy(os.path.realpath(shutil.which(name)), to)


@case("a program copied to the share runs")
def program():
    binary("echo", "say")
    same(output("./say", "hello"), "hello\n")


@case("a script with #! runs, with an argument on its first line too")
def shebang():
    write("s", b"#!/bin/sh\necho \"$0 $1\"\n", 0o755)
    same(output("./s", "x"), "./s x\n")
    write("e", b"#!/bin/sh -e\nfalse\necho no\n", 0o755)
    same(subprocess.run(["./e"]).returncode, 1, "exit code")


@case("a script whose interpreter is on the share runs")
def interpreter():
    binary("sh", "shell")
    write("s", f"#!{os.getcwd()}/shell\necho inner\n".encode(), 0o755)
    same(output("./s"), "inner\n")


@case("without the x bit nothing runs")
def no_bit():
    write("s", b"#!/bin/sh\n", 0o644)
    refuses(errno.EACCES, os.execv, "./s", ["s"])
    os.mkdir("d")
    refuses(errno.EACCES, os.execv, "./d", ["d"])


@case("what is no program is refused")
def no_program():
    write("x", b"neither\0 one nor the other", 0o755)
    refuses(errno.ENOEXEC, os.execv, "./x", ["x"])
    write("m", b"#!/missing/interpreter\n", 0o755)
    refuses(errno.ENOENT, os.execv, "./m", ["m"])


@case("a program runs through a symlink and a hard link")
def links():
    binary("echo", "say")
    os.symlink("say", "l")
    os.link("say", "h")
    same((output("./l", "1"), output("./h", "2")), ("1\n", "2\n"))


@case("a program can be run by its descriptor")
def by_descriptor():
    binary("echo", "say")
    fd = os.open("say", os.O_RDONLY)
    os.set_inheritable(fd, True)
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open("out", os.O_CREAT | os.O_WRONLY), 1)
        os.execve(fd, ["say", "by descriptor"], {})
    os.waitpid(pid, 0)
    with open("out") as out:
        same(out.read(), "by descriptor\n")


@case("a running program can be removed and replaced")
def replaced():
    binary("sleep", "p")
    running = subprocess.Popen(["./p", "60"])
    os.unlink("p")
    binary("echo", "p")
    same(output("./p", "new"), "new\n")
    same(running.poll(), None, "exit of the running one")
    running.kill()
    running.wait()


@case("a shared library is loaded from the share")
def library():
    with open("/proc/self/maps") as maps:
        libc = next(line.split()[-1] for line in maps if "/libc.so" in line or "/libc-" in line or "/ld-musl" in line)
    math = next(iter(glob.glob(os.path.join(os.path.dirname(libc), "libm.so.6"))), libc)
    shutil.copy(math, "libown.so")
    ctypes.CDLL(os.path.abspath("libown.so"))
    with open("/proc/self/maps") as maps:
        same(any(os.path.abspath("libown.so") in line for line in maps), True, "the library is mapped")


@case("Python imports modules and packages from the share, and caches them")
def modules():
    os.makedirs("pkg/sub")
    write("pkg/__init__.py", b"from .sub.m import VALUE\n")
    write("pkg/sub/__init__.py", b"")
    write("pkg/sub/m.py", b"VALUE = 7\n")
    code = "import pkg; print(pkg.VALUE)"
    same(output(sys.executable, "-c", code), "7\n")
    same(os.path.isdir("pkg/sub/__pycache__"), True, "cached")
    same(output(sys.executable, "-c", code), "7\n")


@case("a virtual environment on the share works", limit=90)
def venv():
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "v"], check=True, capture_output=True, timeout=100)
    code = "import sys; print(sys.prefix != sys.base_prefix)"
    same(output("v/bin/python", "-c", code), "True\n")
