// Runs between fork and exec, and in a supervisor that was never exec'ed: async-signal-safe calls and the stack only.
//
//   agent ── supervisor (session leader, own group) ── tool (own group, the terminal's foreground group)
//
// The supervisor is what a login shell is elsewhere: a member of the tool's session outside of the tool's group. With
// it the group is not orphaned, and so a SIGTSTP from the terminal stops the tool instead of being discarded.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "silo_tool.h"
#include "silo_fd.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static void put(int fd, int type, int value, int stage) {
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

// Closes all descriptors from 3 on but those in `keep`. The agent's own, of other tools among them, must not live on in
// a supervisor: a pipe whose reader it held would never break.
static void close_all_but(const int *keep, int count) {
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

// Whether a file that the kernel does not execute is text: bash takes it for a program of another machine if there is a
// NUL in its first line, and so does this.
static int is_text(const char *path) {
    char start[80];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t count = read(fd, start, sizeof start);
    close(fd);
    for (ssize_t i = 0; i < count && start[i] != '\n'; i++)
        if (start[i] == 0) return 0;
    return count >= 0;
}

// A script without "#!" is for the shell, as every shell has it.
static void run(const char *path, const struct silo_tool *tool) {
    execve(path, tool->argv, tool->envp);
    if (errno != ENOEXEC) return;
    if (!is_text(path)) {
        errno = ENOEXEC;
        return;
    }
    size_t count = 0;
    while (tool->argv[count]) count++;
    const char *shell[count + 2];
    shell[0] = "/bin/sh";
    shell[1] = path;
    for (size_t i = 1; i <= count; i++) shell[i + 1] = tool->argv[i];
    execve("/bin/sh", (char *const *)shell, tool->envp);
    errno = ENOEXEC;
}

static const char *search_path(char *const *envp) {
    for (; *envp; envp++)
        if (strncmp(*envp, "PATH=", 5) == 0) return *envp + 5;
    return default_path;
}

// execvp(3) with the PATH of the new environment. Returns with errno: EACCES if anything by that name may not be run,
// else ENOENT.
static void search_and_run(const struct silo_tool *tool) {
    const char *name = tool->argv[0];
    if (!*name) {
        errno = ENOENT;
        return;
    }
    if (strchr(name, '/')) {
        run(name, tool);
        return;
    }
    size_t name_length = strlen(name);
    int refused = 0;
    for (const char *entry = search_path(tool->envp);;) {
        size_t length = strcspn(entry, ":");
        const char *end = entry + length;
        char path[PATH_MAX];
        if (length + name_length + 2 <= sizeof path) {
            // An empty entry is the working directory.
            memcpy(path, entry, length);
            if (length) path[length++] = '/';
            memcpy(path + length, name, name_length + 1);
            run(path, tool);
            switch (errno) {
            case EACCES: {
                // A directory of that name does not count, as in shells.
                struct stat status;
                if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode)) refused = 1;
                break;
            }
            case ENOENT: case ENOTDIR: case ENAMETOOLONG: case ELOOP: case ESTALE: case ENODEV: case ETIMEDOUT:
                break;
            default:
                return;
            }
        }
        if (!*end) break;
        entry = end + 1;
    }
    errno = refused ? EACCES : ENOENT;
}

