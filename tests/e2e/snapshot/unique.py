"""Prints as JSON what must differ from machine to machine, then answers each line of input with the clock."""
import json
import os
import ssl
import sys
import time
import uuid


def client_random():
    """The 32 bytes that a TLS client begins with: after 5 bytes of record, 4 of handshake and 2 of version."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    connection = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="example.org")
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()[11:43].hex()


def stack():
    with open("/proc/self/maps") as maps:
        return next(line.split("-")[0] for line in maps if "[stack]" in line)


def text(path):
    with open(path) as file:
        return file.read().strip()


print(json.dumps({
    "urandom": os.urandom(32).hex(),
    "uuid": str(uuid.uuid4()),
    "kernelUuid": text("/proc/sys/kernel/random/uuid"),
    "bootId": text("/proc/sys/kernel/random/boot_id"),
    "clientRandom": client_random(),
    "stack": stack(),
    "machineId": text("/etc/machine-id"),
}), flush=True)
for _ in sys.stdin:
    print(time.time() * 1000, flush=True)
