// Finding and executing a tool's program, as execvp(3) does it with the PATH of the new environment. Runs between fork and
// exec: async-signal-safe calls and the stack only.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tool_process.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

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

void silo_tool_execute(const struct silo_tool *tool) {
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
            // An execve(2) in vain would take an emulated machine some 4 ms.
            struct stat status;
            int is_there = stat(path, &status) == 0;
            if (is_there || errno == EACCES) run(path, tool);
            switch (errno) {
            case EACCES:
                // A directory of that name does not count, as in shells.
                if (is_there && !S_ISDIR(status.st_mode)) refused = 1;
                break;
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