static int become_tool(const struct silo_tool *tool) {
    // The parent does the same; whoever comes first.
    setpgid(0, 0);
    if (tool->terminal >= 0) {
        // A background process that asks for the terminal would be stopped.
        signal(SIGTTOU, SIG_IGN);
        if (tcsetpgrp(tool->terminal, getpid()) < 0) return -1;
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
    umask(022);
    if (!tool->set_user) return 0;
    if (setgroups(tool->group_count, tool->groups) < 0) return -1;
    if (setgid(tool->gid) < 0 || setuid(tool->uid) < 0) return -1;
    return 0;
}

static void tool_child(const struct silo_tool *tool, int report) {
    int stage = SILO_STAGE_SETUP;
    if (become_tool(tool) == 0) {
        stage = SILO_STAGE_CHDIR;
        if (chdir(tool->directory) == 0) {
            stage = SILO_STAGE_EXEC;
            default_signals();
            search_and_run(tool);
        }
    }
    put(report, SILO_TOOL_FAILED, errno, stage);
    _exit(127);
}

static volatile pid_t supervised;

// The terminal hung up: the kernel tells the session's leader, which tells the job, as a shell does.
static void on_hangup(int number) {
    if (supervised <= 0) return;
    kill(-supervised, number);
    kill(-supervised, SIGCONT);
}

static void supervisor_signals(void) {
    default_signals();
    static const int ignored[] = {SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
    struct sigaction action = {0};
    action.sa_handler = on_hangup;
    sigaction(SIGHUP, &action, NULL);
}

// Waits until the agent has read all output and lets go: the supervisor keeps the terminal open, so that nothing that
// was printed is lost to its hang-up.
static _Noreturn void wait_for_release(int leash) {
    char byte;
    while (read(leash, &byte, 1) < 0 && errno == EINTR) {}
    _exit(0);
}

static _Noreturn void supervise(pid_t tool, int events, int leash) {
    for (;;) {
        int status;
        pid_t pid = waitpid(tool, &status, WUNTRACED | WCONTINUED);
        if (pid < 0 && errno == EINTR) continue;
        if (pid < 0) _exit(1);
        if (WIFSTOPPED(status)) put(events, SILO_TOOL_STOPPED, WSTOPSIG(status), 0);
        else if (WIFCONTINUED(status)) put(events, SILO_TOOL_CONTINUED, 0, 0);
        else {
            supervised = 0;
            if (WIFEXITED(status)) put(events, SILO_TOOL_EXITED, WEXITSTATUS(status), 0);
            else put(events, SILO_TOOL_SIGNALED, WTERMSIG(status), 0);
            wait_for_release(leash);
        }
    }
}

static _Noreturn void supervisor(const struct silo_tool *tool, int events, int leash) {
    const int keep[] = {events, leash, tool->terminal, tool->cgroup_procs, tool->stdio[0], tool->stdio[1],
                        tool->stdio[2]};
    close_all_but(keep, sizeof keep / sizeof *keep);
    supervisor_signals();
    int report[2];
    if (setsid() < 0 || silo_pipe(report, 0) < 0
        || (tool->terminal >= 0 && ioctl(tool->terminal, TIOCSCTTY, 0) < 0)) {
        put(events, SILO_TOOL_FAILED, errno, SILO_STAGE_SETUP);
        wait_for_release(leash);
    }
    pid_t pid = fork();
    if (pid == 0) tool_child(tool, report[1]);
    if (pid < 0) {
        put(events, SILO_TOOL_FAILED, errno, SILO_STAGE_SETUP);
        wait_for_release(leash);
    }
    setpgid(pid, pid);
    supervised = pid;
    close(report[1]);
    // The tool's ends of pipes belong to the tool alone: who reads its output must see it end.
    for (int i = 0; i < 3; i++)
        if (tool->stdio[i] != tool->terminal && tool->stdio[i] > 2) close(tool->stdio[i]);
    if (tool->cgroup_procs >= 0) close(tool->cgroup_procs);
    struct silo_tool_event event;
    ssize_t count;
    while ((count = read(report[0], &event, sizeof event)) < 0 && errno == EINTR) {}
    close(report[0]);
    if (count == sizeof event) {
        waitpid(pid, NULL, 0);
        put(events, event.type, event.value, event.stage);
        wait_for_release(leash);
    }
    put(events, SILO_TOOL_STARTED, pid, 0);
    supervise(pid, events, leash);
}

int silo_tool_start(const struct silo_tool *tool, struct silo_tool_handle *handle) {
    int events[2], leash[2];
    if (silo_pipe(events, 0) < 0) return -1;
    if (silo_pipe(leash, 0) < 0) {
        int saved = errno;
        close(events[0]);
        close(events[1]);
        errno = saved;
        return -1;
    }
    // No handler of the agent may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) supervisor(tool, events[1], leash[0]);
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(events[1]);
    close(leash[0]);
    if (pid < 0) {
        close(events[0]);
        close(leash[1]);
        errno = error;
        return -1;
    }
    silo_set_nonblocking(events[0], 1);
    handle->supervisor = pid;
    handle->events = events[0];
    handle->leash = leash[1];
    return 0;
}
