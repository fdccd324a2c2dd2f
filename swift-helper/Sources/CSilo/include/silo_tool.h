// Starting a tool under a session supervisor: what lies between fork and exec, and the process that watches over it.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What `silo_tool_start` starts.
struct silo_tool {
    char *const *argv;         // NULL-terminated; argv[0] is looked up in the PATH of envp, as execvp does
    char *const *envp;         // NULL-terminated
    const char *directory;     // entered as the tool's user
    int stdio[3];              // become 0, 1 and 2
    int terminal;              // a pty's slave, the controlling terminal; -1: none
    int set_user;              // 0: the caller's user and groups stay
    uid_t uid;
    gid_t gid;
    const gid_t *groups;
    size_t group_count;
    uint64_t open_files[2];    // RLIMIT_NOFILE soft and hard; 0: the caller's
    int cgroup_procs;          // descriptor of a cgroup.procs to join; -1: none
    int reset_oom_score;       // not 0: the tool gets 0, the supervisor keeps the caller's
};

enum {
    SILO_TOOL_STARTED = 1,     // value: pid
    SILO_TOOL_FAILED = 2,      // value: errno, stage: SILO_STAGE_…
    SILO_TOOL_STOPPED = 3,     // value: signal
    SILO_TOOL_CONTINUED = 4,
    SILO_TOOL_EXITED = 5,      // value: exit code
    SILO_TOOL_SIGNALED = 6,    // value: signal
};

enum { SILO_STAGE_SETUP = 0, SILO_STAGE_CHDIR = 1, SILO_STAGE_EXEC = 2 };

/// What the supervisor writes to the event pipe, whole.
struct silo_tool_event {
    int32_t type;
    int32_t value;
    int32_t stage;
};

/// A running supervisor.
struct silo_tool_handle {
    pid_t supervisor;
    int events;                // non-blocking: read struct silo_tool_event
    int leash;                 // closing it after EXITED, SIGNALED or FAILED lets the supervisor go
};

/// Forks the supervisor, which forks the tool. 0, or -1 with errno if not even that was possible; what goes wrong
/// later comes as SILO_TOOL_FAILED.
int silo_tool_start(const struct silo_tool *tool, struct silo_tool_handle *handle);

/// What a waiting process has itself, in `stdio`: its end of a pipe, and /dev/null.
enum { SILO_STDIO_PIPE = -1, SILO_STDIO_NULL = -2 };

/// A supervisor and the process that becomes its tool, forked before it is known which: once the tool is, nothing is
/// left to be done but what differs between tools, and exec.
struct silo_waiting_tool {
    struct silo_tool_handle handle;
    int stdio[3];              // the caller's ends of the tool's pipes, not blocking: write, read, read
    int order;                 // to the process: one byte when `memory` holds the tool
    int terminal;              // to the supervisor: the same, where a terminal has to become the session's first
    void *memory;              // shared by the three
};

/// Whose a tool most likely is.
struct silo_tool_user {
    uid_t uid;
    gid_t gid;
};

/// Forks both. `pipe_bytes`: what the pipes should hold; `user`: whose they are, NULL: the caller's. `reset_oom_score` as
/// above. 0, or -1 with errno.
int silo_waiting_tool_fork(
    struct silo_waiting_tool *waiting, int pipe_bytes, const struct silo_tool_user *user, int reset_oom_score);
/// Makes the process `tool`; from here on its handle is as after `silo_tool_start`. Other descriptors
/// than SILO_STDIO_… in `tool->stdio` (a pipe of which becomes the tool's user's), `terminal` and `cgroup_procs` stay open in the caller until SILO_TOOL_STARTED or SILO_TOOL_FAILED. -1 with errno: E2BIG where arguments and environment
/// are too large for the shared memory. The caller's ends of pipes that the tool does not use are the caller's to close.
int silo_waiting_tool_start(struct silo_waiting_tool *waiting, const struct silo_tool *tool);
/// Lets go of both unless they were started, and of what is only theirs: not of the handle and the pipes.
void silo_waiting_tool_release(struct silo_waiting_tool *waiting);

/// A new pty: `master` non-blocking, both close-on-exec. `cooked`: no echo, no output processing. -1 with errno.
int silo_pty_open(int *master, int *slave, int cooked, uint16_t rows, uint16_t columns);
int silo_pty_resize(int master, uint16_t rows, uint16_t columns);
/// The terminal's foreground process group, or -1.
pid_t silo_pty_foreground(int master);
/// The terminal's end-of-file character.
unsigned char silo_pty_end_character(int master);
/// Whether the terminal hands out lines, and not single characters.
int silo_pty_is_canonical(int master);
/// Bytes of input that a reader could have and that nobody has read.
int silo_pty_unread(int slave);
