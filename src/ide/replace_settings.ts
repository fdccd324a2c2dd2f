/** Writing a person's settings: whole or not at all, through links, with the mode that the file has. @module */

/** Puts the text in the file's place; makes it, and its directory, if they are not there. */
export function replaceSettings(file: string, text: string, mode?: number): void {
  const target = realPath(file);
  Deno.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true });
  const beside = `${target}.silo-${crypto.randomUUID().slice(0, 8)}`;
  try {
    Deno.writeTextFileSync(beside, text, { createNew: true, mode: mode ?? modeOf(target) });
    if (mode !== undefined) Deno.chmodSync(beside, mode);
    Deno.renameSync(beside, target);
  } catch (error) {
    try {
      Deno.removeSync(beside);
    } catch { /* it was never made */ }
    throw error;
  }
}

/** People keep their settings elsewhere and link to them: the link stays. */
function realPath(file: string): string {
  try {
    return Deno.realPathSync(file);
  } catch {
    return file;
  }
}

function modeOf(file: string): number {
  try {
    return Deno.statSync(file).mode! & 0o777;
  } catch {
    return 0o644;
  }
}
