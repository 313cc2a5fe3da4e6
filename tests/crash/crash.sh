#!/usr/bin/env bash
# crash: git mlv is killed at every call that changes the file system, and at random moments; disks fill up and fail. After each, no
# byte that was ever committed or in the workspace may be gone, and the same command run again finishes the work.
#
#	MLV_ROUNDS=N   at most N points a command and kind of fault (default 25; MLV_QUICK=1: 6; `make soak`: all points)
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh"

rounds=${MLV_ROUNDS:-25}
[ -z "${MLV_QUICK:-}" ] || rounds=6
preload=$top_builddir/tests/lib/fault.so
[ -e "$preload" ] || skip_all "fault.so was not built"
is_sanitized && skip_all "a sanitizer must be loaded first"

# hashes DIR…: the set of contents below the folders.
hashes() { find "$@" -type f ! -name data.mdb ! -name lock.mdb -print0 | xargs -0 -r sha256sum | cut -c 1-64 | sort -u; }

# template: a repository with two committed versions of a folder and a model, a third one uncommitted, and a pushed clone of the first two.
# work/ and remote/ are copied for each round; $scratch/ledger lists every content that must survive.
template() {
  local t=$scratch/template i
  mkdir -p "$t"
  git init -q "$t/work" && cd "$t/work" || exit 1
  git mlv init -q && git mlv remote add -q -d store ../remote || exit 1
  mkdir -p data/deep/er
  for i in 1 2 3 4 5 6 7 8; do make_file "data/file $i" $((i * 700)) "a$i"; done
  make_file data/deep/er/big 300000 big
  : >data/empty
  make_file model 50000 m1
  git mlv add -q data model && git add -A && git commit -qm one && git tag v1 || exit 1
  hashes data model >"$scratch/ledger.v1"
  make_file "data/file 1" 900 b1
  rm "data/file 2"
  mv "data/file 3" data/deep/three
  make_file data/new 5000 n
  make_file model 60000 m2
  git mlv add -q data model && git commit -qam two && git tag v2 || exit 1
  hashes data model >"$scratch/ledger.v2"
  git mlv push -q --all-commits || exit 1
  cp -a "$t/remote" "$t/remote.full"
  make_file "data/file 4" 1234 c4
  make_file data/later 4321 l
  rm data/new
  hashes data model >"$scratch/ledger.v3"
  sort -u "$scratch"/ledger.v[123] >"$scratch/ledger"
}

# The commands: NAME_prepare brings a fresh copy (cwd: round/work) into position, NAME_run is what is hit, NAME_expect checks the end.
add_prepare() { :; }
add_run() { git-mlv add -q data model; }
add_expect() { [ -z "$(git mlv status --porcelain)" ] && same_as v3; }

commit_prepare() { :; }
commit_run() { git-mlv commit -q; }
commit_expect() { add_expect; }

checkout_prepare() { git mlv add -q data model && git stash -q && git checkout -q v1; }
checkout_run() { git-mlv checkout -q; }
checkout_expect() { same_as v1; }

push_prepare() { rm -rf ../remote; }
push_run() { git-mlv push -q --all-commits; }
push_expect() { git-mlv push --all-commits --verify -q && [ "$(hashes ../remote)" = "$(hashes ../remote.full)" ]; }

pull_prepare() { git mlv add -q data model && git stash -q && rm -rf data model .git/mlv/files; }
pull_run() { git-mlv pull -q; }
pull_expect() { same_as v2; }

gc_prepare() { git mlv add -q data && git checkout -q v1 -- . && git mlv checkout -q --force; }
gc_run() { git-mlv gc -q; }
gc_expect() { same_as v1 && git mlv checkout -q; }

# same_as VERSION: the workspace holds exactly the contents of that version.
same_as() { [ "$(hashes data model)" = "$(cat "$scratch/ledger.$1")" ]; }

# fresh NAME: a new copy of the template, prepared.
fresh() {
  cd "$scratch" || exit 1
  chmod -R u+w round 2>/dev/null
  rm -rf round
  cp -a template round && cd round/work && "$1_prepare" >/dev/null 2>&1
}

# survived: every content of the ledger is still somewhere: workspace, store or remote.
survived() { [ -z "$(hashes "$scratch/round" | comm -13 - "$scratch/ledger")" ]; }

# faulted NAME ACTION N: run NAME once with that fault.
faulted() {
  (LD_PRELOAD=$preload FAULT_AT=$3 FAULT_ACTION=$2 "$1_run" >"$scratch/out" 2>&1)
}

# sweep NAME ACTION: faults spread over all calls that NAME makes.
sweep() {
  local name=$1 action=$2 total step n
  fresh "$name" || { note "cannot prepare $name"; return 1; }
  rm -f "$scratch/calls"
  (LD_PRELOAD=$preload FAULT_REPORT=$scratch/calls "${name}_run") >"$scratch/out" 2>&1 || { note "$name fails: $(cat "$scratch/out")"; return 1; }
  total=$(sort -n "$scratch/calls" | tail -n 1)
  step=$(((total + rounds - 1) / rounds))
  [ "$step" -gt 0 ] || step=1
  for ((n = 1 + RANDOM % step; n <= total; n += step)); do
    fresh "$name" || return 1
    faulted "$name" "$action" "$n"
    survived || { note "$name $action at $n of $total: lost $(hashes . ../remote | comm -13 - "$scratch/ledger" | wc -l)"; return 1; }
    "${name}_run" >"$scratch/out" 2>&1 || { note "$name after $action at $n of $total: $(cat "$scratch/out")"; return 1; }
    "${name}_expect" >"$scratch/out" 2>&1 || { note "$name after $action at $n of $total: wrong end: $(cat "$scratch/out"; git mlv status --porcelain)"; return 1; }
    survived || { note "$name after $action at $n of $total: lost later"; return 1; }
    git mlv fsck --data -q >"$scratch/out" 2>&1 || { note "$name after $action at $n: fsck: $(cat "$scratch/out")"; return 1; }
  done
}

# random_kills NAME: SIGKILL after a random time within what NAME takes.
random_kills() {
  local name=$1 n start span pid
  fresh "$name" || return 1
  start=$(date +%s%N)
  "${name}_run" >/dev/null 2>&1
  span=$((($(date +%s%N) - start) / 1000))
  for ((n = 0; n < rounds; n++)); do
    fresh "$name" || return 1
    (exec 2>/dev/null; "${name}_run" >/dev/null 2>&1) &
    pid=$!
    sleep "$(printf '0.%06d' $((RANDOM * 32768 % (span + 1) % 1000000)))"
    pkill -KILL -P $pid 2>/dev/null
    wait $pid 2>/dev/null
    survived || { note "$name killed at random: lost bytes"; return 1; }
    "${name}_run" >"$scratch/out" 2>&1 || { note "$name after a random kill: $(cat "$scratch/out")"; return 1; }
    "${name}_expect" >"$scratch/out" 2>&1 || { note "$name after a random kill: wrong end"; return 1; }
  done
}

template
for command in add commit checkout push pull gc; do
  for action in kill EIO ENOSPC short; do
    sweep "$command" "$action"
    ok "$command: $action at any call that changes a file system loses nothing and can be run again" $?
  done
  random_kills "$command"
  ok "$command: SIGKILL at random moments loses nothing and can be run again" $?
done
plan
