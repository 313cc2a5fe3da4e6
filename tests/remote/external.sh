#!/usr/bin/env bash
# external: stages that depend on objects in buckets, by their own URL and on a remote.
# shellcheck source=tests/remote/lib.bash
. "${top_srcdir:-.}/tests/remote/lib.bash"
command -v aws >/dev/null || skip_all "no aws"

# What AWS's own programs would read: the address of the server, and the keys of who may read.
of_the_user() {
  # shellcheck disable=SC2154 # the place's
  export AWS_ENDPOINT_URL=$OPTION_endpointurl AWS_REGION=$OPTION_region \
    AWS_ACCESS_KEY_ID=$OPTION_access_key_id AWS_SECRET_ACCESS_KEY=$OPTION_secret_access_key
}

# upload KEY TEXT
upload() {
  printf %s "$2" | aws --endpoint-url "$OPTION_endpointurl" --region "$OPTION_region" s3 cp --quiet - "$URL/$1"
}

# with URL: a fresh DVC project whose one stage depends on it, and counts its runs.
with() {
  rm -rf "$scratch/work" "$scratch/count"
  git init -q "$scratch/work"
  cd "$scratch/work"
  mkdir .dvc
  : >.dvc/config
  printf "stages:\n  t:\n    cmd: echo ran >>../count; echo 1 >out\n    deps: ['%s']\n    outs: [out]\n" "$1" >dvc.yaml
}

ran() { is [ "$(wc -l <"$scratch/count")" = "$1" ]; }

# As DVC records it, the ETag has no quotes.
recorded() { is [ "$(sed -n 's/^      etag: //p' dvc.lock)" = "$(printf %s "$1" | md5sum | cut -d' ' -f1)" ]; }

follows() {
  upload dir/file one
  with "$URL/dir/file"
  git mlv repro -q
  recorded one
  git mlv repro -q
  ran 1
  upload dir/file two
  git mlv status | grep -q "dir/file' changed"
  git mlv repro -q
  recorded two
  ran 2
}

names() {
  upload 'a b+c%dü"' odd
  with "$URL/a b+c%dü\""
  git mlv repro -q
  recorded odd
  git mlv status --json
}

named() {
  upload below/file one
  with remote://store/below/file
  add_remote
  (unset "${!AWS_@}" && git mlv repro -q)
  recorded one
  upload below/file two
  (unset "${!AWS_@}" && git mlv repro -q)
  ran 2
}

absent() {
  with "$URL/nothing"
  fails git mlv repro
  grep -q "nothing' does not exist" "$scratch/said"
  with "$MISSING_URL/file"
  fails git mlv repro
  is [ ! -e dvc.lock ]
}

folder() {
  upload folder/file one
  with "$URL/folder"
  fails git mlv repro
  grep -q "is a folder" "$scratch/said"
}

# Neither a refusal nor silence may pass for "nothing is there", or for "nothing changed".
refused() {
  upload kept one
  with "$URL/kept"
  git mlv repro -q
  AWS_SECRET_ACCESS_KEY=wrong fails git mlv repro
  grep -q 403 "$scratch/said"
  AWS_SECRET_ACCESS_KEY=wrong fails git mlv status
  AWS_ENDPOINT_URL=http://127.0.0.1:9 fails git mlv repro
  ran 1
}

for server in ceph swift; do
  if ! serve $server; then
    skip "$server" "$why"
    continue
  fi
  place $server s3
  of_the_user
  check "$server: a stage runs again when the object is another one" follows
  check "$server: keys with odd characters" names
  check "$server: an object on a remote" named
  check "$server: an object that is not there, and no bucket" absent
  check "$server: a folder" folder
  check "$server: who is not let in, and no server" refused
done
plan
