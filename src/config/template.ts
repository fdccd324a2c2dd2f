/**
 * A `silo.toml` to begin with: everything in it is a comment.
 *
 * @module
 */

/** `silo config default`, `silo config init`. */
export function templateText(kind: "user" | "project"): string {
  const whose = kind === "user" ? "Your own settings, for every project." : "What the sandbox of this project may do.";
  return `# ${whose} docs/configuration.md explains every key; what stands here is
# what holds if nothing is said.

# passEnv = []                  # variables of your environment, by name
# passFiles = []                # single files, read-only: "~/.npmrc"
# ports = []                    # ports of this machine that lead into the sandbox: 5173, "8080:80", or "auto"
# venv = true                   # a .venv of the project is active for pythons
# gitIdentity = true            # git's author and committer are passed on

# [env]                         # variables with a fixed value
# DEBUG = "1"

# [[mounts]]                    # directories of this machine
# source = "../data"
# target = "/data"
# readOnly = true

# [mount]                       # how the project itself is seen
# mode = "workspace"            # or "same-path"
# readonly = false
# exclude = []                  # directories of it that appear empty

# [network]                     # beside what the tool itself needs
# allow = []                    # "example.com", "*.example.com", "example.com:5432"
# deny = []
# hostPorts = []                # ports of this machine, as host.silo.internal

# [resources]
# cpus = 4
# memoryMB = 2048
# rootfsSizeMB = 8192
# timeoutSeconds = 600

# [tools.python.env]            # any of it for one tool only
# PYTHONUTF8 = "1"
${kind === "user" ? REPOS : ""}`;
}

const REPOS = `
# [repos."github.com/example"]  # any of it for projects with such a git remote
# passEnv = ["EXAMPLE_TOKEN"]
`;
