#!/usr/bin/env bash
# concurrency: 8 processes add, check out, commit, push, fetch and collect in two worktrees of one repository at once; nothing is corrupted.
#
#	MLV_SECONDS=N   how long (default 60; MLV_QUICK=1: 8)
# shellcheck source=tests/lib/tap.sh
[ -n "${TMPDIR:-}" ] || ! [ -w /dev/shm ] || export TMPDIR=/dev/shm # where a flush costs nothing, and more commands meet
. "${top_srcdir:-.}/tests/lib/tap.sh"

seconds=${MLV_SECONDS:-60}
[ -z "${MLV_QUICK:-}" ] || seconds=8

git init -q "$scratch/a" && cd "$scratch/a" && git mlv init -q && git mlv remote add -q -d store "$scratch/remote" || exit 1
mkdir shared
for i in $(seq 20); do make_file "shared/$i" $((i * 997)) "s$i"; done
git mlv add -q shared && git add -A && git commit -qm base && git mlv push -q || exit 1
git worktree add -q "$scratch/b" || exit 1
for tree in a b; do (cd "$scratch/$tree" && git mlv checkout -q) || exit 1; done

# worker TREE NUMBER: random commands until the time is over; each may fail because another is at work, but only with words for it.
worker() {
  local tree=$1 number=$2 end=$((SECONDS + seconds)) n=0 file status
  cd "$scratch/$tree" || exit 1
  RANDOM=$number
  while [ $SECONDS -lt $end ]; do
    n=$((n + 1)) file=own-$number
    case $((RANDOM % 9)) in
    0 | 1) make_file "$file" $((RANDOM % 9000)) "$number-$n" && git mlv add -q "$file" ;;
    2) make_file "shared/$((RANDOM % 20 + 1))" $((RANDOM % 9000)) "$number-$n" && git mlv add -q shared ;;
    3) git mlv checkout -q "$file" ;;
    4) git mlv checkout -q --force shared ;;
    5) git mlv push -q ;;
    6) git mlv fetch -q ;;
    7) git mlv gc -q ;;
    8) git mlv status -q --granular ;;
    esac >"$scratch/out.$number" 2>&1
    status=$?
    case $status in
    0 | 1) ;;
    128) grep -qE 'another process|changed while|is held by|neither a tracked path|not tracked|names nothing|does not exist' "$scratch/out.$number" ||
      { cp "$scratch/out.$number" "$scratch/bad.$number"; return 1; } ;;
    *) { echo "exit status $status"; cat "$scratch/out.$number"; } >"$scratch/bad.$number"; return 1 ;;
    esac
  done
  echo $n >"$scratch/count.$number"
}

workers=()
for number in 1 2 3 4 5 6 7 8; do
  if [ $((number % 2)) = 0 ]; then tree=a; else tree=b; fi
  worker $tree $number &
  workers+=($!)
done
bad=0
for pid in "${workers[@]}"; do wait "$pid" || bad=1; done
for f in "$scratch"/bad.*; do [ -e "$f" ] && sed 's/^/# /' "$f"; done
ok "8 processes for $seconds s: every command succeeds or says who is in the way" $bad
note "commands run: $(cat "$scratch"/count.* 2>/dev/null | paste -sd+ | bc 2>/dev/null)"

for tree in a b; do
  cd "$scratch/$tree" && git mlv fsck --data >"$scratch/out" 2>&1
  status=$?
  [ $status = 0 ] || sed 's/^/# /' "$scratch/out"
  ok "fsck --data is clean afterwards in worktree $tree" $status
done
[ -z "$(find "$scratch" -name '.mlv-tmp-*')" ]
ok "nothing half-made is left" $?

status=0
for tree in a b; do
  cd "$scratch/$tree" || exit 1
  for pointer in *.mlv; do
    git mlv add -q "${pointer%.mlv}" 2>/dev/null
    git mlv status -q "${pointer%.mlv}" || { note "$tree/$pointer is not what the workspace holds"; status=1; }
  done
done
ok "every pointer of both worktrees names data that is there" $status
(cd "$scratch/a" && git mlv push -q && git mlv push -q --verify && cd ../b && git mlv push -q)
ok "everything can be pushed" $?
plan
