#ifdef __linux__
#define _GNU_SOURCE
#include "silo_host.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct report {
    enum silo_kvm_result result;
    int error_number;
};

// Runs in the child: system calls only.
static struct report attempt(void) {
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm < 0) return (struct report){SILO_KVM_CANNOT_OPEN, errno};
    if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) return (struct report){SILO_KVM_REFUSED, errno};
    int vm = ioctl(kvm, KVM_CREATE_VM, 0);
    if (vm < 0) return (struct report){SILO_KVM_REFUSED, errno};
#ifdef __x86_64__
    // Intel CPUs without "unrestricted guest" need three pages for real mode.
    ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000);
#endif
    int cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    if (cpu < 0) return (struct report){SILO_KVM_REFUSED, errno};
#ifdef __x86_64__
    unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return (struct report){SILO_KVM_REFUSED, errno};
    page[0] = 0xf4; // hlt
    struct kvm_userspace_memory_region region = {
        .guest_phys_addr = 0x1000, .memory_size = 4096, .userspace_addr = (uint64_t)(uintptr_t)page};
    struct kvm_sregs special;
    struct kvm_regs registers = {.rip = 0x1000, .rflags = 2};
    if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0 || ioctl(cpu, KVM_GET_SREGS, &special) < 0)
        return (struct report){SILO_KVM_REFUSED, errno};
    special.cs.base = 0;
    special.cs.selector = 0;
    int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (size < 0 || ioctl(cpu, KVM_SET_SREGS, &special) < 0 || ioctl(cpu, KVM_SET_REGS, &registers) < 0)
        return (struct report){SILO_KVM_REFUSED, errno};
    struct kvm_run *run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
    if (run == MAP_FAILED || ioctl(cpu, KVM_RUN, 0) < 0) return (struct report){SILO_KVM_REFUSED, errno};
    if (run->exit_reason != KVM_EXIT_HLT) return (struct report){SILO_KVM_MISBEHAVES, 0};
#endif
    return (struct report){SILO_KVM_WORKS, 0};
}

// Waits for the child; 0 when the time is over first.
static int ended(pid_t pid, int timeout_ms) {
    for (int waited = 0; waited <= timeout_ms; waited++) {
        if (waitpid(pid, NULL, WNOHANG) != 0) return 1;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return 0;
}

enum silo_kvm_result silo_kvm_probe(int timeout_ms, int *error_number) {
    *error_number = 0;
    struct report *report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED) {
        *error_number = errno;
        return SILO_KVM_REFUSED;
    }
    *report = (struct report){SILO_KVM_HANGS, 0};
    pid_t pid = fork();
    if (pid == 0) {
        *report = attempt();
        _exit(0);
    }
    if (pid < 0) {
        *report = (struct report){SILO_KVM_REFUSED, errno};
    } else if (!ended(pid, timeout_ms)) {
        kill(pid, SIGKILL);
        // A vCPU that cannot be interrupted would keep us here; the child is left to init then.
        ended(pid, 200);
    }
    struct report result = *report;
    munmap(report, sizeof *report);
    *error_number = result.error_number;
    return result.result;
}
#endif
