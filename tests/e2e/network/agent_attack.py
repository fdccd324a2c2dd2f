"""Root in the guest against the socket of the person's ssh-agent. Argument: a public key that is not for the sandbox.
Prints one JSON object: what came back for each attack."""
import base64, json, os, socket, struct, sys

hidden = base64.b64decode(sys.argv[1])
results = {}


def text(data):
    return struct.pack(">I", len(data)) + data


def ask(frame):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(os.environ["SSH_AUTH_SOCK"])
        try:
            client.sendall(frame)
            client.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := client.recv(65536):
                answer += piece
        except (BrokenPipeError, ConnectionResetError):
            return "closed"
    return answer.hex() or "closed"


def message(kind, body=b""):
    return text(bytes([kind]) + body)


REFUSED = {
    "add": 17, "remove": 18, "remove all": 19, "add from card": 20, "remove from card": 21, "lock": 22, "unlock": 23,
    "add with constraints": 25, "add from card with constraints": 26, "extension": 27, "version 1 list": 1,
}
for name, kind in REFUSED.items():
    results[name] = ask(message(kind, text(b"query") + text(b"")))
results["unlisted key"] = ask(message(13, text(hidden) + text(b"data") + struct.pack(">I", 0)))
results["garbage behind"] = ask(message(11, b"x"))
results["too long"] = ask(struct.pack(">I", 1 << 20) + b"\x0b" * 1000)
results["longest there is"] = ask(struct.pack(">I", 2**32 - 1))
results["empty"] = ask(struct.pack(">I", 0))
print(json.dumps(results))
