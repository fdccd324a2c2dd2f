#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "silo_warm_up.h"
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#ifdef __linux__
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const char *const writable[] = {"/tmp", "/var/tmp", "/dev/shm", "/run/lock"};

// Runs as the first process of its own process namespace.
static void program(const struct silo_warm_up *what) {
    // The keeper is killed when the time is over, and takes everything here with it.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) _exit(255);
    // What was found out about paths stays with the root's file system, which is why it is not another one; but nothing
    // may be left of the program's own.
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    if (syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &read_only, sizeof read_only) < 0) _exit(255);
    char owner[64];
    snprintf(owner, sizeof owner, "mode=700,uid=%u,gid=%u", (unsigned)what->uid, (unsigned)what->gid);
    mount("warm", what->home, "tmpfs", MS_NOSUID | MS_NODEV, owner);
    for (size_t i = 0; i < sizeof writable / sizeof *writable; i++)
        mount("warm", writable[i], "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 || chdir("/") < 0) _exit(255);
    int null = open("/dev/null", O_RDWR);
    if (null < 0) _exit(255);
    for (int i = 0; i < 3; i++) dup2(null, i);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) _exit(255);
    if (setgroups(0, NULL) < 0 || setgid(what->gid) < 0 || setuid(what->uid) < 0) _exit(255);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    environ = (char **)what->envp;
    execvp(what->argv[0], what->argv);
    _exit(255);
}

pid_t silo_warm_up_start(const struct silo_warm_up *what) {
    pid_t keeper = fork();
    if (keeper != 0) return keeper;
    for (int fd = 3; fd < 256; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
    signal(SIGALRM, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    alarm(what->limit_seconds);
    if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0) _exit(255);
    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    pid_t pid = fork();
    if (pid < 0) _exit(255);
    if (pid == 0) program(what);
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 255);
}
#else
pid_t silo_warm_up_start(const struct silo_warm_up *what) {
    (void)what;
    errno = ENOSYS;
    return -1;
}
#endif
