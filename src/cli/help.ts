/**
 * The texts of `silo help`, `silo run --help` and `silo shell --help`.
 *
 * @module
 */
import { VERSION } from "../version.ts";
import { fitted, twoColumns } from "./fit.ts";
import { RUN_FLAGS } from "./parse_run.ts";

/** Shown under the list of commands. */
export const EXAMPLES = `
Every tool runs in a fresh micro-VM that sees the project directory and nothing else of this machine.
Arguments after the tool are the tool's own. \`silo TOOL …\` is short for \`silo run TOOL …\`.

Examples:
  silo install python              install python from its registry
  silo install python --from debian           built from Debian's packages
  silo install --image ghcr.io/owner/tool:1   any other image
  silo run python app.py           run a script of this directory
  silo python -m json.tool a.json  the same, shorter
  silo pip list                    another program of the same tool
  silo run --env DEBUG=1 --memory 4096 python app.py
  silo run --mount ../data:/data:ro python app.py
  silo run --exec python ls -la    any program of python's sandbox
  silo shell python                a shell in it
  silo ps                          what runs; exec enters, rm ends it
  cat log | silo python count.py | less

Exit codes: the tool's own; 128+n if signal n ended it; 126 and 127 as a shell gives them; 125 if silo itself failed.
`;

/** Shown by `silo help image`. */
export const IMAGE_EXAMPLES = `
IMAGE is an installed tool, a reference (python:3.13), or the beginning of a digest.

Examples:
  silo image ls
  silo image ls --json
  silo image inspect python --json
  silo image save python python.tar
  skopeo copy oci-archive:python.tar docker://localhost:5000/python
  silo image rm python:3.12
  silo image gc --dry-run
`;

/** `silo run --help` and `silo shell --help`. */
export function runHelp(kind: "run" | "shell" | "lsp"): string {
  return fitted(runHelpText(kind));
}

/** The flags of a run as help writes them. */
export function runFlags(kind: "run" | "shell" | "lsp"): { term: string; text: string }[] {
  // A whole command line, and what an agent is told, are of `silo run` alone.
  const flags = RUN_FLAGS.filter(({ name }) => kind === "run" || (name !== "--exec" && name !== "--ask"));
  const terms = flags.map((flag) => ({
    term: `${"short" in flag ? `${flag.short}, ` : ""}${flag.name}${"value" in flag ? ` ${flag.value}` : ""}`,
    text: flag.text,
  }));
  return [...terms, { term: "-h, --help", text: "print this" }];
}

function runHelpText(kind: "run" | "shell" | "lsp"): string {
  const table = twoColumns(runFlags(kind).map(({ term, text }) => [term, text]));
  if (kind === "lsp") {
    return `Usage: silo lsp [flags] TOOL [args…]

Runs the tool's language server in its sandbox: what an editor starts in the server's place. It speaks the Language
Server Protocol over stdin and stdout. \`silo ide\` writes the settings of editors. Arguments are the server's own.

Flags, before the tool:
${table}
Examples:
  silo lsp python
  silo lsp node --log-level 4
`;
  }
  if (kind === "shell") {
    return `Usage: silo shell [flags] TOOL [args…]

Opens a shell in the tool's sandbox. Arguments are the shell's own: silo shell python -c 'ls -l'

Flags, before the tool:
${table}
Examples:
  silo shell python
  silo shell --user root node
`;
  }
  return `Usage: silo run [flags] TOOL [args…]
       silo [flags] TOOL [args…]

Runs a tool in a fresh micro-VM. What follows TOOL reaches it byte for byte; one -- right after TOOL is dropped.
If the first argument is another program of the same tool (silo run python pip …), that one is run.

Flags, before the tool:
${table}${EXAMPLES.slice(EXAMPLES.indexOf("\nExamples:")).replace(/^ {2}silo (install|ps).*\n/gm, "")}`;
}

/** `silo version`. */
export function versionText(): string {
  return `silo ${VERSION}\n`;
}
