// What tool.c, tool_program.c and waiting_tool.c share; not for Swift. All of it runs between fork and exec or in a
// supervisor that was never exec'ed: async-signal-safe calls and the stack only.
#pragma once
#include "silo_tool.h"

/// Runs argv[0]. Returns with errno: EACCES if anything by that name may not be run, else ENOENT.
void silo_tool_execute(const struct silo_tool *tool);
/// Writes an event, whole.
void silo_tool_put(int fd, int type, int value, int stage);
/// Closes all descriptors from 3 on but those in `keep`, of which negative ones do not count. The agent's own, of other
/// tools among them, must not live on in a supervisor: a pipe whose reader it held would never break.
void silo_tool_close_all_but(const int *keep, int count);
/// Forks the process that becomes the tool, in a group of its own and with the signals that a program expects: `run` is
/// its life. `*report` ends when it has become the tool, or tells of a failure. -1 with errno.
pid_t silo_tool_fork_process(void (*run)(const void *what, int report), const void *what, int *report);
/// From there to the tool's program; ends with SILO_TOOL_FAILED on `report`.
_Noreturn void silo_tool_run_child(const struct silo_tool *tool, int report);
/// The signals of a supervisor, which outlives what the terminal sends to the tool.
void silo_tool_supervisor_signals(void);
/// Watches over the tool `pid`, from before its exec (`report` ends or tells of a failure) until the leash is let go.
_Noreturn void silo_tool_supervise(pid_t pid, int report, int events, int leash);
/// What a supervisor does that cannot have a tool, by errno.
_Noreturn void silo_tool_give_up(int events, int leash);
/// Waits until the agent has read all output and lets go: the supervisor keeps the terminal open, so that nothing that
/// was printed is lost to its hang-up.
_Noreturn void silo_tool_wait_for_release(int leash);
/// The pipes of a handle, and what the supervisor has of them. -1 with errno.
int silo_tool_open_handle(struct silo_tool_handle *handle, int *events, int *leash);
/// fork(2) in which no handler of the agent's runs in the child.
pid_t silo_tool_fork(void);
