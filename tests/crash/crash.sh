#!/usr/bin/env bash
# crash: git mlv is killed at every call that changes the file system, and at random moments; disks fill up and fail, reads fail,
# somebody presses Ctrl-C. After each, no byte that was ever committed or in the workspace may be gone, nothing is claimed that
# is not so, and the same command run again finishes the work and leaves nothing half-made behind.
#
#	MLV_ROUNDS=N         at most N points a command and kind of fault (default 4; MLV_QUICK=1: 1; `make soak`: all points,
#	                     and 100 random moments)
#	MLV_SEED=N           which points: a run tells its own
#	MLV_SCENARIOS="A B"  only these, of NAME or NAME:VARIANT as in the test names
# shellcheck source=tests/lib/tap.sh
[ -n "${TMPDIR:-}" ] || ! [ -w /dev/shm ] || export TMPDIR=/dev/shm # where a flush costs nothing
. "${top_srcdir:-.}/tests/lib/tap.sh"

rounds=${MLV_ROUNDS:-4}
[ -z "${MLV_QUICK:-}" ] || rounds=1
seed=${MLV_SEED:-$$}
RANDOM=$seed
preload=$top_builddir/tests/lib/fault.so
[ -e "$preload" ] || skip_all "fault.so was not built"
is_sanitized && skip_all "a sanitizer must be loaded first"
note "MLV_SEED=$seed"
points=0

# hashes PATH…: the set of contents below, links followed into the store.
hashes() { find -L "$@" -type f ! -name '*.mdb*' -print0 2>/dev/null | xargs -0 -r sha256sum | cut -c 1-64 | sort -u; }

# same_as VERSION: the workspace holds exactly the contents of that version.
same_as() { [ "$(hashes data model)" = "$(cat "$scratch/ledger.$1")" ]; }

# template VARIANT: a repository with two committed and pushed versions of a folder and a model, a third one uncommitted.
# $scratch/ledger lists every content that must survive.
template() {
  local i pointers=mlv
  cd "$scratch" || exit 1
  rm -rf round
  git init -q round/work && cd round/work || exit 1
  if [ "$1" = dvc ]; then
    mkdir .dvc && printf '/config.local\n/tmp\n/cache\n' >.dvc/.gitignore && : >.dvc/config && : >.dvcignore
  else
    git mlv init -q
  fi || exit 1
  [ "$1" != dvc ] || pointers=dvc
  git mlv remote add -q -d store "$scratch/round/remote" || exit 1
  case $1 in hardlink | symlink) git config mlv.links "$1" ;; esac
  mkdir -p data/deep/er
  for i in 1 2 3 4 5 6 7 8; do make_file "data/file $i" $((i * 700)) "a$i"; done
  make_file data/deep/er/big 300000 big
  : >data/empty
  make_file model 50000 m1
  git mlv add -q data model && git add -A && git commit -qm one && git tag v1 || exit 1
  hashes data model >"$scratch/ledger.v1"
  git mlv unprotect -q data model
  make_file "data/file 1" 900 b1
  rm "data/file 2"
  mv "data/file 3" data/deep/three
  make_file data/new 5000 n
  make_file model 60000 m2
  git mlv add -q data model && git commit -qam two && git tag v2 || exit 1
  hashes data model >"$scratch/ledger.v2"
  git mlv push -q --all-commits || exit 1
  hashes ../remote >"$scratch/remote.$1"
  git mlv unprotect -q data model
  make_file "data/file 4" 1234 c4
  make_file data/later 4321 l
  rm data/new
  hashes data model >"$scratch/ledger.v3"
  sort -u "$scratch"/ledger.v[123] >"$scratch/ledger"
  [ -e "data.$pointers" ] || exit 1
  rm -rf ../../template."$1" && mv ../../round ../../template."$1"
}

# The commands. NAME_prepare brings the copy (cwd: round/work) into position; NAME_run is what is hit; NAME_expect checks the end;
# NAME_ledger, where there is one, lists what there is to lose after _prepare.
add_prepare() { :; }
add_run() { git-mlv add -q data model; }
add_expect() { [ -z "$(git mlv status --porcelain)" ] && same_as v3; }

commit_prepare() { :; }
commit_run() { git-mlv commit -q; }
commit_expect() { add_expect; }

adopt_prepare() { mkdir -p ../outside/sub && make_file ../outside/one 3000 o1 && make_file ../outside/sub/two 200000 o2; }
adopt_run() { git-mlv add -q -o taken ../outside; }
adopt_expect() { [ -e taken.mlv ] && [ -z "$(git mlv status --porcelain taken)" ] && [ "$(hashes taken)" = "$(hashes ../outside)" ]; }

checkout_prepare() { git mlv add -q data model && git stash -q && git checkout -q v1; }
checkout_run() { git-mlv checkout -q; }
checkout_expect() { same_as v1; }

