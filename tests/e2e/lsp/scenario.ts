/** What an editing person does in a small project, for each language the same. */
import type { Any } from "./client.ts";

/** A word of a file, by what stands there: the `nth` time it does. */
export interface Word {
  readonly word: string;
  readonly nth?: number;
}

export interface Scenario {
  /** The tool whose server it is. */
  readonly tool: string;
  /** Files of the project, by their paths. */
  readonly files: Readonly<Record<string, string>>;
  /** As editors name the language. */
  readonly language: string;
  /** The file that is edited; it has a mistake that the server finds. */
  readonly file: string;
  /** Used in `file`, defined elsewhere in the project. */
  readonly project: Word;
  /** Used in `file`, defined in a library of the sandbox. */
  readonly library: Word;
  /** A name is completed behind this. */
  readonly complete: Word;
  /** Where the symbol that `file` uses is renamed. */
  readonly rename: { readonly file: string; readonly at: Word; readonly to: string };
  /** Asked of the whole project. */
  readonly symbol: string;
  /** Another file, whose name has to be escaped, and a name in it. */
  readonly strange?: { readonly file: string; readonly at: Word };
  /** For the server alone; `path` is the project's. */
  readonly options?: (path: string) => Any;
  /** A command of the server and its arguments; `uri` gives those of files. */
  readonly command?: (uri: (file: string) => string) => { command: string; arguments: Any[] };
  /** The server says with `experimental/serverStatus` when it has read the project. */
  readonly tellsStatus?: boolean;
}
