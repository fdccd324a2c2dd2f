"""Unix sockets bound on the share: the name is in the file system, the socket is in the guest."""

import errno
import os
import stat
from socket import AF_UNIX, SOCK_DGRAM, SOCK_STREAM, socket

from .kit import case, holds, join, refuses, same, spawn, write


@case("bind makes a socket's name")
def bind():
    with socket(AF_UNIX) as server:
        server.bind("s")
        holds(stat.S_ISSOCK(os.stat("s").st_mode), "it is no socket")
    holds(stat.S_ISSOCK(os.stat("s").st_mode), "the name went with the socket")


@case("a stream connection carries bytes both ways")
def stream():
    server = socket(AF_UNIX, SOCK_STREAM)
    server.bind("s")
    server.listen()

    def ask():
        with socket(AF_UNIX, SOCK_STREAM) as client:
            client.connect("s")
            client.sendall(b"ping")
            same(client.recv(10), b"pong")

    client = spawn(ask)
    connection, _ = server.accept()
    same(connection.recv(10), b"ping")
    connection.sendall(b"pong")
    join(client)


@case("datagrams arrive")
def datagram():
    server = socket(AF_UNIX, SOCK_DGRAM)
    server.bind("s")
    join(spawn(lambda: socket(AF_UNIX, SOCK_DGRAM).sendto(b"one", "s")))
    same(server.recv(10), b"one")


@case("a name that exists cannot be bound")
def in_use():
    write("f")
    with socket(AF_UNIX) as server:
        refuses(errno.EADDRINUSE, server.bind, "f")
        server.bind("s")
    with socket(AF_UNIX) as server:
        refuses(errno.EADDRINUSE, server.bind, "s")


@case("a name nobody listens on refuses connections, and can be removed and bound again")
def stale():
    with socket(AF_UNIX) as server:
        server.bind("s")
    refuses(errno.ECONNREFUSED, socket(AF_UNIX).connect, "s")
    os.unlink("s")
    with socket(AF_UNIX) as server:
        server.bind("s")


@case("a socket's name can be renamed and still be connected to")
def renamed():
    server = socket(AF_UNIX)
    server.bind("s")
    server.listen()
    os.rename("s", "t")
    client = socket(AF_UNIX)
    client.connect("t")


@case("a socket cannot be opened as a file")
def no_file():
    with socket(AF_UNIX) as server:
        server.bind("s")
    refuses(errno.ENXIO, os.open, "s", os.O_RDONLY)


@case("a socket's name is linked, listed and removed")
def names():
    with socket(AF_UNIX) as server:
        server.bind("s")
    os.link("s", "t")
    same(os.stat("t").st_nlink, 2, "link count")
    same(sorted(os.listdir()), ["s", "t"])
    os.unlink("s")
    os.unlink("t")
    same(os.listdir(), [])
