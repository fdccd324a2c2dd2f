// What the Linux driver needs of C: ioctls and system calls without a wrapper.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum silo_kvm_result {
    SILO_KVM_WORKS = 0,
    SILO_KVM_CANNOT_OPEN,   // *error_number says why
    SILO_KVM_REFUSED,       // an ioctl failed: *error_number
    SILO_KVM_HANGS,         // the guest did not run within the time
    SILO_KVM_MISBEHAVES,    // the guest ended in another way than by its one instruction
};

/// Runs one instruction (hlt) in a VM of its own, in a child process that is killed after `timeout_ms`.
/// On arm64 the virtual CPU is made but not run.
enum silo_kvm_result silo_kvm_probe(int timeout_ms, int *error_number);

/// A descriptor that becomes readable when the process ends, close-on-exec; -1 where the kernel has none (before 5.3).
int silo_pidfd_open(pid_t pid);

/// Makes `to` share `from`'s blocks (copy on write) where the file system can. 0 or -1.
int silo_clone_file(int from, int to);

/// The next data and the next hole at or after `offset`; -1 with ENXIO when there is no more data.
off_t silo_seek_data(int fd, off_t offset);
off_t silo_seek_hole(int fd, off_t offset);

/// copy_file_range(2): moves both offsets on.
ssize_t silo_copy_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t count);

/// An anonymous file in `directory` that silo_link_file can give a name; -1 where the file system has none.
int silo_linkable_file(const char *directory);
/// Names a file of silo_linkable_file. Fails with EEXIST rather than replace one.
int silo_link_file(int fd, const char *path);
/// rename(2) that fails with EEXIST rather than replace.
int silo_rename_exclusively(const char *from, const char *to);

/// Sends bytes over a Unix socket, together with a descriptor if it is not negative. How many bytes went, or -1.
ssize_t silo_send_with_descriptor(int socket, const void *bytes, size_t count, int fd);

/// How fast this processor's time stamp counter counts, kHz, measured over 20 ms; 0 where there is none.
long silo_tsc_khz(void);

/// Makes this process give way to all others, now and in what it starts: nice 10, and SCHED_BATCH where the system has it.
/// Not SCHED_IDLE: on a machine that is always busy it would never be done.
void silo_give_way(void);

/// The descriptor that came with one byte over a Unix socket, close-on-exec; -1 if there is none yet.
int silo_receive_descriptor(int socket);

/// Answers one call of a program that was started with `trap_opens` (silo_process.h): openat(2) of `path` for reading
/// and writing gets the file for reading, opened in the program's own mount namespace; others go on as they are.
/// 1: it was that file, 0: another, -1: no more calls can come.
int silo_trap_answer(int listener, const char *path);
