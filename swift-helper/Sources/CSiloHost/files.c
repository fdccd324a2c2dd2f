#ifdef __linux__
#define _GNU_SOURCE
#include "silo_host.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

int silo_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int silo_clone_file(int from, int to) { return ioctl(to, FICLONE, from); }

off_t silo_seek_data(int fd, off_t offset) { return lseek(fd, offset, SEEK_DATA); }
off_t silo_seek_hole(int fd, off_t offset) { return lseek(fd, offset, SEEK_HOLE); }

ssize_t silo_copy_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t count) {
    return copy_file_range(from, from_offset, to, to_offset, count, 0);
}

int silo_linkable_file(const char *directory) { return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }

int silo_link_file(int fd, const char *path) {
    char self[32];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int silo_rename_exclusively(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}
#endif
