# Web servers as remotes: static files, WebDAV, TLS, credentials. nginx of tests/services/.
load helper

setup_file() {
  service_up nginx
  # shellcheck source=/dev/null
  . "$BATS_FILE_TMPDIR/nginx.env"
  export HTTP_URL HTTPS_URL HTTP_USER HTTP_PASSWORD HTTP_ROOT CA_FILE AWAY_LOG
}

teardown_file() { service_down nginx; }

# fresh: an empty folder on the server; its name is in $at.
fresh() {
  unset GIT_ASKPASS SSH_ASKPASS GIT_SSL_CAINFO GIT_SSL_NO_VERIFY
  export GIT_TERMINAL_PROMPT=0
  at=place-$BATS_TEST_NUMBER
  mkdir -p "$HTTP_ROOT/$at"
}

# A project with data/ and f, committed, whose remote is $1.
shared() {
  fresh
  new_project
  git mlv remote add -q -d store "$1/place-$BATS_TEST_NUMBER"
  put data/a one
  put data/sub/b two
  put f bytes
  git mlv add -q data f
  commit_all one
}

colleague() {
  git clone -q "$BATS_TEST_TMPDIR/work" "$BATS_TEST_TMPDIR/clone"
  cd "$BATS_TEST_TMPDIR/clone" || return 1
}

# helper_with PASSWORD: a credential helper that knows the user and writes down what it is asked and told.
helper_with() {
  printf '%s' "$1" >"$HOME/password"
  cat >"$HOME/credential-helper" <<S
#!/bin/sh
echo "\$1" >>"$HOME/calls"
cat >>"$HOME/calls"
[ "\$1" != get ] || printf 'username=%s\npassword=%s\n' "$HTTP_USER" "\$(cat "$HOME/password")"
S
  chmod +x "$HOME/credential-helper"
  git config --global credential.helper "$HOME/credential-helper"
}

dav() { echo "webdav${HTTP_URL#http}/dav"; }

@test "push to WebDAV with a credential helper, pull from static files" {
  shared "$(dav)"
  helper_with "$HTTP_PASSWORD"
  mlv push
  assert_success
  assert_regex "$stderr" "sent 4 objects"
  assert_equal "$(grep -c ^get "$HOME/calls")" 1
  assert_equal "$(grep -c ^store "$HOME/calls")" 1
  assert_equal "$(find "$HTTP_ROOT/$at" -type f | wc -l)" 4
  mlv push
  assert_success
  assert_regex "$stderr" "up to date"
  colleague
  git config mlv-remote.store.url "$HTTP_URL/pub/$at"
  git config --global --unset credential.helper
  mlv pull
  assert_success
  have data/a one
  have data/sub/b two
  have f bytes
}

@test "an independent client reads what we sent, and we fetch what it put there" {
  shared "$HTTP_URL/put"
  git config mlv-remote.store.user "$HTTP_USER"
  git config mlv-remote.store.password "$HTTP_PASSWORD"
  mlv push
  assert_success
  id=$(printf bytes | sha256sum | cut -c 1-64)
  path=$at/files/sha256/${id:0:2}/${id:2}
  assert_equal "$(curl -sf "$HTTP_URL/pub/$path")" bytes
  rm -r "${HTTP_ROOT:?}/$at"
  printf bytes | curl -sf -u "$HTTP_USER:$HTTP_PASSWORD" -T - "$HTTP_URL/put/$path"
  colleague
  git config mlv-remote.store.user "$HTTP_USER"
  git config mlv-remote.store.password "$HTTP_PASSWORD"
  mlv fetch f
  assert_success
  mlv checkout f
  have f bytes
}

@test "a wrong password is asked for once, rejected, and told without it" {
  shared "$(dav)"
  helper_with "open sesame"
  mlv push
  assert_failure
  assert_regex "$stderr" "user or password was refused"
  refute_regex "$stderr" "sesame"
  assert_equal "$(grep -c ^get "$HOME/calls")" 1
  assert_equal "$(grep -c ^erase "$HOME/calls")" 1
  assert_equal "$(grep -c ^store "$HOME/calls")" 0
}

@test "without credentials it says what helps" {
  shared "$(dav)"
  mlv push
  assert_failure
  assert_regex "$stderr" "no user and password"
  assert_regex "$stderr" "hint: git help credentials"
}

