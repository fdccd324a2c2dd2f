// The two processes that wait for a tool. Runs between fork and exec: async-signal-safe calls and the stack only.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "waiting_process.h"
#include "silo_fd.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int read_byte(int fd) {
    char byte;
    ssize_t count;
    while ((count = read(fd, &byte, 1)) < 0 && errno == EINTR) {}
    return count == 1 ? 0 : -1;
}

// A descriptor of the caller's, opened again.
static int open_again(const struct order *order, int fd, int flags) {
    char path[64], digits[12];
    size_t length = strlen(order->descriptors), count = 0;
    memcpy(path, order->descriptors, length);
    do digits[count++] = (char)('0' + fd % 10);
    while ((fd /= 10) > 0);
    while (count > 0) path[length++] = digits[--count];
    path[length] = 0;
    return silo_open(path, flags | O_NOCTTY, 0);
}

static void reset_oom_score(void) {
    int fd = silo_open("/proc/self/oom_score_adj", O_WRONLY, 0);
    if (fd < 0) return;
    while (write(fd, "0", 1) < 0 && errno == EINTR) {}
    close(fd);
}

static int take_order(struct order *order, const int pipes[3], int null) {
    struct silo_tool *tool = &order->tool;
    if (tool->terminal >= 0 && (tool->terminal = open_again(order, tool->terminal, O_RDWR)) < 0) return -1;
    if (tool->cgroup_procs >= 0
        && (tool->cgroup_procs = open_again(order, tool->cgroup_procs, O_WRONLY)) < 0) return -1;
    for (int i = 0; i < 3; i++) {
        if (tool->stdio[i] == SILO_STDIO_NULL) {
            tool->stdio[i] = null;
        } else if (tool->stdio[i] == SILO_STDIO_PIPE) {
            tool->stdio[i] = pipes[i];
            if (tool->set_user && tool->uid != order->uid && fchown(pipes[i], tool->uid, tool->gid) < 0) return -1;
        } else if ((tool->stdio[i] = open_again(order, tool->stdio[i], O_RDWR)) < 0) {
            return -1;
        }
    }
    return 0;
}

// Keeps what the process needs; returns its /dev/null.
static int settle_in(const struct waiting *waiting, int report) {
    const int *pipes = waiting->pipes;
    const int keep[] = {pipes[0], pipes[1], pipes[2], waiting->orders, report};
    silo_tool_close_all_but(keep, sizeof keep / sizeof *keep);
    if (waiting->resets_score) reset_oom_score();
    return silo_open("/dev/null", O_RDWR, 0);
}

static _Noreturn void carry_out(const struct waiting *waiting, int null, int report) {
    if (take_order(waiting->order, waiting->pipes, null) < 0) {
        silo_tool_put(report, SILO_TOOL_FAILED, errno, SILO_STAGE_SETUP);
        _exit(127);
    }
    silo_tool_run_child(&waiting->order->tool, report);
}

static void run_at_once(const void *what, int report) { carry_out(what, settle_in(what, report), report); }

static void run_when_ordered(const void *what, int report) {
    const struct waiting *waiting = what;
    int null = settle_in(waiting, report);
    if (read_byte(waiting->orders) < 0) return;
    carry_out(waiting, null, report);
}

// The terminal becomes the session's; the descriptor stays open as long as this process.
static int adopt_terminal(const struct order *order) {
    int terminal = open_again(order, order->tool.terminal, O_RDWR);
    return terminal < 0 ? -1 : ioctl(terminal, TIOCSCTTY, 0);
}

_Noreturn void silo_waiting_supervise(const struct waiting *waiting) {
    const int *pipes = waiting->pipes;
    const int keep[] = {pipes[0], pipes[1], pipes[2], waiting->orders, waiting->terminals, waiting->events,
                        waiting->leash};
    silo_tool_close_all_but(keep, sizeof keep / sizeof *keep);
    silo_tool_supervisor_signals();
    int report = -1;
    pid_t pid = setsid() < 0 ? -1 : silo_tool_fork_process(run_when_ordered, waiting, &report);
    if (pid < 0) silo_tool_give_up(waiting->events, waiting->leash);
    // The first of: the tool runs or cannot, a terminal is to be taken, the caller let go.
    struct pollfd fds[2] = {{.fd = report, .events = POLLIN}, {.fd = waiting->terminals, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR) {}
    if (!fds[0].revents) {
        // A process that is there already does not get the session's new terminal.
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(report);
        if (read_byte(waiting->terminals) < 0) silo_tool_wait_for_release(waiting->leash);
        if (adopt_terminal(waiting->order) < 0
            || (pid = silo_tool_fork_process(run_at_once, waiting, &report)) < 0)
            silo_tool_give_up(waiting->events, waiting->leash);
    }
    for (int i = 0; i < 3; i++) close(pipes[i]);
    close(waiting->orders);
    close(waiting->terminals);
    silo_tool_supervise(pid, report, waiting->events, waiting->leash);
}
