#!/usr/bin/env bash
# repro: SIGKILL of `git mlv repro` and of stages at random moments. Whatever was cut off, no stage whose output is not whole counts as
# up to date, nothing runs on, and the next repro makes everything right. MLV_KILLS: how many times (default 12).
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh"

kills=${MLV_KILLS:-12}
RANDOM=${MLV_SEED:-$$}
note "seed ${MLV_SEED:-$$}, $kills kills"

git init -q "$scratch/work"
cd "$scratch/work" || exit 99
git mlv init -q

# Twelve stages in three rows; each writes its output in pieces: for I in 0..11 the words "I LINE SEED" for LINE in 1..20 and what it read.
{
  echo stages:
  for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
    printf '  s%d:\n    cmd: sh ./write %d %s > out%d\n    deps: [write, seed' "$i" "$i" "$([ "$i" -lt 4 ] || echo "out$((i - 4))")" "$i"
    [ "$i" -lt 4 ] || printf ', out%d' $((i - 4))
    printf ']\n    outs: [out%d]\n' "$i"
  done
} >mlv.yaml
cat >./write <<'END'
for line in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  echo "$1 $line $(cat seed)"
  [ $((line % 7)) != 0 ] || sleep 0.01
done
[ -z "$2" ] || cat "$2"
END

# expected I: what stage I writes.
expected() {
  local line
  for line in {1..20}; do echo "$1 $line $seed"; done
  [ "$1" -lt 4 ] || expected $(($1 - 4))
}

# right I: whether its output is whole.
right() { [ "$(cat "out$1" 2>/dev/null)" = "$(expected "$1")" ]; }

# victim: the process to kill: repro itself, or one of its stages.
victim() {
  local pids
  mapfile -t pids < <(pgrep -P "$repro" -x sh)
  if [ $((RANDOM % 3)) = 0 ] && [ ${#pids[@]} -gt 0 ]; then
    echo "${pids[RANDOM % ${#pids[@]}]}"
  else
    echo "$repro"
  fi
}

bad=0
for ((round = 0; round < kills; round++)); do
  [ $((round % 3)) != 0 ] || seed=$round
  echo "$seed" >seed
  git-mlv repro -k -j 3 >"$scratch/out" 2>&1 &
  repro=$!
  sleep "0.$((RANDOM % 25 + 10))"
  kill -KILL "$(victim)" 2>/dev/null
  wait "$repro" 2>/dev/null
  for _ in {1..600}; do
    pgrep -f "^sh ./write " -s 0 >/dev/null || break
    sleep 0.05
  done
  ! pgrep -f "^sh ./write " -s 0 >/dev/null || { note "round $round: a stage runs on: $(pgrep -f "^sh ./write " -s 0 | xargs -n 1 ps -o pid=,ppid=,pgid=,stat=,wchan=,args= -p)"; bad=1; }
  while read -r i; do
    right "$i" || { note "round $round: s$i counts as up to date"; bad=1; }
  done < <(git mlv repro --dry 2>/dev/null | sed -n "s/^Stage 's\([0-9]*\)' didn't change.*/\1/p")
  if [ $((round % 3)) = 2 ]; then
    git mlv repro -q -j 2 >"$scratch/out" 2>&1 || { note "round $round: $(tail -n 3 "$scratch/out")"; bad=1; }
    for i in {0..11}; do
      right "$i" || { note "round $round: s$i is not right"; bad=1; }
    done
    git mlv repro | grep -q "up to date" || { note "round $round: it runs again"; bad=1; }
  fi
done
ok "kills of repro and of stages" $bad
git mlv fsck >/dev/null 2>&1
ok "the store is sound" $?
plan
