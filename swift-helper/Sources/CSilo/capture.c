#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "silo_net.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static uint32_t netmask(int prefix) { return prefix == 0 ? 0 : ~(uint32_t)0 << (32 - prefix); }

static int set_address(int fd, unsigned long request, uint32_t address) {
    // A label of its own: the interface keeps 127.0.0.1.
    struct ifreq change = {.ifr_name = "lo:silo"};
    struct sockaddr_in *value = (struct sockaddr_in *)&change.ifr_addr;
    value->sin_family = AF_INET;
    value->sin_addr.s_addr = htonl(address);
    return ioctl(fd, request, &change);
}

int silo_loopback_address(uint32_t address, int prefix) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    int result = set_address(fd, SIOCSIFADDR, address);
    if (result == 0) result = set_address(fd, SIOCSIFNETMASK, netmask(prefix));
    int saved = errno;
    close(fd);
    errno = saved;
    return result;
}

static int bpf(int command, union bpf_attr *attributes) {
    return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

#define INSN(c, d, s, o, i) \
    ((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (int16_t)(o), .imm = (int32_t)(i)})
#define LOAD(d, field) INSN(BPF_LDX | BPF_MEM | BPF_W, d, BPF_REG_1, offsetof(struct bpf_sk_lookup, field), 0)
#define MOVE(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define CALL(i) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, i)
// Jumps to instruction PASS, the last but one, from instruction `at`.
#define UNLESS_EQUAL(at, d, i) INSN(BPF_JMP32 | BPF_JNE | BPF_K, d, 0, PASS - (at) - 1, i)
enum { PASS = 22 };

/// if (family == AF_INET && protocol == TCP && (local_ip4 & mask) == network) assign(map[0]); return SK_PASS;
static int load_program(int map, uint32_t network, int prefix) {
    struct bpf_insn program[] = {
        /* 0 */ MOVE(BPF_REG_6, BPF_REG_1),
        /* 1 */ LOAD(BPF_REG_2, family),
        /* 2 */ UNLESS_EQUAL(2, BPF_REG_2, AF_INET),
        /* 3 */ LOAD(BPF_REG_2, protocol),
        /* 4 */ UNLESS_EQUAL(4, BPF_REG_2, IPPROTO_TCP),
        /* 5 */ LOAD(BPF_REG_2, local_ip4),
        /* 6 */ INSN(BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0, htonl(netmask(prefix))),
        /* 7 */ UNLESS_EQUAL(7, BPF_REG_2, htonl(network)),
        /* 8 */ INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0),
        /* 9 */ INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map),
        /* 10 */ INSN(0, 0, 0, 0, 0),
        /* 11 */ MOVE(BPF_REG_2, BPF_REG_10),
        /* 12 */ INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4),
        /* 13 */ CALL(BPF_FUNC_map_lookup_elem),
        /* 14 */ INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, PASS - 14 - 1, 0),
        /* 15 */ MOVE(BPF_REG_7, BPF_REG_0),
        /* 16 */ MOVE(BPF_REG_1, BPF_REG_6),
        /* 17 */ MOVE(BPF_REG_2, BPF_REG_0),
        /* 18 */ SET(BPF_REG_3, 0),
        /* 19 */ CALL(BPF_FUNC_sk_assign),
        // A socket out of a map is held until it is given back.
        /* 20 */ MOVE(BPF_REG_1, BPF_REG_7),
        /* 21 */ CALL(BPF_FUNC_sk_release),
        /* 22 */ SET(BPF_REG_0, SK_PASS),
        /* 23 */ INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    };
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_SK_LOOKUP;
    attributes.expected_attach_type = BPF_SK_LOOKUP;
    attributes.insns = (uint64_t)(uintptr_t)program;
    attributes.insn_cnt = sizeof program / sizeof *program;
    attributes.license = (uint64_t)(uintptr_t) "Apache-2.0";
    return bpf(BPF_PROG_LOAD, &attributes);
}

static int map_of_socket(int listener) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_type = BPF_MAP_TYPE_SOCKMAP;
    attributes.key_size = sizeof(uint32_t);
    attributes.value_size = sizeof(uint64_t);
    attributes.max_entries = 1;
    int map = bpf(BPF_MAP_CREATE, &attributes);
    if (map < 0) return -1;
    uint32_t key = 0;
    uint64_t value = (uint64_t)listener;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_fd = (uint32_t)map;
    attributes.key = (uint64_t)(uintptr_t)&key;
    attributes.value = (uint64_t)(uintptr_t)&value;
    if (bpf(BPF_MAP_UPDATE_ELEM, &attributes) == 0) return map;
    int saved = errno;
    close(map);
    errno = saved;
    return -1;
}

static int attach(int program) {
    int space = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (space < 0) return -1;
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.link_create.prog_fd = (uint32_t)program;
    attributes.link_create.target_fd = (uint32_t)space;
    attributes.link_create.attach_type = BPF_SK_LOOKUP;
    int link = bpf(BPF_LINK_CREATE, &attributes), saved = errno;
    close(space);
    errno = saved;
    return link;
}

int silo_capture_tcp(int listener, uint32_t network, int prefix) {
    int map = map_of_socket(listener);
    if (map < 0) return -1;
    int program = load_program(map, network, prefix), link = -1, saved = errno;
    if (program >= 0) {
        link = attach(program);
        saved = errno;
        close(program);
    }
    // The link holds the program, which holds the map.
    close(map);
    errno = saved;
    return link;
}

#else

int silo_loopback_address(uint32_t address, int prefix) {
    (void)address, (void)prefix;
    errno = ENOSYS;
    return -1;
}
int silo_capture_tcp(int listener, uint32_t network, int prefix) {
    (void)listener, (void)network, (void)prefix;
    errno = ENOSYS;
    return -1;
}

#endif
