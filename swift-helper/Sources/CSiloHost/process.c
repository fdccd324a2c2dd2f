#ifdef __linux__
#define _GNU_SOURCE
#include "silo_host.h"
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

ssize_t silo_send_with_descriptor(int socket, const void *bytes, size_t count, int fd) {
    struct iovec piece = {.iov_base = (void *)bytes, .iov_len = count};
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr alignment;
    } control;
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (fd >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

void silo_give_way(void) {
    struct sched_param none = {0};
    setpriority(PRIO_PROCESS, 0, 10);
    sched_setscheduler(0, SCHED_BATCH, &none);
}
#endif
