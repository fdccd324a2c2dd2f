// Descriptors: what differs between systems or is variadic in C. All return -1 and set errno on failure.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// A pipe whose ends are close-on-exec; with `nonblocking`, both ends are non-blocking.
int silo_pipe(int fds[2], int nonblocking);
/// A connected pair of Unix stream sockets, close-on-exec and non-blocking.
int silo_socketpair(int fds[2]);
/// open(2) with close-on-exec added.
int silo_open(const char *path, int flags, mode_t mode);
int silo_set_nonblocking(int fd, int on);
int silo_set_cloexec(int fd, int on);
/// An anonymous regular file in `directory`: O_TMPFILE, or a file that is unlinked at once.
int silo_temporary_file(const char *directory);
/// Tells the pipe to hold `bytes`; what it holds from now on, or -1 (not on macOS).
int silo_pipe_capacity(int fd, int bytes);
/// The first `bytes` of a file as shared memory, written to once so that its page is there; NULL with errno.
void *silo_map_file(const char *path, size_t bytes);
