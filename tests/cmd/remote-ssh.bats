load helper

# A real sshd, which serves this user's files; its key and ours are known.
setup_file() { service_up sshd; }

teardown_file() { service_down sshd; }

# What ssh and sftp of the tests are to know, and a fresh directory on the server; then a project with that as its remote.
shared() {
  # shellcheck source=/dev/null
  . "$BATS_FILE_TMPDIR/sshd.env"
  # shellcheck source=/dev/null
  . <("$SERVICE" sshd place "$BATS_FILE_TMPDIR/sshd")
  mkdir -p "$HOME/.ssh"
  printf 'Host *\nIdentityFile %s\nUserKnownHostsFile %s\nIdentityAgent none\n' "$SSH_KEY" "$SSH_KNOWN_HOSTS" >"$HOME/.ssh/config"
  new_project
  git mlv remote add -q -d store "$URL/my data"
  put data/a one
  put data/sub/b two
  put empty ""
  head -c 700000 /dev/urandom >large
  git mlv add -q data empty large
  commit_all one
}

# client: the sftp program, with commands on its input.
client() { sftp -q -b - -F "$HOME/.ssh/config" -P "$SSH_PORT" "$SSH_USER@127.0.0.1"; }

key_of() {
  local id
  id=$(sha256sum <"$1" | cut -c 1-64)
  echo "files/sha256/${id:0:2}/${id:2}"
}

@test "push, push again, clone, pull" {
  shared
  mlv push
  assert_success
  assert_regex "$stderr" "sent 5 objects"
  run find "$PLACE_ROOT/my data/.mlv" -type f
  assert_output ""
  mlv push
  assert_success
  assert_regex "$stderr" "up to date"
  git clone -q . ../clone
  cd ../clone
  mlv pull
  assert_success
  have data/a one
  have data/sub/b two
  have empty ""
  cmp large ../work/large
  mlv fsck --cloud
  assert_success
}

@test "a directory that is gone is not made anew by who used it" {
  shared
  git mlv push -q large
  mv "$PLACE_ROOT/my data" "$PLACE_ROOT/away"
  mlv push
  assert_failure
  assert_regex "$stderr" "no directory .*my data.*, where there were objects before"
  assert_regex "$stderr" "hint: .*mounted there.*mkdir '.*my data'"
  mlv status --cloud
  assert_failure
  assert_not_exists "$PLACE_ROOT/my data"
  mv "$PLACE_ROOT/away" "$PLACE_ROOT/my data"
  mlv push
  assert_success
  assert_regex "$stderr" "sent 4 objects"
}

@test "the sftp program reads what was pushed, and what it puts is fetched" {
  shared
  command -v sftp || skip "sftp is not installed"
  mlv push
  assert_success
  client <<<"get \"$PLACE_ROOT/my data/$(key_of large)\" got"
  cmp got large
  key=$(key_of large)
  client <<<"rm \"$PLACE_ROOT/my data/$key\""
  mlv push --verify
  assert_success
  assert_regex "$stderr" "sent 1 object"
  client <<<"rm \"$PLACE_ROOT/my data/$key\""$'\n'"put large \"$PLACE_ROOT/my data/$key\""
  rm -rf .git/mlv/files large
  mlv pull
  assert_success
  cmp large got
}

@test "an object of another size is sent anew" {
  shared
  git mlv push -q
  key=$(key_of large)
  printf short >"$PLACE_ROOT/my data/$key"
  mlv push --verify
  assert_success
  cmp "$PLACE_ROOT/my data/$key" large
}

@test "bytes that are not the object are not taken" {
  shared
  git mlv push -q
  key=$(key_of large)
  head -c 700000 /dev/zero >"$PLACE_ROOT/my data/$key"
  rm -rf .git/mlv/files large
  mlv pull
  assert_failure
  assert_regex "$stderr" "large"
  assert_not_exists large
}

