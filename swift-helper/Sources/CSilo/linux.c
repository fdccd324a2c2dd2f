#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "silo_linux.h"
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

int silo_kernel_release(char *text, size_t size) {
    struct utsname name;
    if (uname(&name) < 0) return -1;
    strncpy(text, name.release, size - 1);
    text[size - 1] = 0;
    return 0;
}

#ifdef __linux__
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/random.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

// The language's runtime looks into /proc before main: as init, nobody else has mounted it yet.
__attribute__((constructor(101))) static void mount_proc_as_init(void) {
    if (getpid() != 1) return;
    mkdir("/proc", 0555);
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

int silo_mount(const char *source, const char *target, const char *type, int flags, const char *options) {
    static const unsigned long values[] = {MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME, MS_BIND,
                                           MS_REMOUNT, MS_MOVE};
    unsigned long native = 0;
    for (int i = 0; i < 8; i++)
        if (flags & 1 << i) native |= values[i];
    return mount(source, target, type, native, options);
}

int silo_unmount_lazily(const char *target) { return umount2(target, MNT_DETACH); }

int silo_load_module(int fd) { return (int)syscall(SYS_finit_module, fd, "", 0); }

int silo_set_hostname(const char *name, size_t length) { return sethostname(name, length); }

int silo_set_clock(uint64_t nanoseconds) {
    struct timespec time = {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)};
    return clock_settime(CLOCK_REALTIME, &time);
}

int silo_add_entropy(const void *bytes, size_t count) {
    // struct rand_pool_info: entropy in bits, size in bytes, the bytes.
    struct {
        int entropy_count;
        int buf_size;
        unsigned char buf[512];
    } pool = {.entropy_count = (int)count * 8, .buf_size = (int)count};
    if (count > sizeof pool.buf) {
        errno = EINVAL;
        return -1;
    }
    memcpy(pool.buf, bytes, count);
    int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
    if (fd < 0) return -1;
    int result = ioctl(fd, RNDADDENTROPY, &pool);
    if (result == 0) result = ioctl(fd, RNDRESEEDCRNG);
    int saved = errno;
    close(fd);
    errno = saved;
    return result;
}

int silo_loopback_up(void) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct ifreq request = {.ifr_name = "lo"};
    int result = ioctl(fd, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    if (result == 0) result = ioctl(fd, SIOCSIFFLAGS, &request);
    int saved = errno;
    close(fd);
    errno = saved;
    return result;
}

int silo_vsock_connect(uint32_t cid, uint32_t port) {
    int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct sockaddr_vm address = {.svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port};
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int silo_sync_mount(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    int result = syncfs(fd), saved = errno;
    close(fd);
    errno = saved;
    return result;
}

int silo_grow_ext4(const char *path, const char *device) {
    uint64_t bytes = 0;
    struct statfs status;
    int disk = open(device, O_RDONLY | O_CLOEXEC);
    if (disk < 0) return -1;
    int result = ioctl(disk, BLKGETSIZE64, &bytes), saved = errno;
    close(disk);
    errno = saved;
    if (result < 0 || statfs(path, &status) < 0) return -1;
    int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) return -1;
    // EXT4_IOC_RESIZE_FS: the new number of blocks. The kernel's headers for programs do not have it.
    uint64_t blocks = bytes / (uint64_t)status.f_bsize;
    result = ioctl(root, _IOW('f', 16, uint64_t), &blocks), saved = errno;
    close(root);
    errno = saved;
    return result;
}

int silo_power_off(void) { return reboot(RB_POWER_OFF); }

int silo_restart(void) { return reboot(RB_AUTOBOOT); }

#else

static int nowhere_else(void) {
    errno = ENOSYS;
    return -1;
}

int silo_mount(const char *source, const char *target, const char *type, int flags, const char *options) {
    (void)source, (void)target, (void)type, (void)flags, (void)options;
    return nowhere_else();
}
int silo_unmount_lazily(const char *target) { return (void)target, nowhere_else(); }
int silo_load_module(int fd) { return (void)fd, nowhere_else(); }
int silo_set_hostname(const char *name, size_t length) { return (void)name, (void)length, nowhere_else(); }
int silo_set_clock(uint64_t nanoseconds) { return (void)nanoseconds, nowhere_else(); }
int silo_add_entropy(const void *bytes, size_t count) { return (void)bytes, (void)count, nowhere_else(); }
int silo_loopback_up(void) { return nowhere_else(); }
int silo_vsock_connect(uint32_t cid, uint32_t port) { return (void)cid, (void)port, nowhere_else(); }
int silo_sync_mount(const char *path) { return (void)path, nowhere_else(); }
int silo_grow_ext4(const char *path, const char *device) { return (void)path, (void)device, nowhere_else(); }
int silo_power_off(void) { return nowhere_else(); }
int silo_restart(void) { return nowhere_else(); }

#endif
