#!/usr/bin/env bash
# secrets: no password, key or phrase appears in traces, errors, arguments of processes or files that Git tracks, whether things go well or
# not; looked for as it is, percent-encoded and in base64.
# shellcheck disable=SC2034 # OPTION_* are read by name
# shellcheck source=tests/remote/lib.bash
. "${top_srcdir:-.}/tests/remote/lib.bash"

traced=
! strace -f -o /dev/null true 2>/dev/null || traced=1

# percent TEXT: all but letters and digits encoded.
percent() { jq -rn --arg text "$1" '$text | @uri'; }

# shapes SECRET [USER]: all that would give it away, one a line. In base64 the secret may begin at any of three places.
shapes() {
  local before
  printf '%s\n' "$1"
  percent "$1"
  percent "$1" | sed 's/%2F/\//g'
  percent "$1" | tr A-F a-f
  [ -z "${2:-}" ] || printf '%s:%s' "$2" "$1" | base64 -w0 | sed 's/.\{4\}$//'
  echo
  for before in '' x xx; do
    # What hangs on the neighbours is cut off.
    printf '%s%s' "$before" "$1" | base64 -w0 | cut -c5- | sed 's/.\{4\}$//'
    echo
  done
}

# forget: no secrets yet.
forget() { : >"$scratch/shapes"; }

# secret SECRET [USER]
secret() { shapes "$@" | grep -E '.{8}' >>"$scratch/shapes"; }

# watched COMMAND…: run it with traces on; what it says goes to $scratch/heard, the arguments of all processes to $scratch/arguments.
watched() {
  if [ -n "$traced" ]; then
    GIT_MLV_TRACE=1 strace -f -qq -s 100000 -e trace=execve -o "$scratch/arguments.one" "$@" >>"$scratch/heard" 2>&1 || true
    cat "$scratch/arguments.one" >>"$scratch/arguments"
  else
    GIT_MLV_TRACE=1 "$@" >>"$scratch/heard" 2>&1 || true
  fi
}

# kept FILE…: no secret is in these files.
kept() {
  ! grep -aF -m 3 -f "$scratch/shapes" "$@"
}

# give COMMAND…: options as add_remote writes them go to the clone's own config, which is the only file that may have them.
scene() {
  cd "$scratch"
  chmod -R u+w work clone 2>/dev/null || true
  rm -rf work clone heard arguments
  : >heard
  : >arguments
  new_project work
  make_tree data 5 100 secrets
  git mlv add -q data
  add_remote
  commit_all data
}

# A push, a pull, a list, a check, and all of them where nothing works.
acts() {
  watched git mlv push
  watched git mlv status -c
  watched git mlv fsck --remote store
  (
    colleague "$scratch/clone" "$scratch/work"
    watched git mlv pull
    is same_files "$scratch/work/data" data
  )
  rules '[{"fault":"status","status":403,"code":"AccessDenied"}]'
  fresh_objects
  watched git mlv push
  rules '[{"fault":"reset","count":3}]'
  watched git mlv push
  rules '[]'
}

fresh_objects() {
  echo "$RANDOM $SRANDOM" >data/0/more
  git mlv add -q data
  commit_all more
}

# quiet: nothing gave a secret away, and they would have been seen.
quiet() {
  cd "$scratch/work"
  is grep -q store "$scratch/heard"
  git config --file .git/config --list >"$scratch/settings"
  is grep -qaF -f "$scratch/shapes" "$1"
  kept "$scratch/heard" "$scratch/arguments"
  git add -A
  git grep --cached -z -l '' | xargs -0r cat >"$scratch/tracked"
  git log -p --all >>"$scratch/tracked"
  kept "$scratch/tracked"
}

by_options() {
  scene
  acts
  set_options WRONG_
  secret "$2"
  watched git mlv push
  set_options
  quiet "$scratch/settings"
}

s3_environment() {
  scene
  git mlv remote modify --local -u store access_key_id
  git mlv remote modify --local -u store secret_access_key
  # shellcheck disable=SC2154 # the service's
  export AWS_ACCESS_KEY_ID=$OPTION_access_key_id AWS_SECRET_ACCESS_KEY=$OPTION_secret_access_key
  unset OPTION_access_key_id OPTION_secret_access_key
  acts
  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
  quiet "$scratch/shapes"
}

helper() {
  scene
  git mlv remote modify --local -u store password
  unset OPTION_password
  # shellcheck disable=SC2154 # the service's
  printf '#!/bin/sh\n[ "$1" != get ] || printf "username=%%s\\npassword=%%s\\n" "%s" "%s"\n' "$HTTP_USER" "${HTTP_PASSWORD//%/%%}" >"$scratch/helper"
  sed -i 's/%%/%/g; s/printf "username=%s\\npassword=%s\\n"/printf "username=%s\\npassword=%s\\n"/' "$scratch/helper"
  chmod +x "$scratch/helper"
  git config --global credential.helper "$scratch/helper"
  acts
  git config --global --unset credential.helper
  quiet "$scratch/helper"
}

