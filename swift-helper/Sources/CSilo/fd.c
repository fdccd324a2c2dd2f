#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "silo_fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
        silo_set_cloexec(fds[i], 1);
        silo_set_nonblocking(fds[i], 1);
    }
    return 0;
#endif
}

int silo_open(const char *path, int flags, mode_t mode) {
    return open(path, flags | O_CLOEXEC, mode);
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

void *silo_map_file(const char *path, size_t bytes) {
    int fd = silo_open(path, O_RDWR, 0);
    if (fd < 0) return NULL;
    volatile char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int error = errno;
    close(fd);
    errno = error;
    if (memory == MAP_FAILED) return NULL;
    memory[0] = memory[0];
    return (void *)memory;
}
