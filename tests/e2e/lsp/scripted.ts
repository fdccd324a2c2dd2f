/** Sessions with a server that does what a test needs, and what must be gone after them. */
import { equal, ok } from "node:assert/strict";
import { isThere } from "../../../src/is_there.ts";
import { makeProject, siloEnv, until } from "../harness.ts";
import { findRole, isAlive, processTree } from "../processes.ts";
import { LspClient } from "./client.ts";
import { siloHome } from "./tools.ts";

/** Given up after this, milliseconds: QEMU and the helper go within a second, on a busy machine too. */
const GONE_LIMIT_MS = 15_000;

/** A project whose own server is the scripted one. */
export function scriptedProject(): ReturnType<typeof makeProject> {
  const project = makeProject();
  const program = `${project.path}/node_modules/.bin/silo-test-lsp`;
  Deno.mkdirSync(`${project.path}/node_modules/.bin`, { recursive: true });
  Deno.copyFileSync(new URL("scripted.py", import.meta.url), program);
  Deno.chmodSync(program, 0o755);
  return project;
}

/** A session that has begun, its processes and its run directory. */
export class Scripted {
  private constructor(
    private readonly project: ReturnType<typeof makeProject>,
    readonly client: LspClient,
    /** Every process of the session. */
    readonly processes: readonly number[],
    readonly qemu: number,
    readonly runDirectory: string,
  ) {}

  static async begin(mode: string): Promise<Scripted> {
    const project = scriptedProject();
    const client = new LspClient(["lsp", "test-lsp", mode], project.path);
    await client.ask("initialize", "initialize", { rootUri: `file://${project.path}`, capabilities: {} });
    const tree = processTree(client.process.pid!);
    const [helper, qemu] = [findRole(tree, "helper"), findRole(tree, "qemu")];
    ok(helper && qemu, JSON.stringify(tree));
    return new Scripted(project, client, tree.map((it) => it.pid), qemu.pid, runDirectoryOf(client.process.pid!));
  }

  /** How silo ended: its exit code, or the signal. Every process of the session must be gone then. */
  async ended(): Promise<number | string> {
    const end = await this.client.ended;
    await until("every process of the session is gone", () => this.left().length === 0, GONE_LIMIT_MS);
    return end;
  }

  /** The session's processes that are there still. */
  left(): number[] {
    return this.processes.filter((pid) => isAlive(pid));
  }

  /** The usual: the end, nothing left. */
  async endsWith(end: number | string): Promise<void> {
    equal(await this.ended(), end, this.client.stderr);
    await until("the run directory is gone", () => !isThere(this.runDirectory), GONE_LIMIT_MS);
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
    this.project[Symbol.dispose]();
  }
}

/** The private directory of a running silo. */
function runDirectoryOf(pid: number): string {
  const base = siloEnv().XDG_RUNTIME_DIR;
  const bases = [...(base ? [`${base}/silo`] : []), `${siloHome()}/run`, `/tmp/silo-${Deno.uid()}`];
  for (
    const path of bases.filter(isThere).flatMap((it) => [...Deno.readDirSync(it)].map(({ name }) => `${it}/${name}`))
  ) {
    const file = `${path}/run.json`;
    if (isThere(file) && JSON.parse(Deno.readTextFileSync(file)).pid === pid) return path;
  }
  throw new Error(`silo ${pid} has no run directory`);
}
