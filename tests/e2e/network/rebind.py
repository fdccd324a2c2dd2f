"""Root in the guest against names that change where they lead, and cloud metadata. Prints one JSON object. Argument:
the forbidden addresses and the kinds of names. All of it is on port 80."""
import json, os, re, socket, struct, sys, time

aim = json.loads(sys.argv[1])
PROXY = ("127.0.0.1", 18018)


def exchange(client, *messages):
    """Sends each message when something has come back for the one before; what came last, or the first refusal."""
    answer = b""
    client.settimeout(30)
    try:
        for message in messages:
            client.sendall(message)
            answer = client.recv(65536)
            if answer.startswith(b"HTTP/1.1 4"):
                break
    except OSError as error:
        return type(error).__name__
    return answer


def request(host, target="/"):
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()


def told(answer):
    """`good` for the server's answer, else the status, the number, or the error that stands for a refusal."""
    if isinstance(answer, bytes) and answer.startswith(b"HTTP/1.1 200") and b"Connection established" not in answer:
        return "good"
    return answer if isinstance(answer, str) else answer[:12].decode(errors="replace") or "ended"


def connect(host):
    with socket.create_connection(PROXY) as client:
        return told(exchange(client, f"CONNECT {host}:80 HTTP/1.1\r\nHost: {host}:80\r\n\r\n".encode(), request(host)))


def absolute(host):
    with socket.create_connection(PROXY) as client:
        return told(exchange(client, request(host, f"http://{host}/")))


def socks(host):
    """The number of the refusal, or what the server says. Addresses go as addresses, names as names."""
    address = host.strip("[]")
    for family, kind in ((socket.AF_INET, 1), (socket.AF_INET6, 4)):
        try:
            place = bytes([kind]) + socket.inet_pton(family, address)
            break
        except OSError:
            place = b"\x03" + bytes([len(host)]) + host.encode()
    with socket.create_connection(PROXY) as client:
        exchange(client, b"\x05\x01\x00")
        code = exchange(client, b"\x05\x01\x00" + place + struct.pack(">H", 80))
        if isinstance(code, str) or code[1:2] != b"\0":
            return f"refused {code[1] if isinstance(code, bytes) and code else code}"
        return told(exchange(client, request(host)))


def direct(host):
    try:
        with socket.create_connection((host.strip("[]"), 80), timeout=30) as client:
            return told(exchange(client, request(host)))
    except OSError as error:
        return type(error).__name__


WAYS = {"connect": connect, "absolute": absolute, "socks": socks, "direct": direct}

# A look-up is remembered for half a minute: what changes is waited for at the end.
rebinding = {kind: {way: [ask(f"{way}.{kind}.rebind.example") for _ in range(2)] for way, ask in WAYS.items()}
             for kind in aim["names"]}
bracketed = [f"[{address}]" if ":" in address else address for address in aim["addresses"]]
own = ("127.0.0.1", "::1")  # the guest has these itself
metadata = {host: {way: ask(host) for way, ask in WAYS.items() if way != "direct" or host.strip("[]") not in own}
            for host in [*bracketed, "metadata.google.internal", "instance-data.ec2.internal", "2852039166"]}
later = {}
for kind in ("turns", "cloud"):
    for way, ask in WAYS.items():
        until = time.monotonic() + 60
        while (said := ask(f"{way}.{kind}.rebind.example")) == "good" and time.monotonic() < until:
            time.sleep(0.5)
        later[f"{way} {kind}"] = said
print(json.dumps({"rebinding": rebinding, "metadata": metadata, "later": later}))
