"""A program in a VM whose host reaches the outside by a proxy alone. Prints one JSON object."""
import json, os, socket, ssl, urllib.error, urllib.request

results = {}


def check(body):
    try:
        results[body.__name__] = body()
    except Exception as error:
        results[body.__name__] = f"{type(error).__name__}: {error}"


def get(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        return answer.read().decode()


def refusal(url):
    try:
        return get(url)
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read().decode().strip()}"


@check
def tls_by_the_proxy():
    return get("https://packages.example/a")


@check
def tls_by_dns_alone():
    with socket.create_connection(("packages.example", 443), timeout=30) as plain:
        with ssl.create_default_context().wrap_socket(plain, server_hostname="packages.example") as client:
            client.sendall(b"GET /b HTTP/1.1\r\nHost: packages.example\r\nConnection: close\r\n\r\n")
            answer = b""
            while piece := client.recv(65536):
                answer += piece
    return answer.rpartition(b"\r\n")[2].decode() if b"\r\n" in answer else repr(answer)


@check
def plain_request():
    return get("http://plain.example/c", **{"Proxy-Authorization": "Basic Z3Vlc3Q6Z3Vlc3Q="})


@check
def excepted():
    return get("http://intranet.corp.example/d")


@check
def denied():
    return refusal("http://denied.example/e")


@check
def known_to_be_this_machine():
    return refusal("http://inside.example/f")


@check
def unknown_to_the_proxy():
    try:
        return get("https://unknown.example/g")
    except OSError as error:
        return str(error)


results["password"] = [name for name, value in os.environ.items() if "p%40ss" in value or "p@ss" in value]
print(json.dumps(results))
