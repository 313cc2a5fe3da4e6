#!/usr/bin/env bash
# dvc-s3: a project that DVC wrote, and its remote, as DVC pushed it, uploaded to S3 by another program: we pull it; and what we push has
# the keys and bytes that DVC's has. MLV_FIXTURES as in tests/dvc/fixtures.sh.
# shellcheck source=tests/remote/lib.bash
. "${top_srcdir:-.}/tests/remote/lib.bash"

fixtures=${MLV_FIXTURES:-$top_srcdir/../shared/fixtures}
[ -d "$fixtures" ] || skip_all "no fixtures at $fixtures"
fixtures=$(cd "$fixtures" && pwd)
command -v aws >/dev/null || skip_all "no aws"
serve ceph || skip_all "$why"

aws_s3() {
  # shellcheck disable=SC2154 # the service's
  AWS_ACCESS_KEY_ID=$S3_ACCESS_KEY AWS_SECRET_ACCESS_KEY=$S3_SECRET_KEY AWS_DEFAULT_REGION=$S3_REGION \
    aws --endpoint-url "$S3_ENDPOINT" s3 "$@"
}

# A project of DVC's at the commit that DVC pushed, with its remote at the place below `team/data`.
project() {
  cd "$scratch"
  chmod -R u+w "$1" 2>/dev/null || true
  rm -rf "$1"
  tar xzf "$fixtures/$1.tar.gz"
  place ceph
  cd "$1/project"
  git checkout -q "$2"
  git mlv checkout -q
  sums . | grep -v ' \./\.\(git\|dvc\)/' >"$scratch/before"
  cat >.dvc/config <<C
[core]
    remote = bucket
['remote "bucket"']
    url = s3://$BUCKET/team/data
    endpointurl = $S3_ENDPOINT
C
  cat >.dvc/config.local <<C
['remote "bucket"']
    access_key_id = $S3_ACCESS_KEY
    secret_access_key = $S3_SECRET_KEY
C
}

pulls() {
  project "$@"
  aws_s3 sync --quiet ../remote "s3://$BUCKET/team/data"
  rm -rf .dvc/cache
  git ls-files -o | grep -v '^\.dvc/' | tr '\n' '\0' | xargs -0r rm -f
  git mlv pull
  sums . | grep -v ' \./\.\(git\|dvc\)/' | diff "$scratch/before" -
  git mlv status
  git mlv fsck --data
}

# What is at the place, by hash and key.
at_the_place() {
  rm -rf "$scratch/got"
  aws_s3 sync --quiet "s3://$BUCKET/team/data" "$scratch/got"
  sums "$scratch/got"
}

pushes() {
  project "$@"
  git mlv push
  at_the_place >"$scratch/keys"
  is [ -s "$scratch/keys" ]
  diff <(sums ../remote) "$scratch/keys"
}

# All that DVC has in its cache belongs to some commit.
all_commits() {
  project "$@"
  git mlv push --all-commits --all-tags
  at_the_place >"$scratch/keys"
  diff <(sums .dvc/cache | grep ' \./files/') "$scratch/keys"
}

# The run cache goes there and comes back as it is.
runs() {
  project "$@"
  (cd .dvc/cache && sums runs) >"$scratch/runs"
  is [ -s "$scratch/runs" ]
  git mlv push --run-cache
  at_the_place >"$scratch/keys"
  diff "$scratch/runs" <(cd "$scratch/got" && sums runs)
  rm -rf .dvc/cache
  git mlv fetch --run-cache
  diff "$scratch/runs" <(cd .dvc/cache && sums runs)
}

check "02-dir: pulled from S3" pulls 02-dir v1
check "02-dir: pushed to S3" pushes 02-dir v1
check "02-dir: all commits pushed to S3" all_commits 02-dir v1
check "14-registry: pulled from S3" pulls 14-registry HEAD
check "12-runcache: runs to S3 and back" runs 12-runcache HEAD
plan
