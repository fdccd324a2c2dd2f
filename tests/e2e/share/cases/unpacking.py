"""Archives unpacked on the share, as package managers do it."""

import io
import os
import subprocess
import sys
import tarfile
import zipfile

from .kit import case, read, same, write

WHEN = 1_500_000_000


def archive() -> bytes:
    """A tar like a package's: directories, modes, symlinks, a hard link, times."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        def add(name: str, kind: bytes, mode: int = 0o644, data: bytes = b"", link: str = "") -> None:
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.size, info.linkname, info.mtime = kind, mode, len(data), link, WHEN
            tar.addfile(info, io.BytesIO(data))

        add("pkg", tarfile.DIRTYPE, 0o755)
        add("pkg/bin", tarfile.DIRTYPE, 0o755)
        add("pkg/bin/run", tarfile.REGTYPE, 0o755, b"#!/bin/sh\necho ran\n")
        add("pkg/data", tarfile.REGTYPE, 0o444, b"d" * 100_000)
        add("pkg/same", tarfile.LNKTYPE, 0o444, link="pkg/data")
        add("pkg/current", tarfile.SYMTYPE, 0o777, link="bin/run")
        for number in range(200):
            add(f"pkg/m{number}.py", tarfile.REGTYPE, 0o644, b"x = %d\n" % number)
    return out.getvalue()


def look() -> None:
    same(read("pkg/current"), b"#!/bin/sh\necho ran\n")
    same(os.stat("pkg/data").st_ino, os.stat("pkg/same").st_ino, "inode of the hard link")
    same((oct(os.stat("pkg/data").st_mode & 0o777), os.stat("pkg/data").st_mtime), (oct(0o444), WHEN), "mode and mtime")
    same(len(os.listdir("pkg")), 204, "entries")
    same(subprocess.run(["pkg/current"], capture_output=True, timeout=100).stdout, b"ran\n")


@case("Python's tarfile unpacks modes, times, links and symlinks")
def python_tar():
    with tarfile.open(fileobj=io.BytesIO(archive())) as tar:
        tar.extractall(**({"filter": "tar"} if hasattr(tarfile, "tar_filter") else {}))
    look()


@case("tar unpacks the same")
def tar():
    write("a.tgz", archive())
    subprocess.run(["tar", "xzf", "a.tgz"], check=True, capture_output=True, timeout=100)
    look()


@case("tar packs what it unpacked")
def pack():
    write("a.tgz", archive())
    script = "tar xzf a.tgz && tar czf b.tgz pkg && rm -rf pkg && tar xzf b.tgz"
    subprocess.run(["sh", "-c", script], check=True, timeout=100)
    look()


@case("a wheel is unpacked, moved into place and imported", limit=150)
def wheel():
    with zipfile.ZipFile("w.whl", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("thing/__init__.py", "VALUE = 1\n")
        for number in range(100):
            out.writestr(f"thing/m{number}.py", f"x = {number}\n" * 50)
    os.mkdir("tmp")
    with zipfile.ZipFile("w.whl") as inside:
        inside.extractall("tmp")
    os.mkdir("site")
    os.rename("tmp/thing", "site/thing")
    code = "import thing.m99; print(thing.VALUE + thing.m99.x)"
    env = {**os.environ, "PYTHONPATH": "site"}
    same(subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, timeout=100).stdout, b"100\n")
    compiled = subprocess.run([sys.executable, "-m", "compileall", "-q", "site"], capture_output=True, timeout=120)
    same(compiled.returncode, 0, "exit code of compileall")


@case("a tree like node_modules: deep, with links into each other")
def node_modules():
    for number in range(60):
        base = f"store/p{number}@1/node_modules/p{number}"
        os.makedirs(base)
        write(f"{base}/package.json", b'{"name":"p%d"}' % number)
        os.makedirs("node_modules/.bin", exist_ok=True)
        os.symlink(f"../{base}", f"node_modules/p{number}")
        write(f"{base}/cli.sh", b"#!/bin/sh\necho %d\n" % number, 0o755)
        os.symlink(f"../p{number}/cli.sh", f"node_modules/.bin/p{number}")
    same(subprocess.run(["node_modules/.bin/p59"], capture_output=True, timeout=100).stdout, b"59\n")
    same(read("node_modules/p7/package.json"), b'{"name":"p7"}')
