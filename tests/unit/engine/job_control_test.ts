import { strictEqual as eq } from "node:assert/strict";
import { isForeground, isOrphanedGroup } from "../../../src/engine/job_control.ts";

/** Stat lines of made-up processes: pid → [parent, group, session]. We are process 10. */
const processes = (table: Record<number, [number, number, number, number?]>) => (pid: number | "self") => {
  const entry = table[pid === "self" ? 10 : pid];
  if (entry === undefined) throw new Deno.errors.NotFound();
  return `${pid} (a) b (c) S ${entry.slice(0, 3).join(" ")} 34816 ${entry[3] ?? -1} 0`;
};

Deno.test("a job of a shell is not orphaned, also where a script of the job called us", () => {
  eq(isOrphanedGroup(processes({ 10: [5, 10, 5], 5: [1, 5, 5] })), false);
  eq(isOrphanedGroup(processes({ 10: [9, 9, 5], 9: [5, 9, 5], 5: [1, 5, 5] })), false);
});

Deno.test("the first program of a terminal is orphaned", () => {
  eq(isOrphanedGroup(processes({ 10: [5, 10, 10], 5: [1, 5, 5] })), true);
});

Deno.test("below the first process of a container, which no shell waits for, we are orphaned", () => {
  eq(isOrphanedGroup(processes({ 10: [1, 1, 1], 1: [0, 1, 1] })), true);
  eq(isOrphanedGroup(processes({ 10: [1, 10, 1], 1: [0, 1, 1] })), false);
});

Deno.test("where it cannot be told, it counts as a shell's job", () => {
  eq(isOrphanedGroup(processes({})), false);
});

Deno.test("a group is in the foreground if its terminal says so", () => {
  eq(isForeground(processes({ 10: [5, 10, 5, 10] })), true);
  eq(isForeground(processes({ 10: [5, 10, 5, 5] })), false);
  eq(isForeground(processes({})), true);
});
