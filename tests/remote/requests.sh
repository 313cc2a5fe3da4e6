#!/usr/bin/env bash
# requests: what a push and a fetch cost where nothing, or one file, has changed, counted at the proxy.
# shellcheck source=tests/remote/lib.bash
. "${top_srcdir:-.}/tests/remote/lib.bash"

many=100000
[ -z "$quick" ] || many=2000

# A folder of many files that has been pushed. WebDAV: the files are laid there, as a hundred thousand of them are not what is tried.
pushed() {
  cd "$scratch"
  chmod -R u+w work clone 2>/dev/null || true
  rm -rf work clone
  reset_proxy
  place "$server"
  proxied
  new_project work
  add_remote
  make_tree data "$files" 1 requests
  git mlv add -q data
  commit_all data
  if [ "$server" = nginx ]; then
    cp -rl .git/mlv/files "$PLACE_ROOT/"
    rm -rf "$PLACE_ROOT/files/.mlv"
  fi
  git mlv push -q
  (
    colleague ../clone
    mkdir -p .git/mlv
    cp -al ../work/.git/mlv/files .git/mlv/
  )
}

# at_most N COMMAND…
at_most() {
  local most=$1
  shift
  reset_proxy
  "$@"
  curl -s "$CONTROL_URL/counters"
  is [ "$(counted .requests)" -le "$most" ]
}

idle_push() {
  cd "$scratch/work"
  at_most 2 git mlv push
}

# A clone that has all objects and has never asked this remote.
idle_fetch() {
  cd "$scratch/clone"
  at_most 2 git mlv fetch
}

idle_push_of_clone() {
  cd "$scratch/clone"
  at_most 2 git mlv push
}

one_changed() {
  cd "$scratch/work"
  echo changed >data/0/7
  git mlv add -q data
  commit_all changed
  at_most 12 git mlv push
}

one_fetched() {
  cd "$scratch/clone"
  git pull -q
  at_most 12 git mlv fetch
  git mlv fsck -q
}

suite() {
  check "$kind: $files files are there" pushed
  check "$kind: nothing to push" idle_push
  check "$kind: nothing to fetch" idle_fetch
  check "$kind: nothing to push from a clone" idle_push_of_clone
  check "$kind: one file pushed" one_changed
  check "$kind: one file fetched" one_fetched
}

if serve nginx HTTP_PORT; then
  kind=WebDAV server=nginx files=$many
  suite
else
  skip "WebDAV" "$why"
fi
# Each of them costs a request here.
if serve ceph S3_PORT; then
  kind=S3 server=ceph files=$((many < 5000 ? many : 5000))
  suite
else
  skip "S3" "$why"
fi
plan
