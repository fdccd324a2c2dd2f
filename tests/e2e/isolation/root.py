"""Tries, as root of the guest, to get further than the run was given. Prints one JSON report."""

import ctypes
import os
import stat
import sys

sys.path.insert(0, "/workspace/isolation")
from guest import attempt, content, find, leaks_below, mounts, read_task, report  # noqa: E402

MS_REMOUNT = 32
# vfs_cap_data, revision 2: every capability permitted and effective.
CAPABILITY = bytes.fromhex("01000002" + "ff" * 4 + "00" * 4 + "ff" * 4 + "00" * 4)
libc = ctypes.CDLL(None, use_errno=True)
task = read_task()
canaries = task["canaries"]
readonly = task["readonly"]


def mount(source: str, target: str, kind: str, flags: int, options: str) -> None:
    if libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def umount(path: str) -> str:
    return "ok" if libc.umount(path.encode()) == 0 else os.strerror(ctypes.get_errno())


def write(path: str, data: str = "written by the guest's root") -> None:
    with open(path, "w") as file:
        file.write(data)


result: dict = {"uid": os.getuid()}

# A read-only mount, tried in every way that root has.
tries = {"create": attempt(write, f"{readonly}/new"), "overwrite": attempt(write, f"{readonly}/file")}
tries["remount"] = attempt(mount, "none", readonly, "", MS_REMOUNT, "")
tries["create after remount"] = attempt(write, f"{readonly}/new")
tries["overwrite after remount"] = attempt(write, f"{readonly}/file")
tries["unlink"] = attempt(os.unlink, f"{readonly}/file")
tries["chmod"] = attempt(os.chmod, f"{readonly}/file", 0o777)
tries["rename"] = attempt(os.rename, f"{readonly}/file", f"{readonly}/other")
result["readonly"] = tries

# Special files on the share, for the host to look at.
os.chdir("/workspace")
os.mkdir("special")
result["special"] = {
    "character device": attempt(os.mknod, "special/null", stat.S_IFCHR | 0o666, os.makedev(1, 3)),
    "block device": attempt(os.mknod, "special/vda", stat.S_IFBLK | 0o666, os.makedev(254, 0)),
    "setuid": attempt(lambda: (write("special/setuid", "#!/bin/sh\nid\n"), os.chmod("special/setuid", 0o6755))),
    "chown to root": attempt(os.chown, "special/setuid", 0, 0),
    "chown to another": attempt(os.chown, "special/setuid", 54321, 54321),
    "capability": attempt(os.setxattr, "special/setuid", "security.capability", CAPABILITY),
    "trusted": attempt(os.setxattr, "special/setuid", "trusted.overlay.opaque", b"y"),
    "setuid again": attempt(os.chmod, "special/setuid", 0o6755),
}

# Planted links, as root.
result["links"] = {p: "LEAK" if find(content(p), canaries) else attempt(os.stat, p) for p in task["links"]}

# What lies under the mounts. A slot is one channel and can be mounted once, so they have to go first.
os.chdir("/")
unmounted = [umount("/workspace"), umount(readonly)]
result["unmounted"] = unmounted
result["under workspace"] = sorted(os.listdir("/workspace"))

# Every share slot, mounted by hand, with options that ask for more.
slots = {}
for slot in range(10):
    for number, extra in enumerate(("", ",aname=/", ",aname=../..", ",uname=root,access=any", ",cache=loose")):
        place = f"/mnt/slot{slot}.{number}"
        os.makedirs(place)
        options = f"trans=virtio,version=9p2000.L,msize=65536{extra}"
        done = attempt(mount, f"share{slot}", place, "9p", 0, options)
        if done != "ok":
            slots[f"share{slot}{extra}"] = {"mount": done}
            continue
        leaked, _ = leaks_below(place, canaries, ())
        slots[f"share{slot}{extra}"] = {
            "mount": done,
            "names": sorted(os.listdir(place)),
            "leaks": leaked,
            "write": attempt(write, f"{place}/by-hand-{slot}-{number}"),
        }
        umount(place)
result["slots"] = slots
virtio = "/sys/bus/virtio/devices"
tags = [content(f"{virtio}/{device}/mount_tag").rstrip(b"\0").decode() for device in os.listdir(virtio)]
result["tags"] = sorted(t for t in tags if t)

# The disks.
disks = {}
for name in sorted(os.listdir("/sys/block")):
    if not name.startswith("vd"):
        continue
    os.makedirs("/mnt/nodes", exist_ok=True)
    node = f"/mnt/nodes/{name}"
    number = content(f"/sys/block/{name}/dev").decode().strip().split(":")
    os.mknod(node, stat.S_IFBLK | 0o600, os.makedev(int(number[0]), int(number[1])))
    first = content(node, 4096)

    def overwrite() -> None:
        fd = os.open(node, os.O_RDWR)
        try:
            os.pwrite(fd, first, 0)  # the same bytes: harmless should it work
            os.fsync(fd)
        finally:
            os.close(fd)

    def unlock() -> None:
        fd = os.open(node, os.O_RDONLY)
        try:
            if libc.ioctl(fd, 0x125D, ctypes.byref(ctypes.c_int(0))):  # BLKROSET
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        finally:
            os.close(fd)

    disks[name] = {
        "serial": content(f"/sys/block/{name}/serial").decode().strip(),
        "read-only": content(f"/sys/block/{name}/ro").decode().strip(),
        "write": attempt(overwrite),
        "unlock": attempt(unlock),
        "write after unlock": attempt(overwrite),
    }
result["disks"] = disks

# Whatever is left in the guest. The image's own programs are older than the canaries.
result["found"], result["files"] = leaks_below("/", canaries, ("/proc", "/sys", "/usr", "/dev"))
result["kernel"] = [p for p in ("/proc/cmdline", "/proc/kallsyms", "/proc/iomem") if find(content(p), canaries)]
result["mounts"] = [m for m in mounts() if m[2] == "9p"]
report(result)
