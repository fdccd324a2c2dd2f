// A tool's two processes that are forked ahead, for a machine that is about to become a snapshot: what that costs an
// emulated machine is not part of each start then.
//
//   caller ──(order)── tool, which reads one byte and then what the shared memory says
//          ──(terminal)── supervisor, which makes the terminal the session's and forks the tool anew
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "waiting_process.h"
#include "silo_fd.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// More than the wire brings. The pages that nobody writes to are never there.
static const size_t memory_bytes = 16 << 20;

static int write_byte(int fd) {
    ssize_t count;
    while ((count = write(fd, "", 1)) < 0 && errno == EINTR) {}
    return count == 1 ? 0 : -1;
}

static void close_all(const int *fds, int count) {
    int error = errno;
    for (int i = 0; i < count; i++)
        if (fds[i] >= 0) close(fds[i]);
    errno = error;
}

int silo_waiting_tool_fork(
    struct silo_waiting_tool *waiting, int pipe_bytes, const struct silo_tool_user *user, int resets_score) {
    // events, leash, order, terminal and three pipes: the caller's end, then theirs.
    enum { EVENTS, LEASH, ORDER, TERMINAL, STDIO, COUNT = STDIO + 3 };
    int ends[2 * COUNT];
    memset(ends, -1, sizeof ends);
    void *memory = mmap(NULL, memory_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return -1;
    *waiting = (struct silo_waiting_tool){.memory = memory};
    int result = silo_tool_open_handle(&waiting->handle, &ends[2 * EVENTS + 1], &ends[2 * LEASH + 1]);
    ends[2 * EVENTS] = waiting->handle.events;
    ends[2 * LEASH] = waiting->handle.leash;
    for (int i = ORDER; result == 0 && i < COUNT; i++) {
        int pipe[2];
        if ((result = silo_pipe(pipe, 0)) < 0) break;
        // The caller writes to all but the tool's two outputs.
        int reads = i > STDIO;
        ends[2 * i] = pipe[reads ? 0 : 1];
        ends[2 * i + 1] = pipe[reads ? 1 : 0];
        if (i < STDIO) continue;
        silo_set_nonblocking(ends[2 * i], 1);
        silo_pipe_capacity(ends[2 * i], pipe_bytes);
        if (user) result = fchown(ends[2 * i], user->uid, user->gid);
    }
    struct order *order = memory;
    order->uid = user ? user->uid : geteuid();
    snprintf(order->descriptors, sizeof order->descriptors, "/proc/%d/fd/", (int)getpid());
    pid_t pid = -1;
    if (result == 0 && (pid = silo_tool_fork()) == 0) {
        const struct waiting theirs = {
            .order = order, .pipes = {ends[2 * STDIO + 1], ends[2 * STDIO + 3], ends[2 * STDIO + 5]},
            .orders = ends[2 * ORDER + 1], .terminals = ends[2 * TERMINAL + 1], .events = ends[2 * EVENTS + 1],
            .leash = ends[2 * LEASH + 1], .resets_score = resets_score};
        silo_waiting_supervise(&theirs);
    }
    if (pid < 0) {
        close_all(ends, 2 * COUNT);
        munmap(memory, memory_bytes);
        return -1;
    }
    for (int i = 0; i < COUNT; i++) close(ends[2 * i + 1]);
    waiting->handle.supervisor = pid;
    for (int i = 0; i < 3; i++) waiting->stdio[i] = ends[2 * (STDIO + i)];
    waiting->order = ends[2 * ORDER];
    waiting->terminal = ends[2 * TERMINAL];
    return 0;
}

// Where the next thing goes in the shared memory; NULL when it is full.
struct space {
    char *next, *end;
};

static void *put_bytes(struct space *space, const void *bytes, size_t count) {
    char *start = space->next + (-(uintptr_t)space->next & (_Alignof(max_align_t) - 1));
    if (start > space->end || count > (size_t)(space->end - start)) return NULL;
    memcpy(start, bytes, count);
    space->next = start + count;
    return start;
}

static char *put_string(struct space *space, const char *string) {
    size_t count = strlen(string) + 1;
    if (count > (size_t)(space->end - space->next)) return NULL;
    char *start = memcpy(space->next, string, count);
    space->next += count;
    return start;
}

static char **put_strings(struct space *space, char *const *strings) {
    size_t count = 0;
    while (strings[count]) count++;
    char **copy = put_bytes(space, strings, (count + 1) * sizeof *copy);
    for (size_t i = 0; copy && i < count; i++)
        if (!(copy[i] = put_string(space, strings[i]))) return NULL;
    return copy;
}

int silo_waiting_tool_start(struct silo_waiting_tool *waiting, const struct silo_tool *tool) {
    struct order *order = waiting->memory;
    struct space space = {order->rest, (char *)waiting->memory + memory_bytes};
    order->tool = *tool;
    order->tool.argv = put_strings(&space, tool->argv);
    order->tool.envp = put_strings(&space, tool->envp);
    order->tool.directory = put_string(&space, tool->directory);
    order->tool.groups = put_bytes(&space, tool->groups, tool->group_count * sizeof *tool->groups);
    if (!order->tool.argv || !order->tool.envp || !order->tool.directory || !order->tool.groups) {
        errno = E2BIG;
        return -1;
    }
    return write_byte(tool->terminal >= 0 ? waiting->terminal : waiting->order);
}

void silo_waiting_tool_release(struct silo_waiting_tool *waiting) {
    close_all((int[]){waiting->order, waiting->terminal}, 2);
    waiting->order = waiting->terminal = -1;
    if (waiting->memory) munmap(waiting->memory, memory_bytes);
    waiting->memory = NULL;
}
