/**
 * Records the session that the README shows: types commands into a real terminal, waits for what they print, and
 * draws the screen. `deno run -A scripts/demo/session.ts` writes docs/session.svg; silo must be set up.
 */
import { join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { Tmux } from "../../tests/e2e/tmux.ts";
import { ansiToSvg } from "./ansi_to_svg.ts";

const ROOT = join(fileURLToPath(import.meta.url), "../../..");
const project = Deno.makeTempDirSync({ prefix: "app-" });
try {
  Deno.writeTextFileSync(
    join(project, "app.py"),
    [
      "import os, pathlib, platform",
      'print("kernel  ", platform.release())',
      'print("files   ", sorted(p.name for p in pathlib.Path(".").iterdir()))',
      'print("ssh keys", pathlib.Path("~/.ssh").expanduser().exists())',
      'print("network ", os.listdir("/sys/class/net"))',
      "",
    ].join("\n"),
  );
  await using tmux = await Tmux.open(project);
  await tmux.line(`export PATH=${ROOT}/scripts:$PATH; clear`);
  await tmux.waitFor(/^\$ \s*$/, "a clear screen");
  await tmux.line("silo run python app.py");
  await tmux.waitFor(/network[^]*\n\$ $/m, "the script's output");
  await tmux.line("silo run python -q");
  await tmux.waitFor(/>>> $/m, "python's prompt");
  await tmux.line('open("/home/me/.ssh/id_rsa")');
  await tmux.waitFor(/FileNotFoundError[^]*>>> $/m, "the refusal");
  await tmux.press("C-d");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
  const screen = await tmux.screen(true);
  Deno.writeTextFileSync(join(ROOT, "docs/session.svg"), ansiToSvg(screen, "silo"));
  console.log(await tmux.screen());
} finally {
  Deno.removeSync(project, { recursive: true });
}
