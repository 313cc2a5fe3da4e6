#!/usr/bin/env bash
# bench: speed as ratios in one run on one machine (DESIGN 8). Prints a table; timings never decide a test.
#
#	BENCH_SCALE=N    divide file counts and sizes by N (default 1: the sizes of the table)
#	BENCH_RUNS=N     runs of each, of which the median counts (default 5)
#	BENCH_SETS=LIST  only these sets of data, of: start large many wide pipeline cloud
#	BENCH_ONLY=REGEX only rows whose name matches
#	BENCH_DIR=DIR    where to work (default: as mktemp); all that is compared lies on its file system
#
# A row runs the yardstick and ours in turn, so that what else the machine does hits both. Before each run its preparation is made
# durable, so that nobody pays for another's writing; all sources are in the page cache, having just been made. Rivals (git-lfs, git-annex,
# rclone) are measured where they are installed.
[ -z "${BENCH_DIR:-}" ] || export TMPDIR=$BENCH_DIR
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh" || exit 1

scale=${BENCH_SCALE:-1}
runs=${BENCH_RUNS:-5}
sets=${BENCH_SETS:-start large many wide pipeline cloud}
only=${BENCH_ONLY:-.}
many=$((20000 / scale)) wide=$((100000 / scale)) large=$((1024 / scale))
log=$scratch/bench.log
copy=$scratch/copy

wanted() { [[ $1 =~ $only ]]; }
have() { command -v "$1" >/dev/null; }

# timed PREPARE COMMAND: print the seconds that COMMAND takes, PREPARE run and made durable before; "-" if it fails.
timed() {
  (
    eval "$1" >>"$log" 2>&1 || exit 1
    sync -f "$scratch"
    local start=$EPOCHREALTIME status
    eval "$2" >>"$log" 2>&1
    status=$?
    awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.4f\n", b - a }'
    exit $status
  ) || echo -
}

# median FILE: of the numbers in it; "-" if a run failed.
median() { if grep -q -- - "$1"; then echo -; else sort -n "$1" | sed -n "$(((runs + 1) / 2))p"; fi; }

# row NAME BOUND BASE-PREPARE BASE PREPARE COMMAND: one line of the table; the ratio is COMMAND / BASE.
row() {
  local n
  wanted "$1" || return 0
  rm -f "$scratch/base" "$scratch/ours"
  for ((n = 0; n < runs; n++)); do
    timed "$3" "$4" >>"$scratch/base"
    timed "$5" "$6" >>"$scratch/ours"
  done
  awk -v n="$1" -v b="$2" -v x="$(median "$scratch/base")" -v y="$(median "$scratch/ours")" 'BEGIN {
    if (x == "-" || y == "-") { printf "%-56s FAILED\n", n; exit }
    r = y / x
    printf "%-56s %9.3f s %9.3f s %6.2f  <= %-5s %s\n", n, x, y, r, b, r <= b ? "met" : "MISSED" }'
}

# rival NAME PREPARE COMMAND: another program at the same work, once, for comparison only.
rival() {
  wanted "$1" && printf '    %-64s %9s s\n' "$1" "$(timed "$2" "$3")"
}

# peak NAME PREPARE COMMAND…: the largest process of the command, against the bound.
peak() {
  local name=$1
  wanted "$name" || return 0
  eval "$2" >>"$log" 2>&1
  shift 2
  /usr/bin/time -f %M -o "$scratch/peak" "$@" >>"$log" 2>&1
  awk -v n="$name" -v k="$(tail -n 1 "$scratch/peak")" 'BEGIN {
    printf "%-56s %33.1f MiB  <= 64    %s\n", n, k / 1024, k <= 65536 ? "met" : "MISSED" }'
}

make_many() { # DIR COUNT BYTES
  mkdir -p "$1"
  openssl enc -aes-128-ctr -pass pass:bench -nosalt -pbkdf2 -iter 1 </dev/zero 2>/dev/null | head -c $(($2 * $3)) |
    (cd "$1" && split -a 5 -d -b "$3" - f && for d in $(seq 0 $((($2 - 1) / 1000))); do
      mkdir "$d" && find . -maxdepth 1 -name "f$(printf %02d "$d")*" -exec mv -t "$d" {} +
    done)
}

twenty() { for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do "$@"; done; }

# Projects that track a copy of $src as "data"; $c is one that only copies it.
p=$scratch/p c=$scratch/c l=$scratch/l x=$scratch/x
clear_projects() {
  cd "$scratch" || return
  chmod -R u+w "$x" 2>/dev/null
  rm -rf "$p" "$c" "$l" "$x" "$copy"
}
# Both delete and write as much before what is timed: where memory of the machine was just freed, writing is several times as fast.
start_copy() { rm -rf "$p" "$c" && mkdir "$c" && cd "$c" && cp -r "$src" data; }
start_project() { rm -rf "$p" "$c" && git init -q "$p" && cd "$p" && git mlv init -q && cp -r "$src" data; }
start_lfs() { git init -q "$l" && cd "$l" && git lfs install --local && git lfs track 'data/**' && cp -r "$src" data; }
start_annex() { git init -q "$x" && cd "$x" && git annex init x && cp -r "$src" data; }
copy_durably() { cp -r "$1" "$copy" && sync -f "$copy"; }

