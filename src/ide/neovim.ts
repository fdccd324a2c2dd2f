/**
 * Neovim: a file of its own under `plugin/`, which is read at start (`:help load-plugins`). From 0.11 on servers are
 * `vim.lsp.config()` and `vim.lsp.enable()`, https://neovim.io/doc/user/lsp.html#lsp-config; before, a client is started
 * for each file type: `vim.lsp.start()` from 0.8 on, `vim.lsp.start_client()` until then.
 *
 * @module
 */
import { configDirectory, type Editor, type Server } from "./editor.ts";
import { withBlock } from "./marked_block.ts";

/** Files that mark the root of a project, by the server's own name; `silo.toml` comes first for all. */
const ROOTS: Readonly<Record<string, readonly string[]>> = {
  "pylsp": ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"],
  "pyright-langserver": ["pyproject.toml", "setup.py", "requirements.txt", "pyrightconfig.json"],
  "typescript-language-server": ["tsconfig.json", "jsconfig.json", "package.json"],
  "rust-analyzer": ["Cargo.toml"],
  "gopls": ["go.work", "go.mod"],
  "deno": ["deno.json", "deno.jsonc"],
};

/** Starts the servers in each Neovim since 0.7. */
const START = `for name, server in pairs(servers) do
  if vim.lsp.config then
    vim.lsp.config(name, server)
    vim.lsp.enable(name)
  else
    local clients = {}
    vim.api.nvim_create_autocmd("FileType", {
      pattern = server.filetypes,
      callback = function(event)
        local file = vim.api.nvim_buf_get_name(event.buf)
        if file == "" then return end
        local root = vim.fn.getcwd()
        for _, marker in ipairs(server.root_markers) do
          local found = vim.fn.findfile(marker, vim.fn.fnamemodify(file, ":p:h") .. ";")
          if found == "" then found = vim.fn.finddir(marker, vim.fn.fnamemodify(file, ":p:h") .. ";") end
          if found ~= "" then
            root = vim.fn.fnamemodify(found, ":p"):gsub("/+$", ""):match("^(.*)/[^/]*$")
            break
          end
        end
        local config = { name = name, cmd = server.cmd, root_dir = root, cmd_cwd = root }
        if vim.lsp.start then
          vim.lsp.start(config)
        else
          clients[root] = clients[root] or vim.lsp.start_client(config)
          vim.lsp.buf_attach_client(event.buf, clients[root])
        end
      end,
    })
  end
end
`;

export const neovim: Editor = {
  name: "Neovim",
  file: (host) => `${configDirectory(host)}/nvim/plugin/silo.lua`,
  change(text, servers, what) {
    const kept = tableIn(text);
    for (const server of servers) {
      if (what === "add") kept.set(server.tool, entryOf(server));
      else kept.delete(server.tool);
    }
    if (kept.size === 0) return withBlock(text, "--", undefined);
    const entries = [...kept].sort(([a], [b]) => a < b ? -1 : 1).map(([, entry]) => entry);
    return withBlock(text, "--", `local servers = {\n${entries.join("")}}\n${START}`);
  },
};

function entryOf({ tool, program, languages, command }: Server): string {
  const markers = ["silo.toml", ...ROOTS[program] ?? [], ".git"];
  return `  ["silo-${tool}"] = { cmd = ${luaList(command)}, filetypes = ${luaList(languages)}, root_markers = ${
    luaList(markers)
  } },\n`;
}

/** The entries that are in the block already, by tool. */
function tableIn(text: string): Map<string, string> {
  const entries = text.matchAll(/^ {2}\["silo-([a-z0-9._-]+)"\] = \{ cmd = .*\n/gm);
  return new Map([...entries].map(([line, tool]) => [tool!, line]));
}

function luaList(items: readonly string[]): string {
  return `{ ${items.map(luaText).join(", ")} }`;
}

/** Lua's escapes for what JSON would write as \\u. */
function luaText(text: string): string {
  return `"${
    text.replace(/[\\"]/g, "\\$&").replace(/\p{Cc}/gu, (it) => `\\${it.charCodeAt(0).toString().padStart(3, "0")}`)
  }"`;
}
