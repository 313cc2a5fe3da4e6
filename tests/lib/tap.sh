# shellcheck shell=bash
# tap: what our shell tests share: TAP lines, a private world for Git, data whose hashes are known. Sourced.
#
# A test that uses this file runs from any directory, makes all it needs in $scratch and leaves nothing behind.

set -u
tap_count=0
tap_failed=0
top_srcdir=${top_srcdir:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
top_builddir=${top_builddir:-$PWD}
top_srcdir=$(cd "$top_srcdir" && pwd)
top_builddir=$(cd "$top_builddir" && pwd)
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT

# Leaks are for unit tests to find: here a thread of GLib's pool may still be ending when the process does, its error queue in hand.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export PATH=$top_builddir:$PATH
export GIT_MLV_EXEC_PATH=$top_builddir
export HOME=$scratch/home GIT_CONFIG_NOSYSTEM=1 LC_ALL=C.UTF-8 TZ=UTC
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_MLV_TRACE XDG_CONFIG_HOME
mkdir -p "$HOME"
git config --global init.defaultBranch main
git config --global protocol.file.allow always
git config --global advice.detachedHead false

# ok NAME STATUS: one TAP line.
ok() {
  tap_count=$((tap_count + 1))
  if [ "$2" = 0 ]; then
    printf 'ok %d - %s\n' "$tap_count" "$1"
  else
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$1"
  fi
}

# skip NAME WHY: a test that cannot run here.
skip() {
  tap_count=$((tap_count + 1))
  printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# plan: the closing line; exit status 1 if anything failed.
plan() {
  printf '1..%d\n' "$tap_count"
  [ "$tap_failed" = 0 ]
}

# skip_all WHY: end here, all skipped.
skip_all() {
  printf '1..0 # SKIP %s\n' "$1"
  exit 0
}

# note TEXT: a comment in the TAP stream.
note() { printf '# %s\n' "$*"; }

# is_sanitized: whether the programs were built with a sanitizer (then nothing can be preloaded before it).
is_sanitized() { ldd "$top_builddir/git-mlv" | grep -qE 'lib(asan|tsan)' || nm -C "$top_builddir/git-mlv" 2>/dev/null | grep -q __asan_init; }

# make_file PATH BYTES SEED: a file whose content depends on the seed alone.
make_file() { openssl enc -aes-128-ctr -pass "pass:$3" -nosalt -pbkdf2 -iter 1 </dev/zero 2>/dev/null | head -c "$2" >"$1"; }
