"""Root in the guest looks for a secret's value everywhere in the machine's memory. It gets no more of it than its
beginning, disguised, and its hash, so that nothing found is its own. Prints one JSON object."""
import glob, hashlib, json, os, struct, sys

disguised, digest, length, token = sys.argv[1], sys.argv[2], int(sys.argv[3]), os.environ["NPM_TOKEN"]


def undisguised():
    return bytes(byte ^ 0x5A for byte in bytes.fromhex(disguised))


def count(data, beginning, digest, length):
    found = at = 0
    while (at := data.find(beginning, at)) >= 0:
        found += hashlib.sha256(data[at : at + length]).hexdigest() == digest
        at += 1
    return found


def look(data):
    return [
        count(data, undisguised(), digest, length),
        count(data, token[:16].encode(), hashlib.sha256(token.encode()).hexdigest(), len(token)),
    ]


def total(pieces):
    found = [0, 0]
    for piece in pieces:
        found = [sum(pair) for pair in zip(found, look(piece))]
    return found


def environments():
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                yield file.read()
        except OSError:
            pass


def memory():
    """All of the machine's memory through the kernel's direct map, page cache and every process included."""
    step, overlap = 8 << 20, 8192
    with open("/proc/kcore", "rb", buffering=0) as core:
        header = core.read(64)
        offset, size, number = struct.unpack_from("<Q", header, 32)[0], *struct.unpack_from("<HH", header, 54)
        core.seek(offset)
        table = core.read(size * number)
        for index in range(number):
            kind, _, start, virtual, physical, length = struct.unpack_from("<IIQQQQ", table, index * size)
            # The direct map alone says where its memory is (fs/proc/kcore.c).
            if kind != 1 or physical in (0, 2**64 - 1) and virtual >> 32 == 0xFFFFFFFF or length > 64 << 30:
                continue
            if physical == 2**64 - 1:
                continue
            for at in range(0, length, step):
                core.seek(start + at)
                try:
                    yield core.read(min(step + overlap, length - at))
                except OSError:
                    pass


print(json.dumps({"environments": total(environments()), "memory": total(memory())}))