@test "secrets stand in no trace, message or process argument" {
  shared "$(dav)"
  git config mlv-remote.store.user "$HTTP_USER"
  git config mlv-remote.store.password "$HTTP_PASSWORD"
  GIT_MLV_TRACE=$HOME/trace mlv push -v
  assert_success
  encoded=$(printf '%s:%s' "$HTTP_USER" "$HTTP_PASSWORD" | base64 -w 0)
  run grep -F -e "$HTTP_PASSWORD" -e "$encoded" "$HOME/trace"
  assert_failure 1
  refute_regex "$stderr$output" "$encoded"
}

@test "a redirect to another server takes no secret along" {
  shared "$HTTP_URL/put"
  git config mlv-remote.store.user "$HTTP_USER"
  git config mlv-remote.store.password "$HTTP_PASSWORD"
  git config --add "http.$HTTP_URL.extraHeader" "X-Secret: sesame"
  git mlv push -q
  colleague
  git config mlv-remote.store.url "$HTTP_URL/fault/away/$at"
  git config mlv-remote.store.user "$HTTP_USER"
  git config mlv-remote.store.password "$HTTP_PASSWORD"
  git config --add "http.$HTTP_URL.extraHeader" "X-Secret: sesame"
  mlv pull
  assert_success
  have f bytes
  grep -q "GET /pub/$at" "$AWAY_LOG"
  run grep -v "authorization=- cookie=- x-secret=-" "$AWAY_LOG"
  assert_failure 1
}

@test "a committed url gets no secret that was given for another host" {
  fresh
  new_project
  git config --global mlv-remote.store.user "$HTTP_USER"
  git config --global mlv-remote.store.password "$HTTP_PASSWORD"
  git config --global http.extraHeader "X-Secret: sesame"
  git config -f .mlvconfig mlv-remote.store.url "$(dav)/$at"
  put f bytes
  git mlv add -q f
  commit_all one
  mlv push
  assert_failure
  assert_regex "$stderr" "password.* was not given for this host"
  git config mlv-remote.store.secrets-for "$HTTP_URL"
  mlv push
  assert_success
}

@test "a committed url that changes takes no secret along" {
  fresh
  new_project
  git config -f .mlvconfig mlv-remote.store.url "$(dav)/$at"
  git config mlv-remote.store.user "$HTTP_USER"
  git config mlv-remote.store.password "$HTTP_PASSWORD"
  put f bytes
  git mlv add -q f
  commit_all one
  mlv push
  assert_success
  assert_equal "$(git config mlv-remote.store.secrets-for)" "$HTTP_URL"
  # a colleague's commit
  git config -f .mlvconfig mlv-remote.store.url "${HTTP_URL/127.0.0.1/localhost}/put/$at-other"
  mlv push
  assert_failure
  assert_regex "$stderr" "password.* was not given for this host"
  assert_not_exists "$HTTP_ROOT/$at-other"
}

@test "a certificate that nobody vouches for is refused, and the message says what to check" {
  shared "$HTTPS_URL/pub"
  rm -rf .git/mlv
  mlv fetch
  assert_failure
  assert_regex "$stderr" "certificate"
  assert_regex "$stderr" "hint: .*sslCAInfo"
  # a clone cannot switch that off
  git config -f .mlvconfig mlv-remote.store.ssl-verify false
  mlv fetch
  assert_failure
  assert_regex "$stderr" "certificate"
  git config http.sslCAInfo "$CA_FILE"
  mlv fetch
  assert_failure
  refute_regex "$stderr" "certificate"
  assert_regex "$stderr" "missing|has no"
}

@test "push and pull over TLS and HTTP/2 with the settings of Git" {
  shared "webdavs${HTTPS_URL#https}/dav"
  git config --global "http.$HTTPS_URL.sslCAInfo" "$CA_FILE"
  helper_with "$HTTP_PASSWORD"
  mlv push
  assert_success
  colleague
  mlv pull
  assert_success
  have data/sub/b two
}

@test "gc --cloud collects on WebDAV" {
  shared "$(dav)"
  helper_with "$HTTP_PASSWORD"
  git mlv push -q
  put f other
  git mlv add -q f
  git commit -qam two --amend
  git reflog expire --expire=now --all
  mlv push
  assert_success
  run find "$HTTP_ROOT/$at/files" -type f
  assert_equal "${#lines[@]}" 5
  mlv gc --cloud --yes
  assert_success
  run find "$HTTP_ROOT/$at/files" -type f
  assert_equal "${#lines[@]}" 4
}
