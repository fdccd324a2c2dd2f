/**
 * A `silo.toml` to begin with: everything in it is a comment.
 *
 * @module
 */

/** `silo config default`, `silo config init`. */
export function templateText(kind: "user" | "project"): string {
  const whose = kind === "user" ? "Your own settings, for every project." : "What the sandbox of this project may do.";
  return `# ${whose} docs/configuration.md explains every key; what stands here is
# what holds if nothing is said, or an example.

# tool = "node"                 # what \`silo\` alone runs
# passEnv = []                  # variables of your environment, by name
# passFiles = []                # single files, read-only: "~/.npmrc"
# passSshAgent = false          # your ssh agent, to sign with: true, or fingerprints of keys: ["SHA256:…"]
# ports = []                    # ports of this machine that lead into the sandbox: 5173, "8080:80", or "auto"
# venv = true                   # a .venv of the project is active for pythons
# gitIdentity = true            # git's author and committer are passed on
# gitWorktree = true            # of a linked worktree the repository is there, too
# pre_run_hooks = []            # shell lines in the sandbox before each run
# post_build_hooks = []         # shell lines once per image

# [env]                         # variables with a fixed value
# DEBUG = "1"

# [secrets.API_TOKEN]           # the sandbox sees a placeholder, these hosts get the value
# from = "env:API_TOKEN"        # or "file:~/token"
# hosts = ["api.example.com"]

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
# installAllow = []             # while tools are installed and built only
# deny = []                     # whatever else allows them
# hostPorts = []                # ports of this machine, as host.silo.internal
# hostAccess = false            # true: a network even if no rule names a host
# hostCertificates = true       # authorities that you added to this machine count in the sandbox

# [resources]
# cpus = 4
# memoryMB = 2048
# rootfsSizeMB = 8192
# processes = 4096              # at one time (no limit)
# timeoutSeconds = 600          # (no limit)

# [tools.python]                # any of it for one tool only, and:
# version = "3.13"
# post_install = []             # commands that complete its image: silo build, silo add
# [tools.python.env]
# PYTHONUTF8 = "1"
${kind === "user" ? OWN : ""}`;
}

const OWN = `
# [repos."github.com/example"]  # any of it for projects with such a git remote
# passEnv = ["EXAMPLE_TOKEN"]

# [cache.rootfs]                # what is kept; docs/caches.md
# maxSizeMB = 8192
# maxAgeDays = 60

# [cache.tools]                 # of each tool
# maxSizeMB = 4096
# maxAgeDays = 30
# perMount = { "rust/cargo" = 8192 }

# [registries]                  # where images come from; docs/images.md
# plainHttp = []                # may be asked without TLS
# [registries.mirrors]
# "docker.io" = []              # asked first, in this order
`;
