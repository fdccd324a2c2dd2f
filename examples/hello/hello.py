"""What a program sees inside silo: run it with `silo run python hello.py`.

It prints the machine that it is in, looks for the host's things, and leaves result.json beside itself, which appears
in the directory on the host.
"""

import json
import os
import platform
import socket
from pathlib import Path

workspace = Path.cwd()
network = sorted(name for _, name in socket.if_nameindex())
others = sorted(p.name for p in Path("/home").iterdir()) if Path("/home").is_dir() else []
commands = []
for process in Path("/proc").glob("[0-9]*/comm"):
    try:
        commands.append(process.read_text().strip())
    except OSError:  # it has ended meanwhile
        continue
programs = [name for name in commands if not name.startswith(("kworker", "kthread", "ksoftirq", "rcu_", "migration"))]

result = {
    "kernel": f"{platform.system()} {platform.release()} ({platform.machine()})",
    "python": platform.python_version(),
    "workspace": str(workspace),
    "files": sorted(p.name for p in workspace.iterdir()),
    "uid": os.getuid(),
    "homes": others,
    "network": network,
    "environment": sorted(os.environ),
    "processes": len(programs),
}

print(f"kernel       {result['kernel']}")
print(f"python       {result['python']}")
print(f"workspace    {result['workspace']}: {', '.join(result['files'])}")
print(f"user         {result['uid']}, the same as on the host")
print(f"homes        {', '.join(others) or 'none'}: nobody's from the host")
print(f"network      {', '.join(network) or 'none'}: no network card")
print(f"environment  {', '.join(result['environment'])}")

Path("result.json").write_text(json.dumps(result, indent=2) + "\n")
print("written      result.json")
