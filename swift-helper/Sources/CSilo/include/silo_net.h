// Sockets of the Internet family, and the ways in which a connection ends. Addresses are IPv4 in the host's byte order.
// All return -1 and set errno on failure.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// A non-blocking, close-on-exec TCP socket that listens.
int silo_tcp_listen(uint32_t address, uint16_t port, int backlog);
/// The next connection of a listener, non-blocking, close-on-exec, without Nagle's delay.
int silo_tcp_accept(int listener);
/// A non-blocking, close-on-exec UDP socket.
int silo_udp_bind(uint32_t address, uint16_t port);
/// One datagram and where it came from; the number of bytes.
ssize_t silo_udp_receive(int fd, void *bytes, size_t size, uint32_t *address, uint16_t *port);
ssize_t silo_udp_send(int fd, const void *bytes, size_t count, uint32_t address, uint16_t port);
/// The address that this end of a connection has.
int silo_local_address(int fd, uint32_t *address, uint16_t *port);
/// Connects a new non-blocking, close-on-exec Unix stream socket; EAGAIN if the listener's queue is full.
int silo_unix_connect(const char *path);
/// A Unix stream socket that listens at a new path, which only its owner (and root) may connect to.
int silo_unix_listen(const char *path, uint32_t uid, uint32_t gid, int backlog);
/// A non-blocking connection to a port on 127.0.0.1 or, if nobody listens there, on ::1. It may still be connecting.
int silo_loopback_connect(uint16_t port);
/// Whether a connection is over in both directions (poll's HUP).
int silo_is_hung_up(int fd);
/// Makes close end the connection by a reset (TCP; nothing elsewhere).
void silo_abort_on_close(int fd);
/// Allows this program as many open files as the system lets it.
void silo_raise_open_files(void);

/// Gives the loopback interface a further address; on Linux every address of its network is local then.
int silo_loopback_address(uint32_t address, int prefix);
/// Hands every new TCP connection to `network`/`prefix`, whatever its port, to `listener` instead of whoever listens
/// there (a BPF program of type sk_lookup, Linux 5.9). A descriptor: the rule is there as long as it is open.
int silo_capture_tcp(int listener, uint32_t network, int prefix);
