#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "silo_net.h"
#include "silo_fd.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int fail_closing(int fd) {
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int new_socket(int family, int type) {
#ifdef __linux__
    return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
#else
    int fd = socket(family, type, 0);
    if (fd < 0) return -1;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    silo_set_cloexec(fd, 1);
    silo_set_nonblocking(fd, 1);
    return fd;
#endif
}

static struct sockaddr_in ipv4(uint32_t address, uint16_t port) {
    struct sockaddr_in result;
    memset(&result, 0, sizeof result);
    result.sin_family = AF_INET;
    result.sin_addr.s_addr = htonl(address);
    result.sin_port = htons(port);
    return result;
}

int silo_tcp_listen(uint32_t address, uint16_t port, int backlog) {
    int fd = new_socket(AF_INET, SOCK_STREAM);
    if (fd < 0) return -1;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in name = ipv4(address, port);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, backlog) < 0) return fail_closing(fd);
    return fd;
}

int silo_tcp_accept(int listener) {
#ifdef __linux__
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return -1;
#else
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) return -1;
    silo_set_cloexec(fd, 1);
    silo_set_nonblocking(fd, 1);
#endif
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

int silo_udp_bind(uint32_t address, uint16_t port) {
    int fd = new_socket(AF_INET, SOCK_DGRAM);
    if (fd < 0) return -1;
    struct sockaddr_in name = ipv4(address, port);
    return bind(fd, (struct sockaddr *)&name, sizeof name) < 0 ? fail_closing(fd) : fd;
}

ssize_t silo_udp_receive(int fd, void *bytes, size_t size, uint32_t *address, uint16_t *port) {
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    ssize_t count = recvfrom(fd, bytes, size, 0, (struct sockaddr *)&from, &length);
    if (count < 0) return -1;
    *address = ntohl(from.sin_addr.s_addr);
    *port = ntohs(from.sin_port);
    return count;
}

ssize_t silo_udp_send(int fd, const void *bytes, size_t count, uint32_t address, uint16_t port) {
    struct sockaddr_in to = ipv4(address, port);
    return sendto(fd, bytes, count, 0, (struct sockaddr *)&to, sizeof to);
}

int silo_local_address(int fd, uint32_t *address, uint16_t *port) {
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &length) < 0) return -1;
    *address = ntohl(name.sin_addr.s_addr);
    *port = ntohs(name.sin_port);
    return 0;
}

int silo_unix_connect(const char *path) {
    struct sockaddr_un name;
    memset(&name, 0, sizeof name);
    name.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(name.sun_path, path);
    int fd = new_socket(AF_UNIX, SOCK_STREAM);
    if (fd < 0) return -1;
    return connect(fd, (struct sockaddr *)&name, sizeof name) < 0 ? fail_closing(fd) : fd;
}

int silo_unix_listen(const char *path, uint32_t uid, uint32_t gid, int backlog) {
    struct sockaddr_un name;
    memset(&name, 0, sizeof name);
    name.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(name.sun_path, path);
    int fd = new_socket(AF_UNIX, SOCK_STREAM);
    if (fd < 0) return -1;
    // Nobody can connect before listen, so the mode is there in time.
    if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0) return fail_closing(fd);
    if (chmod(path, 0600) < 0 || chown(path, uid, gid) < 0 || listen(fd, backlog) < 0) return fail_closing(fd);
    return fd;
}

/// How long a connection to loopback may stay undecided, milliseconds: only one whose listener's queue is full does.
#define LOOPBACK_WAIT_MS 20

static int connect_briefly(const struct sockaddr *name, socklen_t size) {
    int fd = new_socket(name->sa_family, SOCK_STREAM);
    if (fd < 0) return -1;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, name, size) == 0) return fd;
    if (errno != EINPROGRESS) return fail_closing(fd);
    struct pollfd state = {.fd = fd, .events = POLLOUT};
    if (poll(&state, 1, LOOPBACK_WAIT_MS) <= 0) return fd;
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error == 0) return fd;
    errno = error;
    return fail_closing(fd);
}

int silo_loopback_connect(uint16_t port) {
    struct sockaddr_in v4 = ipv4(INADDR_LOOPBACK, port);
    int fd = connect_briefly((struct sockaddr *)&v4, sizeof v4);
    if (fd >= 0) return fd;
    struct sockaddr_in6 v6;
    memset(&v6, 0, sizeof v6);
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    v6.sin6_port = htons(port);
    return connect_briefly((struct sockaddr *)&v6, sizeof v6);
}

int silo_is_hung_up(int fd) {
    struct pollfd state = {.fd = fd};
    return poll(&state, 1, 0) > 0 && (state.revents & POLLHUP) != 0;
}

void silo_abort_on_close(int fd) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void silo_raise_open_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}
