// Runs between fork and exec, and in a supervisor that was never exec'ed: async-signal-safe calls and the stack only.
//
//   agent ── supervisor (session leader, own group) ── tool (own group, the terminal's foreground group)
//
// The supervisor is what a login shell is elsewhere: a member of the tool's session outside of the tool's group. With
// it the group is not orphaned, and so a SIGTSTP from the terminal stops the tool instead of being discarded.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tool_process.h"
#include "silo_fd.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

void silo_tool_put(int fd, int type, int value, int stage) {
    struct silo_tool_event event = {.type = type, .value = value, .stage = stage};
    while (write(fd, &event, sizeof event) < 0 && errno == EINTR) {}
}

static void close_on_exec_from(int first) {
#if defined(__linux__) && defined(SYS_close_range)
    if (syscall(SYS_close_range, (unsigned)first, UINT_MAX, 4u /* CLOSE_RANGE_CLOEXEC */) == 0) return;
#endif
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit < 0 || limit > 65536) limit = 65536;
    for (int fd = first; fd < limit; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void silo_tool_close_all_but(const int *keep, int count) {
    for (unsigned next = 3;;) {
        int nearest = -1;
        for (int i = 0; i < count; i++)
            if (keep[i] >= (int)next && (nearest < 0 || keep[i] < nearest)) nearest = keep[i];
        unsigned last = nearest < 0 ? UINT_MAX : (unsigned)nearest - 1;
#if defined(__linux__) && defined(SYS_close_range)
        if (last >= next && syscall(SYS_close_range, next, last, 0u) == 0) goto closed;
#endif
        for (unsigned fd = next; fd <= last && fd < 65536; fd++) close((int)fd);
#if defined(__linux__) && defined(SYS_close_range)
    closed:
#endif
        if (nearest < 0) return;
        next = (unsigned)nearest + 1;
    }
}

static void default_signals(void) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
#ifdef SIGRTMAX
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++) signal(number, SIG_DFL);
#endif
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t silo_tool_fork_process(void (*run)(const void *what, int report), const void *what, int *report) {
    int ends[2];
    if (silo_pipe(ends, 0) < 0) return -1;
    pid_t pid = fork();
    if (pid == 0) {
        default_signals();
        // The parent does the same; whoever comes first.
        setpgid(0, 0);
        umask(022);
        run(what, ends[1]);
        _exit(127);
    }
    int error = errno;
    close(ends[1]);
    if (pid > 0) setpgid(pid, pid);
    *report = ends[0];
    errno = error;
    return pid;
}

static int become_tool(const struct silo_tool *tool) {
    if (tool->terminal >= 0) {
        // A background process that asks for the terminal would be stopped.
        signal(SIGTTOU, SIG_IGN);
        int result = tcsetpgrp(tool->terminal, getpid());
        signal(SIGTTOU, SIG_DFL);
        if (result < 0) return -1;
    }
    int moved[3];
    for (int i = 0; i < 3; i++)
        if ((moved[i] = fcntl(tool->stdio[i], F_DUPFD, 3)) < 0) return -1;
    for (int i = 0; i < 3; i++)
        if (dup2(moved[i], i) < 0) return -1;
    close_on_exec_from(3);
    if (tool->cgroup_procs >= 0 && write(tool->cgroup_procs, "0", 1) < 0) return -1;
    if (tool->reset_oom_score) {
        int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, "0", 1) < 0) return -1;
    }
    struct rlimit files = {.rlim_cur = tool->open_files[0], .rlim_max = tool->open_files[1]};
    if (tool->open_files[1] && setrlimit(RLIMIT_NOFILE, &files) < 0) return -1;
    if (!tool->set_user) return 0;
    if (setgroups(tool->group_count, tool->groups) < 0) return -1;
    if (setgid(tool->gid) < 0 || setuid(tool->uid) < 0) return -1;
    return 0;
}

_Noreturn void silo_tool_run_child(const struct silo_tool *tool, int report) {
    int stage = SILO_STAGE_SETUP;
    if (become_tool(tool) == 0) {
        stage = SILO_STAGE_CHDIR;
        if (chdir(tool->directory) == 0) {
            stage = SILO_STAGE_EXEC;
            silo_tool_execute(tool);
        }
    }
    silo_tool_put(report, SILO_TOOL_FAILED, errno, stage);
    _exit(127);
}

static volatile pid_t supervised;

// The terminal hung up: the kernel tells the session's leader, which tells the job, as a shell does.
static void on_hangup(int number) {
    if (supervised <= 0) return;
    kill(-supervised, number);
    kill(-supervised, SIGCONT);
}

