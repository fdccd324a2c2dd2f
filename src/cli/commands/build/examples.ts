/** What the help of builds shows. */

export const BUILD_EXAMPLES = `
Examples:
  silo build python pip install -r requirements.txt
  silo build --global python pip install poetry     for every project
  silo build node 'apt-get update && apt-get install -y git'
  silo build python --script setup.sh
  silo build python --rerun                         = silo rebuild python
  silo build python --remove

CMD runs as root in a machine of its own, which sees those files of the project
that CMD names and nothing else. It has the network of network.installAllow. If
it succeeds, every later run of the tool here has what it changed. The steps are
recorded in silo.toml as tools.TOOL.post_install; elsewhere \`silo sync\` makes
the same of them.
`;

export const REBUILD_EXAMPLES = `
Examples:
  silo rebuild python    after what a step fetches has changed
  silo rebuild --all
`;

export const ADD_EXAMPLES = `
Examples:
  silo add ripgrep jq                     Debian packages, for this project's tool
  silo add kotlin                         or java, ruby, perl, php, lua, c, haskell
  silo add --for python --global ffmpeg
  silo add --for node --step 'npm install -g pnpm' --no-sync
`;

export const SYNC_EXAMPLES = `
Examples:
  silo sync                               after a clone, or when silo.toml has changed
  silo sync --dry-run
`;

export const CLEAN_EXAMPLES = `
Examples:
  silo clean --dry-run
  silo clean                              in the project
  silo clean --orphaned                   after projects were deleted or moved
`;

export const PROJECTS_EXAMPLES = `
Examples:
  silo projects ls
  silo projects ls --json
`;
