#!/usr/bin/env bash
# large: one object of more than 5 GiB, which S3 takes in parts alone, there and back. Sparse here, but not on the server, which keeps it
# in memory. Not with MLV_QUICK.
# shellcheck source=tests/remote/lib.bash
. "${top_srcdir:-.}/tests/remote/lib.bash"
[ -z "$quick" ] || skip_all "it takes long"
size=$(((5 << 30) + 1))
[ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt $((10 << 20)) ] || skip_all "less than 10 GiB of memory are free"
[ "$(df --output=avail -k "$scratch" | tail -n 1)" -gt $((16 << 20)) ] || skip_all "less than 16 GiB of disk are free"
serve ceph || skip_all "$why"

there() {
  cd "$scratch"
  new_project work
  add_remote
  truncate -s $size huge
  printf start | dd of=huge conv=notrunc status=none
  printf middle | dd of=huge bs=1 seek=$(((4 << 30) - 3)) conv=notrunc status=none
  printf end | dd of=huge bs=1 seek=$((size - 3)) conv=notrunc status=none
  git mlv add -q huge
  commit_all huge
  git mlv push
  git mlv fsck --remote store
}

# The bytes are hashed while they come, so that what has its name is right.
and_back() {
  cd "$scratch/work"
  rm -rf .git/mlv/files
  git mlv fetch
  is [ "$(find .git/mlv/files -type f -size +5242880k | wc -l)" = 1 ]
}

place ceph
check "an object of 5 GiB and a byte arrives" there
check "and comes back" and_back
plan
