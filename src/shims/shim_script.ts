/**
 * The text of a shim: a small sh script that starts silo, or the next program of its name on PATH.
 *
 * Everything that can be decided without silo is decided by the shell itself, with its own commands alone: a tool that
 * counts only in projects costs a millisecond outside of them. Nothing is forked before the exec.
 *
 * @module
 */

/** The line that tells silo's own scripts from others. */
export const MARK = "# A shim of silo.";

export interface ShimScript {
  readonly name: string;
  readonly tool: string;
  /** The program that starts silo, absolute. */
  readonly silo: string;
  /** Absolute; undefined if it is the usual one. */
  readonly siloHome: string | undefined;
  /** Outside of projects that name the tool, the next program of that name is run. */
  readonly projectsOnly: boolean;
}

export function shimScript({ name, tool, silo, siloHome, projectsOnly }: ShimScript): string {
  const home = siloHome === undefined ? "" : `export SILO_HOME=${quoted(siloHome)}\n`;
  const run = `if [ ! -x "$silo" ]; then
  echo "silo: could not run ${name}: $silo is gone" >&2
  echo "  Where silo is now: silo shim ${tool} list" >&2
  exit 125
fi
exec "$silo" run ${name} -- "$@"
`;
  const head = `#!/bin/sh
${MARK} \`${name}\` is ${tool}'s: silo shim ${tool} list
silo=${quoted(silo)}
${home}`;
  return projectsOnly ? `${head}${fallThrough(name, tool)}${run}` : `${head}${run}`;
}

/**
 * The project is the nearest parent with a silo.toml. A header of the tool in it is a yes; a file without the tool's
 * name anywhere a no; silo itself is asked about whatever else TOML allows. Only directories after the shim's own are
 * searched, so two shims never call each other in a circle.
 */
function fallThrough(name: string, tool: string): string {
  return `claims() {
  dir=$PWD
  until [ -f "$dir/silo.toml" ]; do
    case $dir in "" | /) return 1 ;; esac
    dir=\${dir%/*}
  done
  maybe=1
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in "[tools.${tool}]"* | "[tools.${tool}."*) return 0 ;; *${tool}*) maybe=0 ;; esac
  done <"$dir/silo.toml"
  [ $maybe = 0 ] && "$silo" shim ${tool} claimed
}
if ! claims; then
  own=\${0%/*} rest=$PATH:
  case $0 in */*) ;; *) own=. ;; esac
  found=
  while [ -n "$rest" ]; do
    dir=\${rest%%:*} rest=\${rest#*:}
    if [ "$dir" -ef "$own" ]; then found=; continue; fi
    [ -z "$found" ] && [ -f "$dir/${name}" ] && [ -x "$dir/${name}" ] && found=$dir/${name}
  done
  [ -n "$found" ] && exec "$found" "$@"
  echo "silo: could not run ${name}: ${tool} is for projects that name it, and no other ${name} is on PATH" >&2
  echo "  In this project: silo use ${tool}. Everywhere: silo pin ${tool}" >&2
  exit 127
fi
`;
}

/** In quotes that sh takes literally. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