void silo_tool_supervisor_signals(void) {
    default_signals();
    static const int ignored[] = {SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
    struct sigaction action = {0};
    action.sa_handler = on_hangup;
    sigaction(SIGHUP, &action, NULL);
}

_Noreturn void silo_tool_wait_for_release(int leash) {
    char byte;
    while (read(leash, &byte, 1) < 0 && errno == EINTR) {}
    _exit(0);
}

static _Noreturn void watch(pid_t tool, int events, int leash) {
    for (;;) {
        int status;
        pid_t pid = waitpid(tool, &status, WUNTRACED | WCONTINUED);
        if (pid < 0 && errno == EINTR) continue;
        if (pid < 0) _exit(1);
        if (WIFSTOPPED(status)) silo_tool_put(events, SILO_TOOL_STOPPED, WSTOPSIG(status), 0);
        else if (WIFCONTINUED(status)) silo_tool_put(events, SILO_TOOL_CONTINUED, 0, 0);
        else {
            supervised = 0;
            if (WIFEXITED(status)) silo_tool_put(events, SILO_TOOL_EXITED, WEXITSTATUS(status), 0);
            else silo_tool_put(events, SILO_TOOL_SIGNALED, WTERMSIG(status), 0);
            silo_tool_wait_for_release(leash);
        }
    }
}

_Noreturn void silo_tool_supervise(pid_t pid, int report, int events, int leash) {
    supervised = pid;
    struct silo_tool_event event;
    ssize_t count;
    while ((count = read(report, &event, sizeof event)) < 0 && errno == EINTR) {}
    close(report);
    if (count == sizeof event) {
        waitpid(pid, NULL, 0);
        silo_tool_put(events, event.type, event.value, event.stage);
        silo_tool_wait_for_release(leash);
    }
    silo_tool_put(events, SILO_TOOL_STARTED, pid, 0);
    watch(pid, events, leash);
}

_Noreturn void silo_tool_give_up(int events, int leash) {
    silo_tool_put(events, SILO_TOOL_FAILED, errno, SILO_STAGE_SETUP);
    silo_tool_wait_for_release(leash);
}

static void run_tool(const void *tool, int report) { silo_tool_run_child(tool, report); }

static _Noreturn void supervisor(const struct silo_tool *tool, int events, int leash) {
    const int keep[] = {events, leash, tool->terminal, tool->cgroup_procs, tool->stdio[0], tool->stdio[1],
                        tool->stdio[2]};
    silo_tool_close_all_but(keep, sizeof keep / sizeof *keep);
    silo_tool_supervisor_signals();
    int report;
    pid_t pid = -1;
    if (setsid() >= 0 && (tool->terminal < 0 || ioctl(tool->terminal, TIOCSCTTY, 0) >= 0))
        pid = silo_tool_fork_process(run_tool, tool, &report);
    if (pid < 0) silo_tool_give_up(events, leash);
    // The tool's ends of pipes belong to the tool alone: who reads its output must see it end.
    for (int i = 0; i < 3; i++)
        if (tool->stdio[i] != tool->terminal && tool->stdio[i] > 2) close(tool->stdio[i]);
    if (tool->cgroup_procs >= 0) close(tool->cgroup_procs);
    silo_tool_supervise(pid, report, events, leash);
}

int silo_tool_open_handle(struct silo_tool_handle *handle, int *events, int *leash) {
    int of_events[2], of_leash[2];
    if (silo_pipe(of_events, 0) < 0) return -1;
    if (silo_pipe(of_leash, 0) < 0) {
        int error = errno;
        close(of_events[0]);
        close(of_events[1]);
        errno = error;
        return -1;
    }
    silo_set_nonblocking(of_events[0], 1);
    *handle = (struct silo_tool_handle){.supervisor = -1, .events = of_events[0], .leash = of_leash[1]};
    *events = of_events[1];
    *leash = of_leash[0];
    return 0;
}

pid_t silo_tool_fork(void) {
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    int error = errno;
    if (pid != 0) sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

int silo_tool_start(const struct silo_tool *tool, struct silo_tool_handle *handle) {
    int events, leash;
    if (silo_tool_open_handle(handle, &events, &leash) < 0) return -1;
    pid_t pid = silo_tool_fork();
    if (pid == 0) supervisor(tool, events, leash);
    int error = errno;
    close(events);
    close(leash);
    if (pid < 0) {
        close(handle->events);
        close(handle->leash);
        errno = error;
        return -1;
    }
    handle->supervisor = pid;
    return 0;
}
