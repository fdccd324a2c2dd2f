// A program that runs to its end without leaving anything in the root file system (Linux only).
#pragma once
#include <stdint.h>
#include <sys/types.h>

struct silo_warm_up {
    char *const *argv;         // NULL-terminated; argv[0] is looked up in the PATH of envp
    char *const *envp;         // NULL-terminated
    const char *home;          // empty for it, and its own
    uid_t uid;
    gid_t gid;
    uint32_t limit_seconds;
};

/// Starts it with /dev/null as its stdio, in mount and process namespaces that end with it: all that is mounted is
/// read-only for it but its home and the directories for temporary files, which are empty. Returns the pid of its keeper, whose exit code is the program's (255: it could not be started, or a signal ended it); -1 with errno.
pid_t silo_warm_up_start(const struct silo_warm_up *program);
