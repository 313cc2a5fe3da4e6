#!/usr/bin/env bash
# racy: a program rewrites files, with the same size and the same modification time, while git mlv reads, stores and replaces them.
# Whatever comes of it, the store holds what its names say, and once all is quiet status calls no changed byte clean.
#
#	MLV_ROUNDS=N   how many rounds a command (default 6; MLV_QUICK=1: 2)
# shellcheck source=tests/lib/tap.sh
[ -n "${TMPDIR:-}" ] || ! [ -w /dev/shm ] || export TMPDIR=/dev/shm
. "${top_srcdir:-.}/tests/lib/tap.sh"

command -v perl >/dev/null || skip_all "no perl"
rounds=${MLV_ROUNDS:-6}
[ -z "${MLV_QUICK:-}" ] || rounds=2
[ "$rounds" -le 200 ] || rounds=200

# scribble: rewrite files in place until $scratch/stop is there, and give them their old time.
scribble() {
  perl -e 'my ($stop, $count) = @ARGV; my $n = 0;
    until (-e $stop) {
      my $name = "data/" . (1 + int rand 8);
      next unless open my $file, "+<", $name;
      syswrite $file, sprintf "%08d", rand 1e8;
      close $file;
      utime 1700000000, 1700000000, $name;
      $n++;
      select undef, undef, undef, 0.001 if $n % 16 == 0;
    }
    open my $out, ">>", $count; print $out "$n\n";' "$scratch/stop" "$scratch/writes"
}

# named: sha256 and path of every file of data, as the pointer's manifest tells.
named() {
  local dir
  dir=$(sed -n 's/.*sha256: \([0-9a-f]*\)\.dir/\1/p' data.mlv)
  sed -n 's/^\([0-9a-f]\{64\}\) [0-9]* [-x] /\1  data\//p' ".git/mlv/files/sha256/${dir:0:2}/${dir:2}.dir" | sort
}

# is_true: the store is sound, and status knows exactly which files differ from what is named.
is_true() {
  git mlv fsck --data -q >"$scratch/out" 2>&1 || { note "$1: fsck: $(head -n 3 "$scratch/out")"; return 1; }
  (cd data && find . -type f | sed 's,^\./,data/,') | while read -r f; do sha256sum "$f"; done | sort >"$scratch/is"
  named >"$scratch/named"
  comm -13 "$scratch/named" "$scratch/is" | sed 's/^[0-9a-f]*  //' | sort >"$scratch/changed"
  git mlv status --granular --porcelain | sed -n 's/^.[^ ] \(data\/[0-9]\)$/\1/p' | sort -u >"$scratch/told"
  cmp -s "$scratch/changed" "$scratch/told" || { note "$1: changed $(paste -sd ' ' "$scratch/changed"), told $(paste -sd ' ' "$scratch/told")"; return 1; }
}

# against COMMAND…: run it while files are rewritten.
against() {
  local n status=0 pid
  for ((n = 0; n < rounds && status == 0; n++)); do
    rm -f "$scratch/stop"
    scribble &
    pid=$!
    "$@" >"$scratch/out" 2>&1
    "$@" >"$scratch/out" 2>&1
    : >"$scratch/stop"
    wait $pid
    is_true "$*" || status=1
    is_true "$* again" || status=1
  done
  ok "$*, against a writer: the store is right and status tells the truth" $status
}

git init -q "$scratch/work" && cd "$scratch/work" && git mlv init -q && mkdir data || exit 1
for i in 1 2 3 4 5 6 7 8; do make_file data/$i $((i * 40000)) "r$i"; touch -d @1700000000 data/$i; done
git mlv add -q data && is_true "quiet"
ok "at rest all is clean" $?
for command in "add -q data" "commit -q" "status -q" "checkout -q" "checkout -q --force"; do
  # shellcheck disable=SC2086
  against git mlv $command
done
git config mlv.links hardlink
git mlv unprotect -q data
# A writer that has the file of a hard link open writes to the object itself, so here it only comes before and after.
for ((n = 0; n < rounds; n++)); do
  git mlv unprotect -q data
  printf '%08d' $n | dd of=data/1 conv=notrunc bs=8 status=none
  touch -d @1700000000 data/1
  git mlv add -q data
  is_true "hard links"
  ok "hard links, edited again right after: round $n" $?
done
note "$(paste -sd + "$scratch/writes" | bc) writes"
plan
