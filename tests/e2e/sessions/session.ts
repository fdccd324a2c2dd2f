/** One user's session: a project, a silo home, and commands of silo in it that are expected to do as they are told. */
import { strictEqual as eq } from "node:assert/strict";
import { makeProject, type RunOptions, type RunResult, silo } from "../harness.ts";

/** A build in a machine, with apt-get in it, under emulation. */
const LIMIT_MS = 600_000;

export interface Session extends Disposable {
  /** The project's directory. */
  readonly path: string;
  /** `cwd` and `env` of its commands. */
  readonly at: RunOptions;
  /** Runs silo; the exit code is the caller's to judge. */
  run(...args: string[]): Promise<RunResult>;
  /** Runs silo, which has to succeed; its stdout. */
  done(...args: string[]): Promise<string>;
  write(name: string, text: string): void;
  read(name: string): string;
}

/** Begins one in a directory of its own with these files. */
export function beginSession(home: { path: string }, files: Record<string, string>): Session {
  const project = makeProject(files);
  return { ...sessionAt(home, project.path), [Symbol.dispose]: () => project[Symbol.dispose]() };
}

/** The same in a directory that is there. */
export function sessionAt(home: { path: string }, path: string): Omit<Session, typeof Symbol.dispose> {
  const at: RunOptions = { cwd: path, env: { SILO_HOME: home.path }, limitMs: LIMIT_MS };
  const run = (...args: string[]) => silo(args, at);
  return {
    path,
    at,
    run,
    async done(...args) {
      const { code, stdout, stderr } = await run(...args);
      eq(code, 0, `silo ${args.join(" ")}\n${stdout}${stderr}`);
      return stdout;
    },
    write: (name, text) => Deno.writeTextFileSync(`${path}/${name}`, text),
    read: (name) => Deno.readTextFileSync(`${path}/${name}`),
  };
}
