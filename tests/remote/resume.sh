#!/usr/bin/env bash
# resume: an upload and a download that are killed half-way. The next run moves at most 60 % of the bytes, counted at the proxy.
# shellcheck source=tests/remote/lib.bash
. "${top_srcdir:-.}/tests/remote/lib.bash"

# sized BYTES: a file to move.
sized() {
  size=$1 half=$(($1 / 2)) most=$(($1 * 6 / 10))
  make_file "$scratch/huge" "$size" resume
  sum=$(sha256sum <"$scratch/huge")
}

# killed_at DIRECTION COMMAND…: run it until half of the bytes have passed; then nothing moves any more, and it is killed.
killed_at() {
  local pid direction=$1
  shift
  reset_proxy # an upload that went on was read back
  rules "[{\"fault\":\"pause\",\"direction\":\"$direction\",\"bytes\":$half}]"
  "$@" >"$scratch/killed" 2>&1 &
  pid=$!
  wait_counted ".$direction" "$half" || {
    cat "$scratch/killed"
    return 1
  }
  end_client $pid
  reset_proxy
}

# start: a project with the file.
start() {
  cd "$scratch"
  chmod -R u+w work clone 2>/dev/null || true
  rm -rf work clone
  reset_proxy
  new_project work
  add_remote
  ln "$scratch/huge" huge
  git mlv add -q huge
  rm -f huge
  commit_all huge
}

upload() {
  start
  killed_at up git mlv push
  git mlv push
  echo "second run: $(counted .up) of $size"
  is [ "$(counted .up)" -le "$most" ]
}

download() {
  cd "$scratch"
  colleague clone
  killed_at down git mlv fetch
  git mlv fetch
  echo "second run: $(counted .down) of $size"
  is [ "$(counted .down)" -le "$most" ]
  git mlv checkout -q
  is [ "$(sha256sum <huge)" = "$sum" ]
}

# Where there is no way to go on with an upload, the next one sends all of it, and what was half there is not taken for it.
upload_anew() {
  start
  killed_at up git mlv push
  git mlv push
  is [ "$(counted .up)" -ge "$size" ]
}

small=$((512 << 20))
sized $((2 << 30))
[ -z "$quick" ] || sized $((768 << 20)) # 8 parts of 8 MiB may be lost: of 512 MiB that were more than a tenth
if serve ceph S3_PORT; then
  place ceph
  proxied
  check "S3: an upload goes on" upload
  check "S3: a download goes on" download
else
  skip "S3" "$why"
fi
sized $small
if serve nginx HTTP_PORT; then
  place nginx
  proxied
  check "WebDAV: an upload begins anew" upload_anew
  check "WebDAV: a download goes on" download
else
  skip "WebDAV" "$why"
fi
if serve sshd SSH_PORT; then
  place sshd
  proxied
  mkdir -p "$HOME/.ssh"
  sed "s/:$SERVED_PORT/:$PROXY_PORT/g" "$SSH_KNOWN_HOSTS" >"$HOME/.ssh/known_hosts"
  check "SFTP: an upload goes on" upload
  check "SFTP: a download goes on" download
else
  skip "SFTP" "$why"
fi
plan
