-- Waits for the server that `silo ide neovim` has configured, asks it where a name comes from, and goes there.
local out = {}
local limit = 120000
vim.cmd("edit app.py")
out.attached = vim.wait(limit, function()
  local clients = vim.lsp.get_active_clients()
  return #clients > 0 and clients[1].initialized and clients[1].server_capabilities.definitionProvider ~= nil
end, 50)
out.diagnostics = vim.wait(limit, function() return #vim.diagnostic.get(0) > 0 end, 50)
for _, it in ipairs({ { "project", 8, 32 }, { "library", 8, 16 } }) do
  vim.cmd("buffer app.py")
  vim.api.nvim_win_set_cursor(0, { it[2], it[3] })
  vim.lsp.buf.definition()
  vim.wait(limit, function() return vim.api.nvim_buf_get_name(0):sub(-6) ~= "app.py" end, 50)
  out[it[1]] = { name = vim.api.nvim_buf_get_name(0), line = vim.api.nvim_get_current_line() }
end
local file = io.open(vim.env.RESULT, "w")
file:write(vim.json and vim.json.encode(out) or vim.fn.json_encode(out))
file:close()
vim.cmd("qall!")
