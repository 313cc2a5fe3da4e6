#!/usr/bin/env bash
# scale: 100,000 small files and one of 8 GiB (sparse) through add, status, checkout, push and fetch; peak memory at most 64 MiB.
#
#	MLV_SCALE=full   the real sizes (make soak); otherwise a tenth of the files and 256 MiB, with the same bound
# shellcheck source=tests/lib/tap.sh
if [ -z "${TMPDIR:-}${MLV_SCALE:-}" ] && [ "$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 ]; then
  export TMPDIR=/dev/shm # where a flush costs nothing
fi
. "${top_srcdir:-.}/tests/lib/tap.sh"

is_sanitized && skip_all "a sanitizer's own memory would be measured"
[ -x /usr/bin/time ] || skip_all "no /usr/bin/time (Debian: time)"
limit=65536
files=10000 size=256M
[ -z "${MLV_QUICK:-}" ] || files=1000 size=64M
[ "${MLV_SCALE:-}" != full ] || files=100000 size=8G

# bounded NAME COMMAND…: it succeeds and its largest process stays below the limit.
bounded() {
  local name=$1 peak status started=$SECONDS
  shift
  /usr/bin/time -f %M -o "$scratch/peak" "$@" >"$scratch/out" 2>&1
  status=$?
  peak=$(tail -n 1 "$scratch/peak")
  [ $status = 0 ] || sed 's/^/# /' "$scratch/out" | head -n 5
  note "$name: peak $((peak / 1024)) MiB, $((SECONDS - started)) s"
  [ $status = 0 ] && [ "$peak" -le $limit ]
  ok "$name within 64 MiB" $?
}

round() {
  local what=$1 target=$2
  bounded "add $what" git mlv add -q "$target"
  bounded "status $what" git mlv status
  bounded "push $what" git mlv push -q
  bounded "push $what again" git mlv push -q
  mv "$target" "$scratch/kept"
  bounded "checkout $what" git mlv checkout -q
  cmp_tree "$scratch/kept" "$target"
  ok "checkout $what gives the same bytes" $?
  rm -rf "$target" "$scratch/kept" .git/mlv/files
  bounded "fetch $what" git mlv fetch -q
  git mlv fsck -q
  ok "fetch $what brings everything" $?
  git mlv remove -q "$target.mlv"
  rm -rf "$scratch"/remote/* .git/mlv/files
}

cmp_tree() { if [ -d "$1" ]; then diff -r "$1" "$2" >/dev/null; else cmp "$1" "$2"; fi; }

git init -q "$scratch/work" && cd "$scratch/work" && git mlv init -q && git mlv remote add -q -d store "$scratch/remote" || exit 1
awk -v files=$files 'BEGIN { for (i = 0; i < files; i++) { d = sprintf("many/%03d", i / 100); if (i % 100 == 0) system("mkdir -p " d)
  f = d "/" i; s = sprintf("%1023d", i * 7919); print s > f; close(f) } }'
round "$files files" many
truncate -s $size large
round "$size" large
plan
