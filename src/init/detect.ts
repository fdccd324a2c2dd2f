/**
 * Which tools a project needs, by the files that it has. Pure.
 *
 * @module
 */

/** A tool that was found, and what told so: paths in the project. */
export interface FoundTool {
  readonly tool: string;
  readonly markers: readonly string[];
  /** Ports that its usual servers listen on. */
  readonly ports: readonly number[];
}

/** Files that tell of a tool, the strongest first. */
const MARKERS: readonly { readonly tool: string; readonly names: readonly string[] }[] = [
  { tool: "node", names: ["package.json"] },
  {
    tool: "python",
    names: ["pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile", "uv.lock", "environment.yml"],
  },
  { tool: "rust", names: ["Cargo.toml"] },
  { tool: "go", names: ["go.mod", "go.work"] },
  { tool: "deno", names: ["deno.json", "deno.jsonc", "deno.lock"] },
];

/** Words in a marker file that tell of a server, and where it listens. */
const SERVERS: readonly { readonly tool: string; readonly word: RegExp; readonly port: number }[] = [
  { tool: "node", word: /"(?:vite|@sveltejs\/kit)"/, port: 5173 },
  { tool: "node", word: /"(?:next|nuxt|express|react-scripts)"/, port: 3000 },
  { tool: "node", word: /"astro"/, port: 4321 },
  { tool: "node", word: /"@angular\/cli"/, port: 4200 },
  { tool: "python", word: /^\W*(?:django|fastapi|uvicorn)\b/im, port: 8000 },
  { tool: "python", word: /^\W*flask\b/im, port: 5000 },
  { tool: "python", word: /^\W*(?:jupyter|jupyterlab|notebook)\b/im, port: 8888 },
];

/** What is looked at of one file. */
export interface ProjectFile {
  /** Relative to the project. */
  readonly path: string;
  /** The text of a marker; undefined if it was not read. */
  readonly text?: string | undefined;
}

/** Whether a file of this name tells of a tool, so that its text is worth reading. */
export function isMarker(name: string): boolean {
  return MARKERS.some(({ names }) => names.includes(name));
}

/** The tools of a project, in the order of their markers above. */
export function detectTools(files: readonly ProjectFile[]): FoundTool[] {
  return MARKERS.flatMap(({ tool, names }) => {
    const rank = (path: string) => names.indexOf(path.slice(path.lastIndexOf("/") + 1));
    const markers = files.filter(({ path }) => rank(path) >= 0)
      .sort((a, b) => depth(a.path) - depth(b.path) || rank(a.path) - rank(b.path) || (a.path < b.path ? -1 : 1));
    if (markers.length === 0) return [];
    const ports = SERVERS.filter((it) => it.tool === tool && markers.some(({ text }) => text && it.word.test(text)))
      .map(({ port }) => port);
    return [{ tool, markers: markers.map(({ path }) => path), ports: [...new Set(ports)] }];
  });
}

function depth(path: string): number {
  return path.split("/").length;
}
