/** The files below a directory. */
export function* walkSync(directory: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    if (isDirectory) yield* walkSync(`${directory}/${name}`);
    else yield `${directory}/${name}`;
  }
}
