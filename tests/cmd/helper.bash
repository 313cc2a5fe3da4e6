# shellcheck shell=bash
# helper: what command tests share. `load helper` in every .bats file; setup() gives each test an empty folder and a private Git.
#
#	new_project            a Git repository with a native project, and go there
#	new_dvc_project        the same with a DVC project, written by hand
#	put FILE TEXT          a file with these bytes, its folders made
#	have FILE TEXT         the file has exactly these bytes
#	service_up NAME        for setup_file(): start a server of tests/services; assignments in $BATS_FILE_TMPDIR/NAME.env; without it
#	                       all tests are skipped
#	service_down NAME      for teardown_file()
#	bound COMMAND…         run it as one whom permissions bind, also as root; fails where that cannot be
#	mlv …                  `run git mlv …`; output, stderr (through --separate-stderr) and status as bats has them

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert
bats_load_library bats-file

# bats 1.8 takes a skip in setup_file() for a failure: so each test skips by itself.
service_up() {
  export SERVICE=$BATS_TEST_DIRNAME/../services/service SERVICE_OWNER=$$
  local status=0
  "$SERVICE" "$1" up "$BATS_FILE_TMPDIR/$1" >"$BATS_FILE_TMPDIR/$1.env" 2>"$BATS_FILE_TMPDIR/$1.why" || status=$?
  [ $status != 77 ] || NO_SERVICE="$1: $(tail -n 1 "$BATS_FILE_TMPDIR/$1.why")"
  export NO_SERVICE
  [ $status = 0 ] || [ $status = 77 ] || cat "$BATS_FILE_TMPDIR/$1.why"
  [ $status = 0 ] || [ $status = 77 ]
}

service_down() {
  [ -n "${NO_SERVICE:-}" ] || "$SERVICE" "$1" down "$BATS_FILE_TMPDIR/$1"
}

setup() {
  [ -z "${NO_SERVICE:-}" ] || skip "$NO_SERVICE"
  top_builddir=${top_builddir:-$PWD}
  # Leaks are for unit tests to find: here a thread of GLib's pool may still be ending when the process does, its error queue in hand.
  export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
  export PATH=$top_builddir:$PATH GIT_MLV_EXEC_PATH=$top_builddir
  export HOME=$BATS_TEST_TMPDIR/home GIT_CONFIG_NOSYSTEM=1 LC_ALL=C.UTF-8 TZ=UTC GIT_PAGER=cat
  export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
  unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_MLV_TRACE XDG_CONFIG_HOME
  mkdir -p "$HOME"
  git config --global init.defaultBranch main
  git config --global protocol.file.allow always
  git config --global advice.detachedHead false
  cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
  chmod -R u+w "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

new_project() {
  git init -q "${1:-work}"
  cd "${1:-work}" || return 1
  git mlv init -q
}

new_dvc_project() {
  git init -q "${1:-work}"
  cd "${1:-work}" || return 1
  mkdir -p .dvc/tmp
  printf '/config.local\n/tmp\n/cache\n' >.dvc/.gitignore
  : >.dvc/config
  : >.dvcignore
  git add .dvc .dvcignore
}

bound() {
  local drop=()
  [ "$(id -u)" != 0 ] || drop=(setpriv "--bounding-set=-dac_override,-dac_read_search")
  "${drop[@]}" "$@"
}

put() {
  mkdir -p "$(dirname "$1")"
  printf '%s' "$2" >"$1"
}

have() {
  [ "$(cat "$1"; echo x)" = "$2x" ] || fail "$1 holds '$(cat "$1")', not '$2'"
}

mlv() { run --separate-stderr git mlv "$@"; }

# commit_all MESSAGE: everything that Git sees.
commit_all() { git add -A && git commit -qm "$1"; }

# objects [DIR]: how many objects the native store has, or a remote.
objects() { find "${1:-.git/mlv/files}" -type f -not -path '*/.mlv/*' 2>/dev/null | wc -l; }

# wait_for FILE: until it is there, up to 20 s.
wait_for() {
  for _ in {1..400}; do
    [ -e "$1" ] && return
    sleep 0.05
  done
  return 1
}