# What is unsaved is dropped because the user says so.
force_prepare() { git mlv add -q model && make_file data/dropped 777 d && rm data/deep/three && git checkout -q v1 -- .; }
force_run() { git-mlv checkout -q --force; }
force_expect() { same_as v1; }
force_ledger() { sort -u "$scratch"/ledger.v[12]; }

# As the first push of all: the remote is not there, and nothing is known of it.
push_prepare() { rm -rf ../remote .git/mlv/remotes .dvc/tmp/mlv/remotes; }
push_run() { git-mlv push -q --all-commits; }
push_expect() { git-mlv push --all-commits --verify -q && [ "$(hashes ../remote)" = "$(cat "$scratch/remote.$variant")" ]; }

pull_prepare() { git mlv add -q data model && git stash -q && rm -rf data model .git/mlv/files .dvc/cache; }
pull_run() { git-mlv pull -q; }
pull_expect() { same_as v2; }
pull_ledger() { sort -u "$scratch"/ledger.v[12]; }

gc_prepare() { git mlv add -q data && git checkout -q v1 -- . && git mlv checkout -q --force; }
gc_run() { git-mlv gc -q; }
gc_expect() { same_as v1 && git mlv checkout -q; }

prune_prepare() { gc_prepare; }
prune_run() { git-mlv gc -q --prune=now -f; }
prune_expect() { gc_expect; }
prune_ledger() { sort -u "$scratch"/ledger.v[12]; }

cloud_prepare() { git mlv add -q data model && git mlv push -q && git checkout -q v2 -- . && git mlv checkout -q; }
cloud_run() { git-mlv gc -q -c -f; }
cloud_expect() { same_as v2 && git mlv push -q --all-commits && git mlv push -q --all-commits --verify; }

move_prepare() { git mlv add -q data model; }
move_run() { git-mlv move data moved/here; }
move_expect() { [ ! -e data ] && [ "$(hashes moved/here model)" = "$(cat "$scratch/ledger.v3")" ] && [ -z "$(git mlv status --porcelain)" ]; }

remove_prepare() { git mlv add -q data model; }
remove_run() { git-mlv remove -q --outs data; }
remove_expect() { [ ! -e data ] && [ ! -e data.mlv ] && [ -z "$(git mlv status --porcelain)" ]; }

unprotect_prepare() { git mlv add -q data model; }
unprotect_run() { git-mlv unprotect -q data model; }
unprotect_expect() { same_as v3 && [ -z "$(find data model \( -type l -o -type f -links +1 \) -print)" ]; }

relink_prepare() { unprotect_prepare && git mlv unprotect -q data model; }
relink_run() { git-mlv checkout -q --relink; }
relink_expect() { same_as v3 && [ -n "$(find data model \( -type l -o -type f -links +1 \) -print)" ]; }

# survived: every content that there was is still somewhere: workspace, store or remote, and the trash after a collection.
survived() {
  local skip=(-path '*/mlv/trash/*' -prune -o)
  case $name in gc | cloud) skip=() ;; esac
  [ -z "$(find "$scratch/round" "${skip[@]}" -type f ! -name '*.mdb*' -print0 | xargs -0 -r sha256sum | cut -c 1-64 | sort -u |
    comm -13 - "$scratch/held")" ]
}

# prepare NAME VARIANT: $scratch/prepared, from which each round is copied.
prepare() {
  cd "$scratch" || exit 1
  chmod -R u+w round prepared 2>/dev/null
  rm -rf round prepared
  cp -a "template.$2" round && cd round/work || exit 1
  "$1_prepare" >"$scratch/out" 2>&1 || { sed 's/^/# /' "$scratch/out"; return 1; }
  if declare -F "$1_ledger" >/dev/null; then "$1_ledger"; else cat "$scratch/ledger"; fi >"$scratch/held"
  case $1 in remove | prune) ;; *) survived || { note "$1_prepare lost something itself"; return 1; } ;; esac
  cd "$scratch" && cp -a round prepared
}

# fresh: a new copy under the same path, with a warm index every other time.
fresh() {
  cd "$scratch" && chmod -R u+w round 2>/dev/null
  rm -rf round
  cp -a prepared round && cd round/work || exit 1
  points=$((points + 1))
  [ $((points % 2)) = 0 ] || git mlv status -q >/dev/null 2>&1
}

# leftovers: half-made things in the round, one a line.
leftovers() { find "$scratch/round" -name '.mlv-tmp-*' -print; }

# is_swept: nothing half-made is left, once something was stored and pushed: the dead batch of a store goes when a new one begins.
is_swept() {
  [ -n "$(leftovers)" ] || return 0
  leftovers | grep -qv '/\.\?mlv/tmp/' && return 1
  make_file another 100 "$RANDOM" && git mlv add -q another && git mlv push -q another && [ -z "$(leftovers)" ]
}

# finishes: the command run again succeeds, or has nothing to do any more because it was done.
finishes() {
  "${name}_run" >"$scratch/out" 2>&1 && return 0
  case $name in move | remove | adopt) "${name}_expect" >/dev/null 2>&1 ;; *) return 1 ;; esac
}

