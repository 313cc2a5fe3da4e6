#!/usr/bin/env bash
# bench: speed as ratios in one run on one machine (DESIGN 8). Prints a table; timings never decide a test.
#
#	BENCH_SCALE=N    divide file counts and sizes by N (default 1: the sizes of the table)
#	BENCH_RUNS=N     runs of each, the median counts (default 3)
#	BENCH_ONLY=REGEX only rows whose name matches
# Rivals (git-lfs, git-annex) are measured where they are installed.
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh"

scale=${BENCH_SCALE:-1}
runs=${BENCH_RUNS:-3}
only=${BENCH_ONLY:-.}
many=$((20000 / scale)) wide=$((100000 / scale)) large=$((1024 / scale))
export TIMEFORMAT=%R

# seconds PREPARE COMMAND: the median wall time of COMMAND, PREPARE run before each.
seconds() {
  local i
  for ((i = 0; i < runs; i++)); do
    eval "$1" >/dev/null 2>&1
    sync
    { time eval "$2" >>"$scratch/bench.log" 2>&1; } 2>&1
  done | sort -n | sed -n "$(((runs + 1) / 2))p"
}

# row NAME BOUND BASE-PREPARE BASE PREPARE COMMAND: one line of the table; the ratio is COMMAND / BASE.
row() {
  local name=$1 bound=$2 base ours
  [[ $name =~ $only ]] || return 0
  base=$(seconds "$3" "$4")
  ours=$(seconds "$5" "$6")
  awk -v n="$name" -v b="$bound" -v x="$base" -v y="$ours" 'BEGIN {
    r = y / (x > 0 ? x : 0.001)
    printf "%-52s %9.3f s %9.3f s %7.2f  <= %-5s %s\n", n, x, y, r, b, r <= b ? "met" : "MISSED" }'
}

# rival NAME PREPARE COMMAND: another program at the same work, for comparison only.
rival() {
  [[ $1 =~ $only ]] || return 0
  awk -v n="$1" -v x="$(seconds "$2" "$3")" 'BEGIN { printf "    %-59s %10.3f s\n", n, x }'
}

have() { command -v "$1" >/dev/null; }

make_many() { # DIR COUNT BYTES
  mkdir -p "$1"
  openssl enc -aes-128-ctr -pass pass:bench -nosalt -pbkdf2 -iter 1 </dev/zero 2>/dev/null | head -c $(($2 * $3)) |
    (cd "$1" && split -a 5 -d -b "$3" - f && for d in $(seq 0 $((($2 - 1) / 1000))); do
      mkdir "$d" && find . -maxdepth 1 -name "f$(printf %02d "$d")*" -exec mv -t "$d" {} +
    done)
}

project() { rm -rf "$scratch/p" && git init -q "$scratch/p" && cd "$scratch/p" && git mlv init -q; }

lfs() { rm -rf "$scratch/l" && git init -q "$scratch/l" && cd "$scratch/l" && git lfs install --local && git lfs track 'data/**'; }
annex() { chmod -R u+w "$scratch/x"; rm -rf "$scratch/x"; git init -q "$scratch/x" && cd "$scratch/x" && git annex init x; }

printf '%-52s %11s %11s %7s  %s\n' "work" "yardstick" "git mlv" "ratio" "bound"

project
row "start-up: root / git --version, 20 times" 4 : "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do git --version; done" \
  : "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do git-mlv root; done"

mkdir "$scratch/large"
for i in 1 2 3 4; do make_file "$scratch/large/$i" $((large * 1048576)) "$i"; done
make_many "$scratch/many" "$many" 100000
for set in large many; do
  case $set in large) name="4 x $large MiB" add=1.2 ;; *) name="$many x 100 kB" add=1.5 ;; esac
  src=$scratch/$set
  row "add $name / cp -r + sync -f" $add "rm -rf $scratch/copy" "cp -r $src $scratch/copy && sync -f $scratch/copy" \
    "project; cp -r $src data; sync" "git mlv add -q data"
  have git-lfs && rival "git-lfs add $name" "lfs; cp -r $src data; sync" "git add data"
  have git-annex && rival "git-annex add $name" "annex; cp -r $src data; sync" "git annex add -q data"
  row "checkout $name / cp -r" 1.3 "rm -rf $scratch/copy" "cp -r $src $scratch/copy" "rm -rf data" "git mlv checkout -q"
  have git-lfs && rival "git-lfs checkout $name" "cd $scratch/l; git commit -qm x; rm -rf data; git reset -q --hard; rm -rf data" "git checkout -- data"
  cd "$scratch/p" || exit 1
  row "checkout $name, hard links / cp -rl" 1.3 "rm -rf $scratch/copy" "cp -rl $src $scratch/copy" "rm -rf data" \
    "git -c mlv.links=hardlink mlv checkout -q"
  rm -rf data && git mlv checkout -q
  git mlv remote add -q -d store "$scratch/remote"
  row "push $name to a folder / cp -r + sync -f" 1.3 "rm -rf $scratch/copy" "cp -r $src $scratch/copy && sync -f $scratch/copy" \
    "rm -rf $scratch/remote" "git mlv push -q"
  row "fetch $name from a folder / cp -r + sync -f" 1.3 "rm -rf $scratch/copy" "cp -r $src $scratch/copy && sync -f $scratch/copy" \
    "rm -rf .git/mlv/files" "git mlv fetch -q"
  row "no-op push $name / git --version" 20 : "git --version" : "git mlv push -q"
  rm -rf "$scratch/copy" "$scratch/l" "$scratch/x" "$scratch/remote"
done
rm -rf "$scratch/large" "$scratch/many" "$scratch/p"

make_many "$scratch/wide" "$wide" 100
project
cp -r "$scratch/wide" data && git mlv add -q data
git init -q "$scratch/g" && cp -r "$scratch/wide" "$scratch/g/data" && git -C "$scratch/g" add -A && git -C "$scratch/g" commit -qm x
git -C "$scratch/g" config core.untrackedCache false
sleep 1 && git -C "$scratch/g" status >/dev/null && git mlv status >/dev/null
row "status, nothing changed, $wide files / git status" 1.5 "cd $scratch/g" "git status" "cd $scratch/p" "git mlv status"
cd "$scratch/p" || exit 1
printf '%-52s %s\n' "peak memory of that status (bound 65536 KiB)" "$(/usr/bin/time -f '%M KiB' git-mlv status 2>&1 >/dev/null | tail -n 1)"
