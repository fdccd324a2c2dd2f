// Processes: wait statuses, parent-death signal, signals as descriptors.
#pragma once
#include <stdint.h>
#include <sys/types.h>

int silo_exited(int status);
int silo_exit_code(int status);
int silo_signaled(int status);
int silo_termination_signal(int status);

/// A descriptor that becomes readable when one of `signals` arrives; each read yields one byte, the signal's number.
/// Once per program. Installs handlers that write into a pipe.
int silo_signal_pipe(const int *signals, int count);
/// Ignores SIGPIPE for the whole program.
void silo_ignore_sigpipe(void);
/// Host processes: child of silo_spawn gets `signal` when the thread that spawned it ends (Linux; nothing elsewhere).
int silo_parent_death_signal(int signal);

/// What `silo_spawn` starts. Descriptor numbers are of the caller; -1 in stdio means /dev/null.
struct silo_spawn {
    const char *path;            // absolute; no PATH lookup
    char *const *argv;           // NULL-terminated
    char *const *envp;           // NULL-terminated
    const char *directory;       // NULL: the caller's
    int stdio[3];
    const int *pass_fds;         // kept open in the child under the same number
    int pass_count;
    int new_session;             // setsid
    int death_signal;            // 0: none
    int trap_opens;              // > 0: a socket that is sent the listener of the program's calls of openat(2) for
                                 // reading and writing, which wait for an answer (Linux)
};
/// fork and exec. The child has default signal dispositions, an empty mask and no descriptors but those named.
/// Returns its pid, or -1 with errno as the failing call set it, exec included.
pid_t silo_spawn(const struct silo_spawn *spawn);