# A password in a URL is the user's own doing; what we print is without it.
in_url() {
  scene
  git mlv remote modify --local -u store user
  git mlv remote modify --local -u store password
  unset OPTION_user OPTION_password
  URL=${URL/:\/\//:\/\/$HTTP_USER:$(percent "$HTTP_PASSWORD")@}
  git mlv remote modify --local store url "$URL"
  OPTION_url=$URL
  acts
  unset OPTION_url
  quiet "$scratch/settings"
}

bearer() {
  scene
  OPTION_token=tok-$(od -An -N12 -tx1 /dev/urandom | tr -d ' ')
  secret "$OPTION_token"
  unset OPTION_user OPTION_password
  git mlv remote modify --local -u store user
  git mlv remote modify --local -u store password
  set_options
  watched git mlv push
  unset OPTION_token
  quiet "$scratch/settings"
}

# A server that sends us elsewhere does not get others to hear the password.
redirected() {
  scene
  git mlv push
  : >"$AWAY_LOG"
  URL=http://127.0.0.1:$HTTP_PORT/fault/away/$(basename "$PLACE_ROOT")
  (
    colleague "$scratch/clone"
    git mlv remote modify --local store url "$URL"
    git mlv remote modify --local store auth "$1"
    git mlv remote modify --local store custom_auth_header X-Secret
    watched git mlv pull
    is same_files "$scratch/work/data" data
  )
  is grep -q GET "$AWAY_LOG"
  is [ -z "$(grep -v 'authorization=- cookie=- x-secret=-$' "$AWAY_LOG")" ]
  kept "$AWAY_LOG" "$scratch/heard" "$scratch/arguments"
}

if serve ceph S3_PORT; then
  place ceph
  proxied
  forget
  secret "$OPTION_secret_access_key"
  WRONG_OPTION_secret_access_key=wrong/+secret$SRANDOM
  check "S3: keys from options" by_options S3 "$WRONG_OPTION_secret_access_key"
  check "S3: keys from the environment" s3_environment
else
  skip "S3" "$why"
fi
for kind in webdav http; do
  if serve nginx HTTP_PORT; then
    place nginx $kind
    proxied
    forget
    secret "$HTTP_PASSWORD" "$HTTP_USER"
    WRONG_OPTION_password=wrong/+%:$SRANDOM
    check "$kind: a password from options" by_options $kind "$WRONG_OPTION_password"
    check "$kind: a password from a credential helper" helper
    check "$kind: a password in the URL" in_url
    [ $kind = http ] || check "$kind: a token" bearer
    [ $kind = webdav ] || place nginx http
    [ $kind = webdav ] || check "$kind: redirected to another host, basic" redirected basic
    [ $kind = webdav ] || check "$kind: redirected to another host, with a header" redirected custom
  else
    skip "$kind" "$why"
  fi
done
if serve apache HTTP_PORT; then
  place apache digest
  proxied
  forget
  secret "$HTTP_PASSWORD" "$HTTP_USER"
  WRONG_OPTION_password=wrong/+%:$SRANDOM
  check "digest: a password from options" by_options digest "$WRONG_OPTION_password"
else
  skip "digest" "$why"
fi
if serve sshd SSH_PORT; then
  place sshd
  proxied
  mkdir -p "$HOME/.ssh"
  sed "s/:$SERVED_PORT/:$PROXY_PORT/g" "$SSH_KNOWN_HOSTS" >"$HOME/.ssh/known_hosts"
  forget
  secret "$SSH_PHRASE"
  OPTION_keyfile=$SSH_PHRASE_KEY OPTION_passphrase=$SSH_PHRASE
  unset WRONG_OPTION_keyfile
  WRONG_OPTION_passphrase=wrong-phrase-$SRANDOM
  check "SFTP: a phrase from options" by_options sftp "$WRONG_OPTION_passphrase"
  unset OPTION_passphrase WRONG_OPTION_passphrase
else
  skip "SFTP" "$why"
fi
if serve lfs && place lfs basic; then
  FAULT_TARGET=1 up faults "$services/none-proxy"
  forget
  secret "$LFS_PASSWORD" "$LFS_USER"
  WRONG_OPTION_password=wrong/+%:$SRANDOM
  check "LFS: a password from options" by_options lfs "$WRONG_OPTION_password"
else
  skip "LFS" "$why"
fi
[ -n "$traced" ] || skip "arguments of processes" "strace does not work here"
plan