# settles WHAT: what must hold after WHAT went wrong, and after the command was run again.
settles() {
  local what="$name $1"
  survived || { note "$what: lost something"; return 1; }
  finishes || { note "$what, then again: $(head -n 3 "$scratch/out")"; return 1; }
  "${name}_expect" >"$scratch/out" 2>&1 || { note "$what, then again: wrong end: $(head -n 3 "$scratch/out"; git mlv status --porcelain)"; return 1; }
  survived || { note "$what: lost something later"; return 1; }
  is_swept || { note "$what: left over: $(leftovers | head -n 3)"; return 1; }
  git mlv fsck --data -q >"$scratch/out" 2>&1 || { note "$what: fsck: $(cat "$scratch/out")"; return 1; }
}

# is_honest ACTION: the exit status tells what happened: success means success, Ctrl-C ends by the signal and leaves nothing
# half-made, writes that come in parts are no failure at all, and nothing crashes.
is_honest() {
  local text
  text=$(head -n 3 "$scratch/out")
  case $1:$status in
  kill:0) note "$name: the kill came to nothing" && return 1 ;;
  kill:137 | interrupt:130) ;;
  interrupt:128 | short:[!0]*) note "$name: exit status $status: $text" && return 1 ;;
  *:0) "${name}_expect" >/dev/null 2>&1 || { note "$name: claims success: $text"; return 1; } ;;
  *:1 | *:128) ;;
  *) note "$name: exit status $status: $text" && return 1 ;;
  esac
  [ "$1" != interrupt ] || [ -z "$(leftovers)" ] || { note "$name: Ctrl-C leaves $(leftovers | head -n 3)"; return 1; }
}

# sweep ACTION: faults spread over all calls that the command makes.
sweep() {
  local action=$1 total step n status start column=1
  [ "$action" != read ] || column=2
  fresh
  rm -f "$scratch/calls"
  (LD_PRELOAD=$preload FAULT_REPORT=$scratch/calls "${name}_run") >"$scratch/out" 2>&1 || { note "$name fails: $(cat "$scratch/out")"; return 1; }
  total=$(cut -d ' ' -f $column "$scratch/calls" | sort -n | tail -n 1)
  [ "$total" -gt 0 ] || { note "$name: no calls"; return 1; }
  step=$(((total + rounds - 1) / rounds))
  for ((n = 1 + RANDOM % step; n <= total; n += step)); do
    fresh
    start=$(date +%s%N)
    (LD_PRELOAD=$preload FAULT_AT=$n FAULT_ACTION=$action "${name}_run") >"$scratch/out" 2>&1
    status=$?
    [ "$action" != interrupt ] || [ $((($(date +%s%N) - start) / 1000000)) -lt 2000 ] || { note "$name: Ctrl-C at $n takes its time"; return 1; }
    # A thread that comes in another order may make a call less than the run that counted.
    if [ $n -ge $((total - 3)) ] && [ "$action:$status" = kill:0 ]; then status=137; fi
    is_honest "$action" || { note "that was $action at $n of $total"; return 1; }
    settles "$action at $n of $total" || return 1
  done
}

# random_kills: SIGKILL after a random time within what the command takes.
random_kills() {
  local start span pid n
  fresh
  start=$(date +%s%N)
  "${name}_run" >/dev/null 2>&1
  span=$((($(date +%s%N) - start) / 1000))
  for ((n = 0; n < rounds && n < 100; n++)); do
    fresh
    (exec 2>/dev/null; "${name}_run" >/dev/null 2>&1) &
    pid=$!
    sleep "$(printf '0.%06d' $((RANDOM * 32768 % (span + 1) % 1000000)))"
    pkill -KILL -P $pid 2>/dev/null
    wait $pid 2>/dev/null
    settles "killed at random" || return 1
  done
}

# suite NAME VARIANT ACTION…: all faults of one command.
suite() {
  local name=$1 variant=$2 action
  [ -z "${MLV_SCENARIOS:-}" ] || [[ " $MLV_SCENARIOS " = *" $name "* || " $MLV_SCENARIOS " = *" $name:$variant "* ]] || return
  prepare "$name" "$variant"
  ok "$name:$variant can be prepared" $?
  shift 2
  for action; do
    if [ "$action" = random ]; then random_kills; else sweep "$action"; fi
    ok "$name:$variant: $action loses nothing, tells the truth and can be run again" $?
  done
}

for variant in copy hardlink symlink dvc; do (template $variant) || exit 1; done
cd "$scratch" || exit 1
for command in add checkout push pull; do suite $command copy kill EIO ENOSPC short read interrupt random; done
for command in commit adopt force gc move remove; do suite $command copy kill EIO read interrupt; done
for command in prune cloud; do suite $command copy kill EIO interrupt; done
for variant in hardlink symlink; do
  for command in add checkout force unprotect relink; do suite $command $variant kill EIO; done
done
for command in add checkout push pull; do suite $command dvc kill EIO; done
note "$points rounds"
plan
