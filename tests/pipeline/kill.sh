#!/usr/bin/env bash
# kill: `git mlv repro` and its stages are killed at random moments. What was cut off is never taken as done: the next run makes it
# right, and what status calls up to date is what a run without kills gives.
#
#	MLV_ROUNDS=N   kills (default 60; MLV_QUICK=1: 12)
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh"

rounds=${MLV_ROUNDS:-60}
[ -z "${MLV_QUICK:-}" ] || rounds=12

# Its name tells the stages of this test from those of another.
slow=slow-$$.sh

# A chain of folders, files and a metric, each written in pieces with pauses.
write_project() {
  cat >"$slow" <<'END'
# slow-N.sh OUTPUT INPUT…: the output in ten pieces; a name that ends in / is a folder.
out=$1
shift
sum=$(find "$@" -type f | sort | xargs cat | cksum)
case $out in
*/)
  mkdir -p "$out"
  for i in 0 1 2 3 4 5 6 7 8 9; do echo "$sum $i" >"$out$i"; sleep 0.003; done
  ;;
*) for i in 0 1 2 3 4 5 6 7 8 9; do echo "$sum $i"; sleep 0.003; done >"$out" ;;
esac
END
  {
    echo stages:
    for i in 1 2 3 4 5 6; do
      echo "  folder$i: {cmd: sh $slow d$i/ in f$((i - 1)), deps: [in, f$((i - 1)), $slow], outs: [d$i]}"
      echo "  file$i: {cmd: sh $slow f$i d$i, deps: [d$i, $slow], outs: [f$i]}"
      echo "  metric$i: {cmd: sh $slow m$i d$i f$i, deps: [d$i, f$i, $slow], metrics: [{m$i: {cache: false}}]}"
    done
  } >mlv.yaml
  echo 0 >f0
}

sums() { find d? f? m? -type f | sort | xargs sha256sum; }

cd "$scratch" && git init -q right && cd right && git mlv init -q && write_project || exit 1
for v in 0 1 2; do
  echo "version $v" >in
  git mlv repro -q -j 4 >"$scratch/out" 2>&1 || { sed 's/^/# /' "$scratch/out"; ok "a run without kills" 1; plan; exit 1; }
  sums >"$scratch/sums.$v"
done
ok "a run without kills" 0

# killed WHOM: start a run, kill it after a moment: the program alone, its stages alone, or all together.
killed() {
  local pid delay
  printf -v delay '0.%03d' $((RANDOM % 700))
  setsid git-mlv repro -q -j $((RANDOM % 4 + 1)) "${flags[@]}" >"$scratch/out" 2>&1 &
  pid=$!
  sleep "$delay"
  case $1 in
  program) kill -KILL $pid ;;
  stages) pkill -KILL -f "^sh $slow" ;;
  all) kill -KILL $pid; pkill -KILL -f "^sh $slow" ;;
  esac 2>/dev/null
  wait $pid 2>/dev/null
}

# Stages do not outlive the program that runs them, but for moments.
nothing_runs_on() {
  local n
  for ((n = 0; n < 1500; n++)); do
    pgrep -f "^sh $slow" >/dev/null || return 0
    sleep 0.02
  done
  echo "a stage runs on: $(pgrep -af "^sh $slow")"
  return 1
}

# Whatever status does not name is right: a stage's outputs are those of the run without kills.
nothing_cut_off_is_valid() {
  git mlv status --json >"$scratch/status" || [ $? = 1 ] || return
  local i kind out
  for i in 1 2 3 4 5 6; do
    for kind in folder file metric; do
      case $kind in folder) out=d$i ;; file) out=f$i ;; metric) out=m$i ;; esac
      jq -e "has(\"$kind$i\")" "$scratch/status" >/dev/null && continue
      # up to date with what it reads, which may itself be of an older version
      grep -h " $out\(/\|\$\)" "$scratch"/sums.? | sort -u >"$scratch/known"
      find $out -type f | sort | xargs sha256sum | grep -vxFf "$scratch/known" && { echo "$kind$i is called up to date"; return 1; }
    done
  done
  return 0
}

cd "$scratch" && git init -q work && cd work && git mlv init -q && write_project || exit 1
echo "version 0" >in
bad=0
for ((n = 0; n < rounds && !bad; n++)); do
  v=$((RANDOM % 3)) flags=(); [ $((RANDOM % 2)) = 0 ] || flags=(--no-run-cache)
  echo "version $v" >in
  whom=(program stages all)
  killed "${whom[RANDOM % 3]}"
  nothing_runs_on >"$scratch/log" 2>&1 || bad=1
  [ $bad != 0 ] || nothing_cut_off_is_valid >"$scratch/log" 2>&1 || bad=1
  if [ $bad = 0 ] && [ $((RANDOM % 3)) = 0 ]; then
    { git mlv repro -q -j 3 && git mlv status -q && sums | diff "$scratch/sums.$v" -; } >"$scratch/log" 2>&1 || bad=1
  fi
  [ $bad = 0 ] || { note "round $n, version $v"; head -n 20 "$scratch/log" | sed 's/^/# /'; }
done
ok "$rounds kills: no stage runs on, nothing that was cut off is called up to date, and the next run is right" $bad
{ git mlv repro -q -j 3 && git mlv status -q && sums | diff "$scratch/sums.$v" - && git mlv fsck -q; } >"$scratch/log" 2>&1
status=$?
[ $status = 0 ] || tail -n 20 "$scratch/log" | sed 's/^/# /'
ok "the end: all is right, and the store is sound" $status
left=$(find .git/mlv -name '*.part' -o -name 'tmp.*' | head -n 3)
[ -z "$left" ]
ok "nothing half-made stays behind" $?
plan
