#!/usr/bin/env bash
# property: random graphs of stages with random edits. The stages that ran are those that an oracle of thirty lines names, and one at a
# time or eight at once give the same lock file and the same outputs.
#
#	MLV_ROUNDS=N   graphs (default 3; MLV_QUICK=1: 1), MLV_SEED=N   of the first one (default: the time)
# shellcheck source=tests/lib/tap.sh
[ -n "${TMPDIR:-}" ] || ! [ -w /dev/shm ] || export TMPDIR=/dev/shm # what is durable is not the question
. "${top_srcdir:-.}/tests/lib/tap.sh"

rounds=${MLV_ROUNDS:-3} stages=200 edits=6
[ -z "${MLV_QUICK:-}" ] || rounds=1 stages=60
seed=${MLV_SEED:-$EPOCHSECONDS}

# random_graph SEED: a line "STAGE SALT PARAMETER DEPENDENCIES…" each; a dependency is a source "src/N" or the output "out/N" of an earlier stage.
random_graph() {
  awk -v seed="$1" -v n="$stages" 'BEGIN {
    srand(seed)
    for (i = 0; i < n; i++) {
      line = sprintf("%d %d %s", i, int(rand() * 3), rand() < 0.3 ? "p" int(rand() * 10) : "-")
      split("", seen)
      for (k = 1 + int(rand() * 3); k > 0; k--) {
        d = i && rand() < 0.7 ? "out/" int(i * sqrt(rand())) : "src/" int(rand() * 20)
        if (!(d in seen)) line = line " " d
        seen[d]
      }
      print line
    }
  }'
}

# The pipeline file of a graph.
pipeline() {
  awk 'BEGIN { print "stages:" } {
    cmd = "sh run.sh"; for (i = 1; i <= NF; i++) cmd = cmd " " $i
    printf "  s%s:\n    cmd: %s\n    deps: [run.sh", $1, cmd
    for (i = 4; i <= NF; i++) printf ", %s", $i
    printf "]\n%s    outs: [out/%s]\n", $3 == "-" ? "" : "    params: [" $3 "]\n", $1
  }' graph >mlv.yaml
}

# A stage adds up what it reads and keeps the rest of a division by three: often the same as before.
write_run() {
  cat >run.sh <<'END'
i=$1 sum=$2 p=$3
shift 3
for f; do read -r v <"$f"; sum=$((sum + v)); done
[ "$p" = - ] || while read -r key v; do [ "$key" != "$p:" ] || sum=$((sum + v)); done <params.yaml
echo $((sum % 3)) >"out/$i"
echo "$i" >>"$RUNS"
END
}

# The oracle: from the graph, the sources and parameters now, the outputs that were damaged, and what it said last time, the stages
# that must run; its memory goes to oracle.new.
oracle() {
  awk '
    FILENAME == "params.yaml" { now[substr($1, 1, length($1) - 1)] = $2; next }
    FILENAME == "sources" { now[$1] = $2; next }
    FILENAME == "damaged" { damaged[$1]; next }
    FILENAME == "oracle.old" { old[$1] = $2; next }
    {
      sum = $2 + ($3 == "-" ? 0 : now[$3])
      read = $2 ";" $3 (($3 == "-") ? "" : now[$3])
      for (i = 4; i <= NF; i++) { sum += now[$i]; read = read ";" $i "=" now[$i] }
      now["out/" $1] = sum % 3
      if (old[$1] != read || ("out/" $1) in damaged) print $1
      print $1, read >"oracle.new"
    }' params.yaml sources damaged oracle.old graph | sort
  mv oracle.new oracle.old
}

sources() { for f in src/*; do echo "$f $(<"$f")"; done >sources; }

# edit: a few random changes of the kinds that there are.
edit() {
  local n victim
  : >damaged
  for ((n = RANDOM % 6; n >= 0; n--)); do
    victim=$((RANDOM % stages))
    case $((RANDOM % 6)) in
    0 | 1) echo $((RANDOM % 3)) >"src/$((RANDOM % 20))" ;;
    2) sed -i "s/^\(p$((RANDOM % 10)):\) .*/\1 $((RANDOM % 5))/" params.yaml ;;
    3) awk -v v=$victim '$1 == v { $2 = ($2 + 1) % 3 } { print }' graph >graph.new && mv graph.new graph ;;
    4) rm -f "out/$victim" && echo "out/$victim" >>damaged ;;
    5) echo 7 >"out/$victim" && echo "out/$victim" >>damaged ;;
    esac
  done
  pipeline
  sources
}

# turn JOBS: run it; whether the right ones ran, and nothing is left to do.
turn() {
  export RUNS=$PWD/runs
  : >runs
  git mlv repro --no-run-cache -j "$1" >said 2>&1 || { tail -n 20 said; return 1; }
  oracle >expected
  sort runs | diff expected - >differs || { head -n 20 differs; return 1; }
  git mlv status -q || { git mlv status --explain | head -n 20; return 1; }
}

round() {
  local n
  mkdir "$scratch/$1" && cd "$scratch/$1" && git init -q && git mlv init -q && mkdir src out || return
  RANDOM=$1
  random_graph "$1" >graph
  write_run
  for n in {0..19}; do echo $((n % 3)) >"src/$n"; done
  for n in {0..9}; do echo "p$n: $n"; done >params.yaml
  : >damaged
  : >oracle.old
  pipeline
  sources
  for ((n = 0; n <= edits; n++)); do
    [ $n = 0 ] || edit
    rm -rf "$scratch/twin" && cp -rp . "$scratch/twin" || return
    turn 1 || return
    (cd "$scratch/twin" && turn 8) || return
    cmp mlv.lock "$scratch/twin/mlv.lock" && diff -r -x .gitignore out "$scratch/twin/out" || return
    diff <(sort out/.gitignore) <(sort "$scratch/twin/out/.gitignore") || return
    echo "edit $n: $(wc -l <runs) of $stages ran"
  done
}

for ((r = 0; r < rounds; r++)); do
  (round $((seed + r))) >"$scratch/log" 2>&1
  status=$?
  head -n 30 "$scratch/log" | sed 's/^/# /'
  ok "$stages stages, $edits edits, seed $((seed + r))" $status
done
plan
