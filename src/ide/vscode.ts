/**
 * Visual Studio Code. It has no client of its own for language servers: each extension brings one, and few let another
 * program take the server's place. What they say themselves:
 *
 * - rust-analyzer: `rust-analyzer.server.path`, https://rust-analyzer.github.io/book/configuration.html; the extension
 *   first runs the program with `--version` (editors/code/src/bootstrap.ts).
 * - Deno: `deno.path`, https://github.com/denoland/vscode_deno; it is started with `lsp`.
 * - glspc, a generic client: `glspc.serverPath` and `glspc.languageId`, one server at a time,
 *   https://gitlab.com/torokati44/vscode-glspc.
 *
 * Settings are JSON with comments: https://code.visualstudio.com/docs/configure/settings
 *
 * @module
 */
import { configDirectory, type Editor, type Server } from "./editor.ts";
import { changeJson } from "./json_settings.ts";

/** Settings of the extension that takes the server, and the one that it is. */
function settingsOf(server: Server): { extension: string; settings: [string, string][] } {
  const { wrapper, program } = server;
  if (program === "rust-analyzer") {
    return { extension: "rust-lang.rust-analyzer", settings: [["rust-analyzer.server.path", wrapper]] };
  }
  if (program === "deno") return { extension: "denoland.vscode-deno", settings: [["deno.path", wrapper]] };
  return {
    extension: "torokati44.glspc",
    settings: [["glspc.serverPath", wrapper], ["glspc.languageId", server.languages[0] ?? "plaintext"]],
  };
}

export const vscode: Editor = {
  name: "Visual Studio Code",
  file(host) {
    return host.platform === "macos"
      ? `${host.home}/Library/Application Support/Code/User/settings.json`
      : `${configDirectory(host)}/Code/User/settings.json`;
  },
  change(text, servers, what) {
    // Names with dots are names, not paths: VS Code's settings are flat.
    const changes = servers.flatMap((server) =>
      settingsOf(server).settings.map(([key, value]) => ({ path: [key], value, what }))
    );
    return changeJson(text, changes);
  },
  notes(servers) {
    const generic = servers.filter((server) => settingsOf(server).extension === "torokati44.glspc");
    return [
      ...servers.map((server) => `${server.tool}: needs the extension ${settingsOf(server).extension}`),
      ...(generic.length > 1
        ? [`the generic client takes one server: ${generic.at(-1)!.tool}; choose another with --tool`]
        : []),
      "built-in TypeScript and Pylance speak no language server protocol to a program: they cannot be sandboxed",
    ];
  },
};
