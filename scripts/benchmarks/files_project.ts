/**
 * A project to work on: a repository, an application with a lock file, an archive of small files.
 *
 * @module
 */
import { dirname } from "node:path/posix";
import { elapsed } from "./silo_command.ts";

export const SIZES = { mebibytes: 1_024, repositoryFiles: 10_000, archiveFiles: 20_000, fileBytes: 1_500 } as const;

/** A server as many people have one. npm's own cache beside it, so that no network is measured. */
const APPLICATION = {
  name: "app",
  version: "1.0.0",
  private: true,
  dependencies: { express: "4.21.2", lodash: "4.17.21" },
};

/** The project is made once and copied: links to the same archive, fresh directories. */
export async function makeProject(directory: string): Promise<void> {
  const template = `${dirname(directory)}/template`;
  if (!await Deno.stat(template).catch(() => undefined)) await makeTemplate(template);
  await elapsed(["cp", "-a", template, directory]);
}

async function makeTemplate(directory: string): Promise<void> {
  await writeFiles(`${directory}/repository`, SIZES.repositoryFiles);
  const git = ["git", "-C", `${directory}/repository`, "-c", "user.name=bench", "-c", "user.email=bench@localhost"];
  for (const args of [["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "all"]]) {
    await elapsed([...git, ...args]);
  }
  await writeFiles(`${directory}/small`, SIZES.archiveFiles);
  await elapsed(["tar", "-cf", `${directory}/small.tar`, "-C", `${directory}/small`, "."]);
  await Deno.remove(`${directory}/small`, { recursive: true });
  await Deno.mkdir(`${directory}/app`);
  await Deno.writeTextFile(`${directory}/app/package.json`, JSON.stringify(APPLICATION));
  const npm = ["npm", "install", "--prefix", `${directory}/app`, "--cache", `${directory}/cache`, "--no-audit"];
  await elapsed([...npm, "--ignore-scripts"]);
  await Deno.remove(`${directory}/app/node_modules`, { recursive: true });
}

/** A hundred in each directory, three levels down. */
async function writeFiles(directory: string, count: number): Promise<void> {
  const content = "x".repeat(SIZES.fileBytes);
  for (let at = 0; at < count; at++) {
    const parent = `${directory}/src/part${Math.floor(at / 1_000)}/m${Math.floor(at / 100)}`;
    if (at % 100 === 0) await Deno.mkdir(parent, { recursive: true });
    await Deno.writeTextFile(`${parent}/file${at}.js`, `${at}${content}`);
  }
}
