// What waiting_tool.c (the caller) and waiting_process.c (the two that it forks) share; not for Swift.
#pragma once
#include "tool_process.h"

// At the start of the memory. All pointers lead into it: it lies at the same place in all three processes.
struct order {
    struct silo_tool tool;
    char descriptors[32];      // the directory of the caller's descriptors
    uid_t uid;                 // whose the pipes are, so that the tool may open them again, as /dev/stdout
    char rest[];
};

// What the supervisor and the process have at first.
struct waiting {
    struct order *order;
    int pipes[3];              // the tool's ends
    int orders, terminals;     // where the two wait
    int events, leash;
    int resets_score;
};

/// The supervisor's life, from its fork on.
_Noreturn void silo_waiting_supervise(const struct waiting *waiting);
