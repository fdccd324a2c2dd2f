# Sourced by the scripts: finds Deno, or fetches it, and sets SILO_DENO to its path. Expects $root, the checkout.
#
# What is found is linked into build/, where scripts/silo finds it without looking. Deno's own cache is kept in the
# toolchain cache, so that checkouts share it and a run needs nothing of the caller's home.

deno_version=2.9.6
toolchain=${SILO_TOOLCHAIN:-${XDG_CACHE_HOME:-$HOME/.cache}/silo-toolchain}

# A network that inspects TLS has its authority in the host's store, which Deno does not read by itself.
export DENO_TLS_CA_STORE=${DENO_TLS_CA_STORE:-system,mozilla}
export DENO_NO_UPDATE_CHECK=1

# Prints the path of a Deno of the right major and minor version, if $1 is one.
usable_deno() {
  case $("$1" --version 2>/dev/null) in "deno ${deno_version%.*}."*) printf '%s\n' "$1" ;; *) return 1 ;; esac
}

fetch_deno() {
  local platform sha512='' target=$toolchain/deno-$deno_version work
  case $(uname -s)-$(uname -m) in
    Linux-x86_64)
      platform=linux-x64-glibc
      sha512=de67784ca2c2bb3b0b0e67cea02e4a37b34065ac525643209bae2f83a7e80f4d090400c2a584b6ff942a5dfce09cfe59433de22cff6f05026d120735d7a380a1
      ;;
    # npm checks these against what the registry says.
    Linux-aarch64) platform=linux-arm64-glibc ;;
    Darwin-arm64) platform=darwin-arm64 ;;
    Darwin-x86_64) platform=darwin-x64 ;;
    *) echo "silo: could not fetch Deno: there is none for $(uname -s) on $(uname -m)" >&2 && return 125 ;;
  esac
  if ! command -v npm >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "silo: installing npm, to fetch Deno with it" >&2
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install npm; } >/dev/null
  fi
  if ! command -v npm >/dev/null; then
    echo "silo: could not fetch Deno $deno_version: npm is not installed" >&2
    case $platform in
      darwin-*) echo "  Install Deno ${deno_version%.*} yourself, or npm: brew install deno, or brew install node" >&2 ;;
      *) echo "  Install Deno ${deno_version%.*} yourself, or npm: sudo apt-get install --no-install-recommends npm" >&2 ;;
    esac
    return 125
  fi
  echo "silo: fetching Deno $deno_version from the npm registry" >&2
  mkdir -p "$toolchain"
  work=$(mktemp -d "$toolchain/.deno.XXXXXX")
  if (cd "$work" && npm pack --silent "@deno/$platform@$deno_version" >/dev/null) && mv "$work"/*.tgz "$work/deno.tgz" &&
    { [ -z "$sha512" ] || echo "$sha512  $work/deno.tgz" | sha512sum --check --quiet; } &&
    tar -xzf "$work/deno.tgz" -C "$work" --strip-components=1 package/deno && chmod 755 "$work/deno" &&
    rm "$work/deno.tgz" && usable_deno "$work/deno" >/dev/null; then
    chmod 755 "$work"
    # rename(2), which a Mac's mv does not have without looking into the target. Another process may have been quicker:
    # then its copy stays.
    FROM=$work TO=$target DENO_DIR=$toolchain/deno-cache "$work/deno" eval --no-config --no-lock \
      'Deno.renameSync(Deno.env.get("FROM"), Deno.env.get("TO"))' 2>/dev/null || rm -rf "$work"
  else
    rm -rf "$work"
    echo "silo: could not fetch Deno $deno_version from the npm registry" >&2
    return 125
  fi
}

find_deno() {
  local candidate
  for candidate in "${SILO_DENO:-}" "$root/build/deno" "$toolchain/deno-$deno_version/deno" "$(command -v deno || true)"; do
    [ -n "$candidate" ] && usable_deno "$candidate" && return
  done
  fetch_deno && usable_deno "$toolchain/deno-$deno_version/deno"
}

SILO_DENO=$(find_deno) || exit 125
mkdir -p "$root/build" "$toolchain/deno-cache"
[ "$SILO_DENO" -ef "$root/build/deno" ] || ln -sfn "$SILO_DENO" "$root/build/deno"
[ "$toolchain/deno-cache" -ef "$root/build/deno-cache" ] || ln -sfn "$toolchain/deno-cache" "$root/build/deno-cache"
export SILO_DENO DENO_DIR=$root/build/deno-cache
