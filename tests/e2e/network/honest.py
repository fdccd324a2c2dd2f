"""What honest programs do, one check after the other; prints one JSON object. Arguments: the host's ports as JSON."""
import json, os, shutil, socket, ssl, struct, subprocess, sys, threading, time, urllib.request, urllib.error

ports = json.loads(sys.argv[1])
HOST = "host.silo.internal"
results = {}


def check(body):
    started = time.time()
    try:
        value = body()
    except Exception as error:
        value = f"{type(error).__name__}: {error}"
    results[body.__name__] = value
    results.setdefault("seconds", {})[body.__name__] = round(time.time() - started, 2)


def run(*words, **options):
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, **options)
    return [done.returncode, done.stdout.strip(), done.stderr.strip()[-300:]]


def query(name, kind, over="udp"):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    message = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)
    if over == "udp":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(10)
            client.sendto(message, ("127.0.0.1", 53))
            answer = client.recv(4096)
    else:
        with socket.create_connection(("127.0.0.1", 53), timeout=10) as client:
            client.sendall(struct.pack(">H", len(message)) + message)
            length = struct.unpack(">H", client.recv(2, socket.MSG_WAITALL))[0]
            answer = client.recv(length, socket.MSG_WAITALL)
    return [answer[3] & 15, struct.unpack(">H", answer[6:8])[0]]  # code, number of answers


@check
def dns():
    return {
        "allowed": query(HOST, 1), "allowed over TCP": query(HOST, 1, "tcp"), "allowed, IPv6": query(HOST, 28),
        "allowed, text": query(HOST, 16), "denied": query("evil.example.com", 1), "denied over TCP": query("evil.example.com", 1, "tcp"),
        "resolver": socket.gethostbyname(HOST).startswith("198.18."),
    }


@check
def resolver_says_no_such_name():
    try:
        socket.getaddrinfo("evil.example.com", 443)
    except socket.gaierror as error:
        return error.errno == socket.EAI_NONAME


@check
def raw_socket():
    """Three hundred kilobytes there and back, the end of each direction by itself."""
    data = bytes(range(256)) * 1200
    with socket.create_connection((HOST, ports["echo"]), timeout=30) as client:
        threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR))).start()
        back = bytearray()
        while piece := client.recv(65536):
            back += piece
    return bytes(back) == data


@check
def many_at_once():
    clients = [socket.create_connection((HOST, ports["echo"]), timeout=60) for _ in range(200)]
    for number, client in enumerate(clients):
        client.sendall(b"%d\n" % number)
    good = sum(client.recv(16) == b"%d\n" % number for number, client in enumerate(clients))
    for client in clients:
        client.close()
    return good


@check
def git_over_ssh():
    os.chmod("key", 0o600)
    ssh = "ssh -i key -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    url = f"ssh://{ports['user']}@{HOST}:{ports['ssh']}{ports['repository']}"
    done = run("git", "clone", "-q", url, "/tmp/clone", env={**os.environ, "GIT_SSH_COMMAND": ssh})
    return done if done[0] else open("/tmp/clone/file").read()


@check
def psql():
    return run("psql", f"postgresql://me@{HOST}:{ports['postgres']}/postgres", "-Atc", "select 6 * 7")


@check
def http_through_the_proxy():
    with urllib.request.urlopen(f"http://{HOST}:{ports['http']}/a", timeout=20) as answer:
        return answer.read().decode()


@check
def http_without_any_proxy():
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{HOST}:{ports['http']}/b", timeout=20) as answer:
        return answer.read().decode()


@check
def curl():
    return run("curl", "-sS", "--max-time", "20", f"http://{HOST}:{ports['http']}/c")


@check
def curl_over_socks():
    return run("curl", "-sS", "--max-time", "20", "--proxy", "socks5h://127.0.0.1:18018", f"http://{HOST}:{ports['http']}/d")


def registry():
    """Where npm gets packages from, with a slash at the end."""
    return run("npm", "config", "get", "registry")[1]


@check
def registry_with_the_hosts_authority():
    return run("curl", "-sS", "--max-time", "30", "-o", "/dev/null", "-w", "%{http_code}", f"{registry()}left-pad")[:2]


@check
def the_distributions_bundle_has_it_too():
    with urllib.request.urlopen(f"{registry()}left-pad", timeout=30, context=ssl.create_default_context(
            cafile="/etc/ssl/certs/ca-certificates.crt")) as answer:
        return answer.status


@check
def node_fetch():
    """No variable, no proxy: node's own fetch finds its way by name."""
    env = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return run("node", "-e", f"fetch('{registry()}left-pad').then(r => console.log(r.status))", env=env)


@check
def loopback_of_the_sandbox_is_its_own():
    import http.server
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.handle_request).start()
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=10)
    except urllib.error.HTTPError as error:
        return error.code  # the handler knows no GET: it was our own server that answered


@check
def denied_http():
    try:
        urllib.request.urlopen("http://denied.example.com/", timeout=10)
    except urllib.error.HTTPError as error:
        return [error.code, error.read().decode()]


@check
def denied_connect():
    return run("curl", "-sS", "--max-time", "10", "https://denied.example.com/")


@check
def denied_port():
    with socket.create_connection((HOST, ports["denied"]), timeout=10) as client:
        return repr(client.recv(10))


@check
def address_that_nobody_gave_out():
    with socket.create_connection(("198.19.7.7", 443), timeout=10) as client:
        return repr(client.recv(10))


results["environment"] = {name: os.environ.get(name) for name in (
    "HTTP_PROXY", "https_proxy", "all_proxy", "no_proxy", "NODE_USE_ENV_PROXY", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")}
print(json.dumps(results))
