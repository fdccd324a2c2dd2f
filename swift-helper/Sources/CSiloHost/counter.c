#include "silo_host.h"
#include <stdint.h>
#include <time.h>

#if defined(__linux__) && defined(__x86_64__)
static int64_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

// The counter and the clock at one moment: of many readings the one that took the least time.
static void read_both(uint64_t *counter, int64_t *clock) {
    uint64_t shortest = UINT64_MAX;
    for (int i = 0; i < 64; i++) {
        uint64_t before = __builtin_ia32_rdtsc();
        int64_t now = clock_ns();
        uint64_t took = __builtin_ia32_rdtsc() - before;
        if (took >= shortest) continue;
        shortest = took;
        *counter = before + took / 2;
        *clock = now;
    }
}

long silo_tsc_khz(void) {
    uint64_t counters[2] = {0, 0};
    int64_t clocks[2] = {0, 0};
    read_both(&counters[0], &clocks[0]);
    struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    nanosleep(&pause, NULL);
    read_both(&counters[1], &clocks[1]);
    if (clocks[1] <= clocks[0] || counters[1] <= counters[0]) return 0;
    return (long)((__uint128_t)(counters[1] - counters[0]) * 1000000 / (uint64_t)(clocks[1] - clocks[0]));
}
#else
long silo_tsc_khz(void) { return 0; }
#endif
