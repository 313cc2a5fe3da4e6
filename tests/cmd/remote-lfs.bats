# A Git LFS server as a remote: the real git-lfs reads what we sent and sends what we read.
load helper

setup_file() {
  service_up lfs
  # shellcheck source=/dev/null
  . "$BATS_FILE_TMPDIR/lfs.env"
  export LFS_URL LFS_ROOT LFS_BASIC_URL LFS_USER LFS_PASSWORD
}

teardown_file() { service_down lfs; }

# A project with data/ and f, committed, whose remote is $1.
shared() {
  find "$LFS_ROOT" -mindepth 1 -delete
  new_project
  git mlv remote add -q -d store "$1"
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

# lfs_objects: the ids that the server has.
lfs_objects() { find "$LFS_ROOT" -type f -printf '%f\n' | sort; }

id_of() { printf '%s' "$1" | sha256sum | cut -c 1-64; }

# lfs_pointer TEXT: git-lfs' pointer to it.
lfs_pointer() { printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %s\n' "$(id_of "$1")" "${#1}"; }

need_git_lfs() {
  git lfs version >/dev/null 2>&1 || skip "no git-lfs"
  git lfs install --skip-repo >/dev/null
}

@test "push, clone, pull" {
  shared "lfs::$LFS_URL"
  mlv push
  assert_success
  assert_regex "$stderr" "sent 4 objects"
  assert_equal "$(lfs_objects | wc -l)" 4
  mlv push
  assert_success
  assert_regex "$stderr" "up to date"
  colleague
  mlv pull
  assert_success
  have data/a one
  have data/sub/b two
  have f bytes
  mlv status --cloud
  assert_success
}

@test "nothing to push costs at most two requests, many objects few questions" {
  shared "lfs::$LFS_URL"
  for i in $(seq 300); do echo "$i" >"data/$i"; done
  git mlv add -q data
  GIT_MLV_TRACE=1 git mlv push 2>trace
  [ "$(grep -c objects/batch trace)" -lt 40 ]
  GIT_MLV_TRACE=1 git mlv push 2>trace
  [ "$(grep -c ' wire: ' trace)" -le 2 ]
}

@test "git-lfs reads what we pushed" {
  need_git_lfs
  shared "lfs::$LFS_URL"
  git mlv push -q
  git init -q "$BATS_TEST_TMPDIR/theirs"
  cd "$BATS_TEST_TMPDIR/theirs"
  git config lfs.url "$LFS_URL"
  git config lfs.locksverify false
  echo '*.bin filter=lfs diff=lfs merge=lfs -text' >.gitattributes
  lfs_pointer one >one.bin
  lfs_pointer bytes >f.bin
  commit_all pointers
  have one.bin "$(lfs_pointer one)"$'\n'
  git lfs pull
  have one.bin one
  have f.bin bytes
}

@test "we fetch what git-lfs pushed" {
  need_git_lfs
  shared "lfs::$LFS_URL"
  git init -q --bare "$BATS_TEST_TMPDIR/theirs.git"
  git init -q "$BATS_TEST_TMPDIR/theirs"
  (
    cd "$BATS_TEST_TMPDIR/theirs"
    git config lfs.url "$LFS_URL"
    git config lfs.locksverify false
    git lfs track '*.bin' >/dev/null
    printf bytes >f.bin
    commit_all theirs
    git push -q "$BATS_TEST_TMPDIR/theirs.git" main
  )
  assert_equal "$(lfs_objects)" "$(id_of bytes)"
  colleague
  mlv pull f.mlv
  assert_success
  have f bytes
  mlv pull data.mlv
  assert_failure 1
  assert_regex "$stderr" "data"
}

@test "git credential tells the password, and nothing else does" {
  [ -n "${LFS_BASIC_URL:-}" ] || skip "no server with passwords"
  shared "lfs::$LFS_BASIC_URL"
  GIT_TERMINAL_PROMPT=0 mlv push
  assert_failure
  assert_regex "$stderr" "hint: "
  # shellcheck disable=SC2016 # the helper's
  git config credential.helper '!f() { cat >>"$HOME/asked"; echo "username=$LFS_USER"; echo "password=$LFS_PASSWORD"; }; f'
  GIT_MLV_TRACE=1 mlv push
  assert_success
  refute_regex "$stderr" "${LFS_PASSWORD#*:}"
  refute_regex "$stderr" "$(printf '%s:%s' "$LFS_USER" "$LFS_PASSWORD" | base64 -w0)"
  run grep -rF -e "$LFS_PASSWORD" .git .mlvconfig
  assert_failure 1
  assert_equal "$(lfs_objects | wc -l)" 4
}

@test "lfs:: is the server of the Git remote, and ssh tells where" {
  shared lfs::
  git remote add origin git@example.org:o/r.git
  cat >"$BATS_TEST_TMPDIR/ssh" <<S
printf '%s\n' "\$*" >>"$BATS_TEST_TMPDIR/asked"
printf '{"href":"%s","header":{"Authorization":"RemoteAuth hunter2"},"expires_in":3600}' "$LFS_URL"
S
  GIT_SSH_COMMAND="sh $BATS_TEST_TMPDIR/ssh" GIT_MLV_TRACE=1 mlv push
  assert_success
  refute_regex "$stderr" hunter2
  assert_equal "$(cat "$BATS_TEST_TMPDIR/asked")" "git@example.org git-lfs-authenticate o/r.git upload"
  assert_equal "$(lfs_objects | wc -l)" 4
  echo 'echo "no such repository" >&2; exit 1' >"$BATS_TEST_TMPDIR/ssh"
  rm -r .git/mlv/files
  GIT_SSH_COMMAND="sh $BATS_TEST_TMPDIR/ssh" mlv fetch
  assert_failure
  assert_regex "$stderr" "no such repository"
}

@test "a host that looks like an option is none" {
  shared "lfs::ssh://-oProxyCommand=touch%20$BATS_TEST_TMPDIR%2Fpwned/r"
  mlv push
  assert_failure
  git mlv remote modify -q store url 'lfs::git@-oProxyCommand=touch:r'
  mlv push
  assert_failure
  assert_not_exists "$BATS_TEST_TMPDIR/pwned"
}

@test ".lfsconfig says where the server is, and nothing more" {
  shared lfs::
  git remote add origin https://nowhere.invalid/r.git
  git config -f .lfsconfig lfs.url "$LFS_URL"
  git config -f .lfsconfig http.proxy http://127.0.0.1:1
  git config -f .lfsconfig core.sshCommand "touch $BATS_TEST_TMPDIR/pwned"
  git config mlv-remote.store.password hunter2
  git config mlv-remote.store.user me
  mlv push
  assert_success
  assert_not_exists "$BATS_TEST_TMPDIR/pwned"
  assert_equal "$(lfs_objects | wc -l)" 4
}

@test "a password of the remote does not go where .lfsconfig points" {
  [ -n "${LFS_BASIC_URL:-}" ] || skip "no server with passwords"
  shared lfs::
  git config mlv-remote.store.user "$LFS_USER"
  git config mlv-remote.store.password "$LFS_PASSWORD"
  git config lfs.url "$LFS_BASIC_URL"
  GIT_TERMINAL_PROMPT=0 mlv push
  assert_success
  git config --unset lfs.url
  git config -f .lfsconfig lfs.url "$LFS_BASIC_URL"
  GIT_TERMINAL_PROMPT=0 mlv fsck --cloud
  assert_failure
  assert_regex "$stderr" "hint: "
}

@test "the URL is taken as it is from any folder" {
  new_project
  mkdir sub
  cd sub
  git mlv remote add -q one lfs::
  git mlv remote add -q two lfs::upstream
  git mlv remote add -q three lfs::git@example.org:o/r.git
  cd ..
  assert_equal "$(git config -f .mlvconfig mlv-remote.one.url)" lfs::
  assert_equal "$(git config -f .mlvconfig mlv-remote.two.url)" lfs::upstream
  assert_equal "$(git config -f .mlvconfig mlv-remote.three.url)" lfs::git@example.org:o/r.git
}

@test "a DVC project cannot keep its data there" {
  new_dvc_project
  mlv remote add forge "lfs::$LFS_URL"
  assert_failure 129
  assert_regex "$stderr" MD5
  have .dvc/config ""
}

@test "nothing can be collected there" {
  shared "lfs::$LFS_URL"
  git mlv push -q
  mlv gc --workspace --cloud --yes
  assert_failure
  assert_regex "$stderr" "neither list nor delete"
  assert_equal "$(lfs_objects | wc -l)" 4
}

@test "a Git remote without a server, or none, is named" {
  shared lfs::
  mlv push
  assert_failure
  assert_regex "$stderr" "no Git remote 'origin'"
  git remote add origin ../bare.git
  mlv push
  assert_failure
  assert_regex "$stderr" "a folder has no server"
}
