#!/usr/bin/python3
"""A language server that does what its argument says: polite, stubborn, deaf, or one that floods its editor."""
import json, os, signal, sys, threading, time

mode = sys.argv[1]
writing = threading.Lock()
flooding = threading.Event()
heard = []


def read():
    length = 0
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            return None
        if line == b"\r\n":
            return json.loads(sys.stdin.buffer.read(length))
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)


def send(**message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    with writing:
        sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        sys.stdout.buffer.flush()


def wait_for_ever():
    while True:
        time.sleep(1_000)


def flood(size):
    """As fast as it goes, in writes of many messages."""
    body = json.dumps({"jsonrpc": "2.0", "method": "x/flood", "params": {"text": "x" * size}}).encode()
    framed = b"Content-Length: %d\r\n\r\n" % len(body) + body
    many = framed * max(1, 65_536 // len(framed))
    while flooding.is_set():
        with writing:
            sys.stdout.buffer.write(many)
            sys.stdout.buffer.flush()


if mode == "stubborn":
    for name in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
shutdown = False
while True:
    message = read()
    if message is None:
        if mode == "stubborn":
            wait_for_ever()
        sys.exit(0)
    method, id = message.get("method"), message.get("id")
    if method == "initialize":
        send(id=id, result={"capabilities": {}})
        if mode == "deaf":
            wait_for_ever()
    elif method == "shutdown":
        shutdown = True
        send(id=id, result=None)
    elif method == "exit":
        if mode == "stubborn":
            wait_for_ever()
        sys.exit(0 if shutdown else 1)
    elif method == "x/exit":
        os._exit(message["params"]["code"])
    elif method == "x/kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif method == "x/flood":
        flooding.set()
        threading.Thread(target=flood, args=[message["params"]["size"]], daemon=True).start()
    elif method == "x/ping":
        heard.append(time.monotonic())
    elif method == "x/stop":
        flooding.clear()
        gaps = [later - before for before, later in zip(heard, heard[1:])]
        send(id=id, result={"heard": len(heard), "longest": max(gaps, default=0)})
