#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "silo_fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int silo_set_nonblocking(int fd, int on) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) return -1;
    int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return wanted == flags ? 0 : fcntl(fd, F_SETFL, wanted);
}

int silo_set_cloexec(int fd, int on) {
    return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

// Makes fd close-on-exec and non-blocking, or closes it.
static int prepared(int fd) {
    if (fd < 0) return -1;
    if (silo_set_cloexec(fd, 1) == 0 && silo_set_nonblocking(fd, 1) == 0) return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int silo_pipe(int fds[2], int nonblocking) {
#ifdef __linux__
    return pipe2(fds, O_CLOEXEC | (nonblocking ? O_NONBLOCK : 0));
#else
    if (pipe(fds) < 0) return -1;
    for (int i = 0; i < 2; i++) {
        silo_set_cloexec(fds[i], 1);
        if (nonblocking) silo_set_nonblocking(fds[i], 1);
    }
    return 0;
#endif
}

int silo_socketpair(int fds[2]) {
#ifdef __linux__
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds);
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0) return -1;
    for (int i = 0; i < 2; i++) {
        int on = 1;
        setsockopt(fds[i], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
        prepared(fds[i]);
    }
    return 0;
#endif
}

int silo_accept(int fd) {
#ifdef __linux__
    return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
#else
    return prepared(accept(fd, NULL, NULL));
#endif
}

int silo_open(const char *path, int flags, mode_t mode) {
    return open(path, flags | O_CLOEXEC, mode);
}

static int unix_socket(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
#ifdef __linux__
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
#else
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), on = 1;
    if (fd >= 0) {
        silo_set_cloexec(fd, 1);
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    }
    return fd;
#endif
}

static int closing(int fd) {
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int silo_unix_connect(const char *path) {
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) return closing(fd);
    return prepared(fd);
}

int silo_unix_listen(const char *path, int backlog) {
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    if (fd < 0) return -1;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0) return closing(fd);
    return prepared(fd);
}

ssize_t silo_send(int fd, const void *bytes, size_t count) {
#ifdef MSG_NOSIGNAL
    ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0 || errno != ENOTSOCK) return sent;
#endif
    return write(fd, bytes, count);
}

int silo_temporary_file(const char *directory) {
#ifdef O_TMPFILE
    int tmp = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (tmp >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return tmp;
#endif
    char path[4096];
    if (snprintf(path, sizeof path, "%s/.silo-XXXXXX", directory) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkstemp(path);
    if (fd < 0) return -1;
    unlink(path);
    silo_set_cloexec(fd, 1);
    return fd;
}

int silo_pipe_capacity(int fd, int bytes) {
#ifdef F_SETPIPE_SZ
    return fcntl(fd, F_SETPIPE_SZ, bytes);
#else
    (void)fd, (void)bytes;
    errno = ENOTSUP;
    return -1;
#endif
}
