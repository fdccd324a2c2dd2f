#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "silo_fd.h"
#include "silo_tool.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int failed(int master, int slave) {
    int saved = errno;
    if (slave >= 0) close(slave);
    if (master >= 0) close(master);
    errno = saved;
    return -1;
}

int silo_pty_open(int *master, int *slave, int cooked, uint16_t rows, uint16_t columns) {
    int m = posix_openpt(O_RDWR | O_NOCTTY), s = -1;
    if (m < 0) return -1;
    if (silo_set_cloexec(m, 1) < 0 || silo_set_nonblocking(m, 1) < 0) return failed(m, s);
    if (grantpt(m) < 0 || unlockpt(m) < 0) return failed(m, s);
#ifdef TIOCGPTPEER
    // Needs no path: right even where another devpts is mounted over /dev/pts.
    s = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
#endif
    if (s < 0) s = open(ptsname(m), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (s < 0) return failed(m, s);
    struct termios settings;
    if (tcgetattr(s, &settings) < 0) return failed(m, s);
    settings.c_iflag |= IMAXBEL;
#ifdef IUTF8
    settings.c_iflag |= IUTF8;
#endif
    if (cooked) {
        settings.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ECHOCTL | ECHOKE);
        settings.c_oflag &= ~(tcflag_t)OPOST;
    }
    if (tcsetattr(s, TCSANOW, &settings) < 0) return failed(m, s);
    if (silo_pty_resize(m, rows, columns) < 0) return failed(m, s);
    *master = m;
    *slave = s;
    return 0;
}

int silo_pty_resize(int master, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(master, TIOCSWINSZ, &size);
}

pid_t silo_pty_foreground(int master) {
    pid_t group = -1;
    return ioctl(master, TIOCGPGRP, &group) < 0 ? -1 : group;
}

unsigned char silo_pty_end_character(int master) {
    struct termios settings;
    return tcgetattr(master, &settings) < 0 ? 4 : settings.c_cc[VEOF];
}

int silo_pty_is_canonical(int master) {
    struct termios settings;
    return tcgetattr(master, &settings) == 0 && (settings.c_lflag & ICANON);
}

int silo_pty_unread(int slave) {
    int count = 0;
    // What was written to the master arrives by a kernel worker; poll waits for that one, FIONREAD does not.
    struct pollfd state = {.fd = slave, .events = POLLIN};
    poll(&state, 1, 0);
    return ioctl(slave, FIONREAD, &count) < 0 ? 0 : count;
}
