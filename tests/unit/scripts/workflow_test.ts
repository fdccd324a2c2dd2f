/** The workflow's shape, as far as it can be held without GitHub: every name that one part uses exists in another. */
import { deepStrictEqual as same, ok } from "node:assert/strict";
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
  needs?: string | string[];
  "timeout-minutes": number;
  steps: Step[];
}

for (const { name } of Deno.readDirSync(directory)) {
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
