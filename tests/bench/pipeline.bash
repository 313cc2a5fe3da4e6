# shellcheck shell=bash disable=SC2154
# pipeline.bash: the rows of bench.sh about stages: a pipeline in which nothing changed, many trivial stages, large graphs.

# stage_project COUNT: stages that read a file, and every other one the output of the one before; nothing has run yet. A hundred
# outputs share a folder: each has a line in its .gitignore, and git compares every file with every line.
stage_project() {
  cd "$scratch" && bury "$p" && git init -q "$p" && cd "$p" && git mlv init -q && mkdir in && seq "$1" | split -l 1 -a 5 -d - in/ &&
    (seq 0 $((($1 - 1) / 100)) | sed 's,^,out/,' | xargs mkdir -p) &&
    awk -v n="$1" 'function name(i) { return sprintf("%d/%05d", i / 100, i) }
      BEGIN {
        print "stages:"
        for (i = 0; i < n; i++) {
          f = sprintf("%05d", i)
          more = i % 2 ? " out/" name(i - 1) : ""
          printf "  s%s:\n    cmd: cat in/%s%s >out/%s\n    deps: [in/%s%s]\n    outs: [out/%s]\n", f, f, more, name(i), f, more ? "," more : "", name(i)
        }
      }' >mlv.yaml
}

# The commands alone, by the shell that runs them in stages, too.
run_commands() { sed -n 's/^    cmd: //p' mlv.yaml | while read -r cmd; do /bin/sh -c "$cmd"; done; }

# in_seconds NAME BOUND COMMAND: the median time of a command against a bound in seconds.
in_seconds() {
  local n
  wanted "$1" || return 0
  rm -f "$scratch/ours"
  for ((n = 0; n < runs; n++)); do timed "cd $p" "$3" >>"$scratch/ours"; done
  awk -v n="$1" -v b="$2" -v y="$(median "$scratch/ours")" 'BEGIN {
    if (y == "-") { printf "%-56s FAILED\n", n; exit }
    printf "%-56s %11s %9.3f s         <= %-5s %s\n", n, "", y, b " s", y <= b ? "met" : "MISSED" }'
}

# overhead NAME COUNT BOUND: what `repro` of COUNT stages takes beyond their commands alone, for each in milliseconds.
overhead() {
  local n
  wanted "$1" || return 0
  rm -f "$scratch/base" "$scratch/ours"
  for ((n = 0; n < (runs + 1) / 2; n++)); do
    timed "stage_project $2" run_commands >>"$scratch/base"
    timed "stage_project $2" "SHELL=/bin/sh git mlv repro -q -j 1" >>"$scratch/ours"
  done
  awk -v n="$1" -v c="$2" -v b="$3" -v x="$(sort -g "$scratch/base" | head -n 1)" -v y="$(sort -g "$scratch/ours" | head -n 1)" 'BEGIN {
    if (x == "-" || y == "-") { printf "%-56s FAILED\n", n; exit }
    ms = (y - x) * 1000 / c
    printf "%-56s %9.3f s %9.3f s %6.2f ms <= %-3s %s\n", n, x, y, ms, b, ms <= b ? "met" : "MISSED" }'
}

pipeline_rows() {
  local some=$((1000 / scale)) large=$((10000 / scale))
  overhead "repro: $some trivial stages, beyond their commands, each" "$some" 3
  stage_project "$some" && git mlv repro -q >>"$log" 2>&1 && sleep 1 && git mlv repro -q
  row "repro, nothing changed, $some stages / true, 20 times" 100 : "twenty /bin/true" "cd $p" "twenty git-mlv repro -q"
  stage_project "$large" && git mlv repro -q -j 2 >>"$log" 2>&1 && sleep 1 && git mlv status >>"$log" 2>&1
  in_seconds "status of $large stages" 1 "git mlv status"
  in_seconds "dag of $large stages" 1 "git mlv dag"
  in_seconds "dag --dot of $large stages" 1 "git mlv dag --dot"
  in_seconds "repro, nothing changed, $large stages" 1 "git mlv repro -q"
}
