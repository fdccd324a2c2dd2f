"""setuid, setgid and sticky bits."""

import os
import shutil
import subprocess

from .kit import case, mode_of, same, write


@case("chmod sets setuid, setgid and sticky on one's own file")
def kept():
    write("f")
    for mode in (0o4755, 0o2755, 0o6755, 0o1755, 0o7755):
        os.chmod("f", mode)
        same(oct(mode_of("f")), oct(mode))


@case("a write by an ordinary user takes setuid and setgid away")
def write_drops():
    write("f")
    os.chmod("f", 0o6755)
    fd = os.open("f", os.O_WRONLY)
    os.write(fd, b"x")
    os.close(fd)
    same(oct(mode_of("f")), oct(0o755))


@case("truncate takes setuid away")
def truncate_drops():
    write("f")
    os.chmod("f", 0o4755)
    os.truncate("f", 1)
    same(oct(mode_of("f")), oct(0o755))


@case("reading, renaming and linking keep setuid")
def keeps():
    write("f")
    os.chmod("f", 0o4755)
    os.rename("f", "g")
    os.link("g", "h")
    with open("h", "rb") as file:
        file.read()
    same(oct(mode_of("g")), oct(0o4755))


@case("open with O_CREAT can make setuid files of one's own")
def created():
    os.umask(0)
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, 0o4755))
    same(oct(mode_of("f")), oct(0o4755))


@case("sticky directories keep their bit and let the owner remove")
def sticky():
    os.mkdir("d")
    os.chmod("d", 0o1777)
    same(oct(mode_of("d")), oct(0o1777))
    write("d/f")
    os.rename("d/f", "d/g")
    os.unlink("d/g")
    same(os.listdir("d"), [])


@case("a setuid program of one's own runs as oneself")
def runs():
    shutil.copy(os.path.realpath(shutil.which("id")), "me")
    os.chmod("me", 0o4755)
    out = subprocess.run(["./me", "-u"], capture_output=True, text=True, timeout=100).stdout
    same(out.strip(), str(os.getuid()), "uid")