@test "collected objects go to the trash of the remote, and abandoned uploads go" {
  shared
  git mlv push -q
  printf x >"$PLACE_ROOT/my data/.mlv/tmp/1000000000.left.1.2.0.x"
  printf x >"$PLACE_ROOT/my data/.mlv/tmp/$(date +%s).fresh.1.2.0.x"
  printf x >"$PLACE_ROOT/my data/.mlv/tmp/other"
  git rm -q large.mlv
  git commit -qm two
  git reflog expire --expire=now --all
  mlv gc --workspace --cloud --yes
  assert_success
  run ls "$PLACE_ROOT/my data/.mlv/tmp"
  refute_output --partial left
  assert_output --partial fresh
  assert_output --partial other
  assert_not_exists "$PLACE_ROOT/my data/$(key_of large)"
  run find "$PLACE_ROOT/my data/.mlv/trash" -type f
  assert_output --partial "$(key_of large)"
}

@test "an upload that a killed push left is finished, not begun anew" {
  shared
  true &
  wait $!
  tmp="$PLACE_ROOT/my data/.mlv/tmp"
  mkdir -p "$tmp"
  left="$tmp/$(date +%s).$(hostname | tr -c 'a-zA-Z0-9\n-' _).$!.x.0.$(sha256sum <large | cut -c 1-64)"
  head -c 500000 large >"$left"
  inode=$(stat -c %i "$left")
  mlv push
  assert_success
  cmp large "$PLACE_ROOT/my data/$(key_of large)"
  assert_equal "$(stat -c %i "$PLACE_ROOT/my data/$(key_of large)")" "$inode"
  run ls "$tmp"
  assert_output ""
}

@test "a server whose key is unknown, or another one, is not talked to" {
  shared
  sed -i '/KnownHosts/d' "$HOME/.ssh/config"
  mlv push
  assert_failure 128
  assert_regex "$stderr" "key is not known"
  assert_regex "$stderr" "hint: ssh -p $SSH_PORT"
  echo "UserKnownHostsFile $SSH_FALSE_KNOWN_HOSTS" >>"$HOME/.ssh/config"
  mlv push
  assert_failure 128
  assert_regex "$stderr" "NOT the known one"
  run ls "$PLACE_ROOT"
  assert_output ""
}

@test "a wrong key is refused, and said to be" {
  shared
  git config mlv-remote.store.keyfile "$SSH_WRONG_KEY"
  mlv push
  assert_failure 128
  assert_regex "$stderr" "login as '$SSH_USER' failed; tried: '$SSH_WRONG_KEY'"
}

@test "a key with a passphrase, set or asked for; it is shown nowhere" {
  shared
  git config mlv-remote.store.keyfile "$SSH_PHRASE_KEY"
  git config mlv-remote.store.passphrase "$SSH_PHRASE"
  GIT_MLV_TRACE=1 mlv push
  assert_success
  refute_regex "$stderr$output" "$SSH_PHRASE"
  git config --unset mlv-remote.store.passphrase
  git config mlv-remote.store.ask-passphrase true
  printf '#!/bin/sh\necho "%s"\n' "$SSH_PHRASE" >"$HOME/ask"
  chmod +x "$HOME/ask"
  GIT_ASKPASS=$HOME/ask mlv push --verify
  assert_success
}

@test "who may only read pulls, and a push says why it fails" {
  shared
  git mlv push -q
  git config mlv-remote.store.url "$READONLY_URL/my data"
  mlv push --verify
  assert_success
  rm -rf .git/mlv/files data large empty
  mlv pull
  assert_success
  have data/a one
  put new new
  git mlv add -q new
  mlv push
  assert_failure
  assert_regex "$stderr" "[Pp]ermission denied"
}

@test "a push makes the directory, but none above it" {
  shared
  git config mlv-remote.store.url "$URL/not/there"
  mlv push
  assert_failure 128
  assert_regex "$stderr" "mkdir -p"
  assert_not_exists "$PLACE_ROOT/not"
}

@test "what a URL says is no option of ssh" {
  shared
  git config mlv-remote.store.url "ssh://-oProxyCommand=touch%20$HOME%2Fbad/x"
  mlv push
  assert_failure
  git config mlv-remote.store.url "ssh://a\$(touch $HOME.bad)@127.0.0.1/x"
  mlv push
  assert_failure
  git config mlv-remote.store.url "ssh://me:hunter2@127.0.0.1/x"
  mlv push
  assert_failure
  refute_regex "$stderr" hunter2
  assert_not_exists "$HOME/bad"
  assert_not_exists "$HOME.bad"
}
