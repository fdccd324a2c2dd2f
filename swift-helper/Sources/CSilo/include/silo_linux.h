// Calls of a Linux init. -1 with errno on failure; on other systems always -1 with ENOSYS.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Flags of `silo_mount`.
enum {
    SILO_MOUNT_READ_ONLY = 1,
    SILO_MOUNT_NO_SUID = 2,
    SILO_MOUNT_NO_DEV = 4,
    SILO_MOUNT_NO_EXEC = 8,
    SILO_MOUNT_NO_ATIME = 16,
    SILO_MOUNT_BIND = 32,
    SILO_MOUNT_REMOUNT = 64,
    SILO_MOUNT_MOVE = 128,
};

int silo_mount(const char *source, const char *target, const char *type, int flags, const char *options);
/// Takes a mount out of the tree; what is open in it stays usable.
int silo_unmount_lazily(const char *target);
int silo_load_module(int fd);
int silo_set_hostname(const char *name, size_t length);
int silo_set_clock(uint64_t nanoseconds);
/// Adds bytes to the kernel's pool, credits 8 bits for each, and reseeds the generator.
int silo_add_entropy(const void *bytes, size_t count);
int silo_loopback_up(void);
/// A connection to a vsock port, blocking, close-on-exec.
int silo_vsock_connect(uint32_t cid, uint32_t port);
/// Writes back what is dirty in the file system at `path`.
int silo_sync_mount(const char *path);
/// Lets the mounted ext4 at `path` grow to the size of its device.
int silo_grow_ext4(const char *path, const char *device);
/// Powers the machine off; returns only on failure.
int silo_power_off(void);
/// Restarts the machine (a hypervisor that was told so ends instead); returns only on failure.
int silo_restart(void);
/// The kernel's release, as `uname -r` prints it, into `text`.
int silo_kernel_release(char *text, size_t size);
