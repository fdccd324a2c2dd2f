/**
 * A release's files in their places below a prefix.
 *
 * @module
 */
import { runCommand } from "../../src/debian/run_command.ts";
import { OWN_QEMU_RELEASED } from "../../src/debian/toolbox/own_qemu.ts";
import { completionCode } from "../../src/shims/shell_code.ts";
import { ROOT } from "../setup/checkout.ts";

/** Where completions are looked for, by shell. */
export const COMPLETIONS = {
  bash: "share/bash-completion/completions/silo",
  zsh: "share/zsh/site-functions/_silo",
  fish: "share/fish/vendor_completions.d/silo.fish",
} as const;

/** The programs that a release brings, as far as there are any for its target. */
export interface Parts {
  readonly helper?: string | undefined;
  readonly guest?: string | undefined;
  /** The directory of silo's QEMU. */
  readonly qemu?: string | undefined;
}

/** Puts programs, the registry, completions and texts into a prefix. */
export async function stageParts(prefix: string, { helper, guest, qemu }: Parts): Promise<void> {
  for (const [name, path] of [["silo-helper", helper], ["silo-guest", guest]] as const) {
    if (path === undefined) continue;
    await Deno.mkdir(`${prefix}/libexec/silo`, { recursive: true });
    await Deno.copyFile(path, `${prefix}/libexec/silo/${name}`);
    await Deno.chmod(`${prefix}/libexec/silo/${name}`, 0o755);
  }
  if (qemu !== undefined) {
    await Deno.mkdir(`${prefix}/libexec/silo`, { recursive: true });
    await runCommand(["cp", "-R", qemu, `${prefix}/${OWN_QEMU_RELEASED}`], { doing: "copy silo's QEMU" });
  }
  await Deno.mkdir(`${prefix}/share/silo`, { recursive: true });
  await runCommand(["cp", "-R", `${ROOT}/registry`, `${prefix}/share/silo/registry`], { doing: "copy the registry" });
  for (const [shell, path] of Object.entries(COMPLETIONS)) {
    await Deno.mkdir(`${prefix}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeTextFile(`${prefix}/${path}`, completions(shell as keyof typeof COMPLETIONS));
  }
  await Deno.mkdir(`${prefix}/share/man/man1`, { recursive: true });
  await Deno.copyFile(`${ROOT}/docs/silo.1`, `${prefix}/share/man/man1/silo.1`);
  await Deno.mkdir(`${prefix}/share/doc/silo`, { recursive: true });
  for (const name of ["LICENSE", "README.md"]) {
    await Deno.copyFile(`${ROOT}/${name}`, `${prefix}/share/doc/silo/${name}`);
  }
}

/** A shell's completions as a file that it loads by itself. */
function completions(shell: keyof typeof COMPLETIONS): string {
  const code = completionCode(shell, "silo");
  return shell === "zsh" ? `#compdef silo\n${code}_silo_complete "$@"\n` : code;
}

/** One archive of a prefix, the same bytes from the same files. */
export async function archive(prefix: string, name: string, output: string): Promise<void> {
  // bsdtar of a Mac has other words for the same; releases for all targets are packed on Linux.
  const fixed = [
    "--sort=name",
    "--mtime=@1767225600",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mode=u=rwX,go=rX",
  ];
  const pack = 'tar "$@" | gzip -9n > "$0"';
  const words = ["sh", "-c", pack, output, ...fixed, `--transform=s,^\\.,${name},`, "-C", prefix, "-cf", "-", "."];
  await runCommand(words, { doing: `pack ${name}` });
}

/** SHA-256 of a file, hexadecimal. */
export async function sumOf(path: string): Promise<string> {
  const program = Deno.build.os === "darwin" ? ["shasum", "-a", "256"] : ["sha256sum"];
  return (await runCommand([...program, path], { doing: `sum ${path}` })).split(" ")[0]!;
}
