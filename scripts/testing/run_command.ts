export interface CommandResult {
  code: number;
}

/** Runs a command with this terminal as its own. */
export async function runCommand(
  command: string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<CommandResult> {
  const child = new Deno.Command(command[0]!, {
    args: command.slice(1),
    cwd: options.cwd,
    env: options.env ?? {},
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  return { code: (await child.status).code };
}
