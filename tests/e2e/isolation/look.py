"""Looks around in the guest as the ordinary user: what can be seen of the host? Prints one JSON report."""

import os
import sys

sys.path.insert(0, "/workspace/isolation")
from guest import attempt, content, find, holds, leaks_below, mounts, read_task, report  # noqa: E402

task = read_task()
canaries = task["canaries"]

# Planted links: nothing that they lead to may be the host's.
links = {}
for path in task["links"]:
    data = content(path)
    try:
        names = os.listdir(path)
    except OSError:
        names = []
    leaked = find(data, canaries) or any(find(content(os.path.join(path, n)), canaries) for n in names)
    links[path] = "LEAK" if leaked else attempt(os.stat, path)

# The same places by way of .. from inside the share.
climbs = {}
for path in task["climbs"]:
    climbs[path] = "LEAK" if find(content(path), canaries) else attempt(os.stat, path)
fd = os.open("/workspace", os.O_RDONLY)
for _ in range(12):
    fd = os.open("..", os.O_RDONLY, dir_fd=fd)
above = {"is the guest's root": os.path.samestat(os.fstat(fd), os.stat("/")), "names": sorted(os.listdir(fd))}

# Everything that is neither the kernel's nor the image's own programs.
found, files = leaks_below("/", canaries, ("/proc", "/sys", "/usr", "/dev"))
processes = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    command = content(f"/proc/{pid}/cmdline")
    for name in ("cmdline", "environ", "mountinfo", "maps"):
        if find(content(f"/proc/{pid}/{name}"), canaries):
            found.append(f"/proc/{pid}/{name}")
    shown = command.replace(b"\0", b" ") or content(f"/proc/{pid}/comm")
    processes.append(shown.decode(errors="replace").strip())
for name in ("cmdline", "mounts", "version", "sys/kernel/hostname", "partitions", "iomem", "modules"):
    if holds(f"/proc/{name}", canaries):
        found.append(f"/proc/{name}")

def devices(bus, what):
    place = f"/sys/bus/{bus}/devices"
    names = os.listdir(place) if os.path.isdir(place) else []
    return [content(f"{place}/{name}/{what}").decode().strip() for name in names]

report({
    "links": links,
    "climbs": climbs,
    "above": above,
    "found": found,
    "files": files,
    "processes": processes,
    "environment": dict(os.environ),
    "uid": [os.getuid(), os.getgid(), os.getgroups()],
    "hostname": [os.uname().nodename, content("/etc/hostname").decode().strip()],
    "passwd": content("/workspace/passwd-link").decode() == content("/etc/passwd").decode(),
    "mounts": mounts(),
    "network": sorted(os.listdir("/sys/class/net")),
    "netdev": [line.split(":")[0].strip() for line in content("/proc/net/dev").decode().splitlines() if ":" in line],
    "routes": content("/proc/net/route").decode().splitlines()[1:],
    "pci": devices("pci", "class"),
    "virtio": devices("virtio", "device"),
    "devices": sorted(os.listdir("/dev")),
    "mounted": {path: content(path).decode() for path in task["mounted"]},
    "written": {path: [attempt(open, f"{path}.new", "w"), attempt(open, path, "r+")] for path in task["mounted"]},
})
