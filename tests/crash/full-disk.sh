#!/usr/bin/env bash
# full-disk: a project on a small tmpfs that really fills up.
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh"

disk=$scratch/disk
mkdir "$disk"
mount -t tmpfs -o size=3m tmpfs "$disk" 2>/dev/null || skip_all "cannot mount a tmpfs here"
trap 'cd /; umount "$disk"; rm -rf "$scratch"' EXIT

git init -q "$disk/work" && cd "$disk/work" && git mlv init -q || exit 1
make_file small 100000 s
make_file large 1800000 l
sum=$(sha256sum small large)
git mlv add -q small
ok "what fits is added" $?

! git mlv add -q large >"$scratch/out" 2>&1
ok "what does not fit is refused" $?
grep -q 'No space left on device' "$scratch/out"
ok "the message says why" $?
[ "$sum" = "$(sha256sum small large)" ]
ok "the workspace keeps every byte" $?
[ ! -e large.mlv ]
ok "no pointer to what was not stored" $?
[ -z "$(find .git/mlv -name '*.tmp' -o -type f -size +1000k)" ]
ok "nothing half-made stays in the store" $?
git mlv fsck --data -q
ok "the store is clean" $?

mount -o remount,size=8m "$disk"
git mlv add -q large && git mlv status -q
ok "with more room the same command succeeds" $?
plan