start_rows() {
  : >"$src"
  start_project
  row "start-up: root / git --version, 20 times" 4 : "twenty git --version" "cd $p" "twenty git-mlv root"
}

add_rows() { # WHAT BOUND
  row "add $1 / cp -r + sync -f" "$2" start_copy "cp -r data copy && sync -f copy" start_project "git mlv add -q data"
  have git-lfs && rival "git-lfs add $1" "clear_projects; start_lfs" "git add data && sync -f ."
  have git-annex && rival "git-annex add $1" "clear_projects; start_annex" "git annex add -q data && sync -f ."
}

checkout_rows() { # WHAT
  row "checkout $1 / cp -r" 1.3 "rm -rf $copy" "cp -r $src $copy" "cd $p && rm -rf data" "git mlv checkout -q"
  have git-lfs && rival "git-lfs checkout $1" \
    "clear_projects; start_lfs && git add -A && git commit -qm x && rm -rf data" "git checkout -- data"
}

link_row() { # WHAT
  row "checkout $1, hard links / cp -rl" 1.3 "rm -rf $copy" "cp -rl $src $copy" "cd $p && rm -rf data" \
    "git -c mlv.links=hardlink mlv checkout -q"
}

remote_rows() { # WHAT
  row "push $1 to a folder / cp -r + sync -f" 1.3 "rm -rf $copy" "copy_durably $src" \
    "cd $p && rm -rf $scratch/remote/*" "git mlv push -q"
  have rclone && rival "rclone copy $1 to a folder" "rm -rf $copy" "rclone copy $src $copy && sync -f $copy"
  row "fetch $1 from a folder / cp -r + sync -f" 1.3 "rm -rf $copy" "copy_durably $scratch/remote" \
    "cd $p && rm -rf .git/mlv/files" "git mlv fetch -q"
}

# What changes nothing costs the same whatever the size: against a project with the same number of files of 1 byte.
no_op_rows() { # WHAT
  local small=$scratch/small
  git init -q "$small" && (cd "$small" && git mlv init -q && git mlv remote add -q -d store "$scratch/remote-small" &&
    cp -r "$src" data && find data -type f -exec truncate -s 1 {} + && git mlv add -q data && git mlv push -q && sleep 1 && git mlv status)
  for command in push status; do
    row "no-op $command $1 / of as many bytes" 1.3 "cd $small" "twenty git mlv $command" "cd $p" "twenty git mlv $command"
  done
  rm -rf "$small" "$scratch/remote-small"
}

# A project with $src tracked, on a remote and checked out.
full_project() {
  start_project && git mlv add -q data && git mlv remote add -q -d store "$scratch/remote" && git mlv push -q && sleep 1 &&
    git mlv status
}

wide_rows() {
  local g=$scratch/g
  make_many "$src" "$wide" 100
  git init -q "$g" && cp -r "$src" "$g/data" && git -C "$g" add -A && git -C "$g" commit -qm x &&
    git -C "$g" config core.untrackedCache false && sleep 1 && git -C "$g" status >>"$log"
  full_project >>"$log"
  row "status, nothing changed, $wide files / git status" 1.5 "cd $g" "git status" "cd $p" "git mlv status"
  rm -rf "$g"
  peak "peak memory: status of $wide files" : git mlv status
  peak "peak memory: no-op push" : git mlv push -q
  peak "peak memory: checkout" "rm -rf data" git mlv checkout -q
  peak "peak memory: fetch" "rm -rf .git/mlv/files" git mlv fetch -q
  peak "peak memory: push" "rm -rf $scratch/remote/*" git mlv push -q
  peak "peak memory: add" "start_project" git mlv add -q data
}

large_rows() {
  local what="4 x $large MiB"
  mkdir "$src"
  for i in 1 2 3 4; do make_file "$src/$i" $((large * 1048576)) "$i"; done
  add_rows "$what" 1.2
  clear_projects
  full_project >>"$log" 2>&1
  remote_rows "$what"
  no_op_rows "$what"
}

many_rows() {
  local what="$many x 100 kB"
  make_many "$src" "$many" 100000
  add_rows "$what" 1.5
  clear_projects
  full_project >>"$log" 2>&1
  remote_rows "$what"
  checkout_rows "$what"
  clear_projects
  full_project >>"$log" 2>&1
  link_row "$what"
}

# shellcheck source=tests/bench/pipeline.bash
. "${top_srcdir:-.}/tests/bench/pipeline.bash" || exit 1
# shellcheck source=tests/bench/network.bash
. "${top_srcdir:-.}/tests/bench/network.bash" || exit 1

printf '%-56s %11s %11s %6s  %s\n' "work" "yardstick" "git mlv" "ratio" "bound"
for set in $sets; do
  src=$scratch/$set
  "${set}_rows"
  clear_projects
  rm -rf "$src" "$scratch/remote"
done
