#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "silo_process.h"
#include "silo_fd.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#endif

int silo_exited(int status) { return WIFEXITED(status); }
int silo_exit_code(int status) { return WEXITSTATUS(status); }
int silo_signaled(int status) { return WIFSIGNALED(status); }
int silo_termination_signal(int status) { return WTERMSIG(status); }

static int signal_pipe[2] = {-1, -1};

static void on_signal(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    // A full pipe already holds a wake-up.
    ssize_t written = write(signal_pipe[1], &byte, 1);
    (void)written;
    errno = saved;
}

int silo_signal_pipe(const int *signals, int count) {
    if (signal_pipe[0] < 0 && silo_pipe(signal_pipe, 1) < 0) return -1;
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);
    for (int i = 0; i < count; i++)
        if (sigaction(signals[i], &action, NULL) < 0) return -1;
    return signal_pipe[0];
}

void silo_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

int silo_parent_death_signal(int number) {
#ifdef __linux__
    return prctl(PR_SET_PDEATHSIG, number, 0, 0, 0);
#else
    (void)number;
    return 0;
#endif
}

// Everything below runs between fork and exec: async-signal-safe calls only.

static int kept(const struct silo_spawn *spawn, int fd) {
    for (int i = 0; i < spawn->pass_count; i++)
        if (spawn->pass_fds[i] == fd) return 1;
    return 0;
}

#ifdef __linux__
#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

// Has openat(…, O_RDWR) wait for the answer of whoever is sent the listener. It is no guard, but a help: calls of
// another architecture, or with more flags, go through.
static int trap_opens(int socket) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_RDWR, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof code / sizeof code[0], .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    if (listener < 0) return -1;
    char byte = 0;
    struct iovec piece = {.iov_base = &byte, .iov_len = 1};
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr alignment;
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof listener);
    memcpy(CMSG_DATA(header), &listener, sizeof listener);
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}
#endif

static void child(const struct silo_spawn *spawn, int report, pid_t parent) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    if (spawn->new_session) setsid();
    if (spawn->death_signal && silo_parent_death_signal(spawn->death_signal) < 0) goto failed;
    // The parent may have died before the request took effect.
    if (spawn->death_signal && getppid() != parent) _exit(127);
    if (spawn->directory && chdir(spawn->directory) < 0) goto failed;
    // First out of the way of 0…2, then into place.
    int moved[3];
    for (int i = 0; i < 3; i++) {
        int fd = spawn->stdio[i] >= 0 ? spawn->stdio[i] : open("/dev/null", O_RDWR);
        if (fd < 0 || (moved[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3)) < 0) goto failed;
    }
    for (int i = 0; i < 3; i++)
        if (dup2(moved[i], i) < 0) goto failed;
    // Each descriptor is close-on-exec by the program's own habit; this is for those of libraries.
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit < 0 || limit > 4096) limit = 4096;
    for (int fd = 3; fd < limit; fd++) fcntl(fd, F_SETFD, kept(spawn, fd) ? 0 : FD_CLOEXEC);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
#ifdef __linux__
    if (spawn->trap_opens > 0 && trap_opens(spawn->trap_opens) < 0) goto failed;
#endif
    execve(spawn->path, spawn->argv, spawn->envp);
failed:;
    int error = errno;
    ssize_t written = write(report, &error, sizeof error);
    (void)written;
    _exit(127);
}

pid_t silo_spawn(const struct silo_spawn *spawn) {
    int report[2];
    if (silo_pipe(report, 0) < 0) return -1;
    // No handler of ours may run in the child before its dispositions are reset.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) child(spawn, report[1], parent);
    int fork_error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    int error = 0;
    ssize_t count = 0;
    if (pid > 0) {
        while ((count = read(report[0], &error, sizeof error)) < 0 && errno == EINTR) {}
        if (count == sizeof error) waitpid(pid, NULL, 0);
    }
    close(report[0]);
    if (pid < 0 || count == sizeof error) {
        errno = pid < 0 ? fork_error : error;
        return -1;
    }
    return pid;
}
