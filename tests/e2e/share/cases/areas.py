"""The areas, in the order in which they are run and shown."""

import importlib

AREAS = (
    "chmod", "chown", "access", "link", "symlink", "unlink", "mkdir", "rmdir", "rename", "rename_open", "opening",
    "creating", "truncate", "timestamps", "fifo", "socket", "xattr", "statvfs", "readdir", "names", "unlinked",
    "mapping", "locks", "reading", "descriptors", "sparse", "copying", "executing", "modebits", "watching", "sqlite",
    "git", "unpacking", "scale",
)


def load() -> None:
    """Imports every area, which fills `kit.CASES`."""
    for area in AREAS:
        importlib.import_module(f"{__package__}.{area}")
