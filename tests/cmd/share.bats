load helper

# A project with one committed version of data/ and f and a folder remote; the clone is made by `colleague`.
shared() {
  new_project
  git mlv remote add -q -d store ../remote
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

@test "push, clone, pull" {
  shared
  mlv push
  assert_success
  assert_regex "$stderr" "sent 4 objects"
  mlv push
  assert_success
  assert_regex "$stderr" "up to date"
  colleague
  mlv pull
  assert_success
  have data/a one
  have data/sub/b two
  have f bytes
  mlv status -q
  assert_success
}

@test "a remote path in .mlvconfig is relative to the project, so it holds in a clone" {
  shared
  assert_equal "$(git config -f .mlvconfig mlv-remote.store.url)" ../remote
  cd data
  git mlv push -q
  assert_exists ../../remote/files/sha256
}

@test "push sends files before manifests, and a manifest only when its files are there" {
  shared
  id=$(printf one | sha256sum | cut -c 1-64)
  rm -f .git/mlv/files/sha256/"${id:0:2}"/"${id:2}"
  mlv push
  assert_failure 1
  assert_regex "$stderr" "data/a"
  run find ../remote -name '*.dir'
  assert_output ""
}

@test "push and fetch beside a pointer that cannot be read do not say that all is there" {
  new_project
  git mlv remote add -q -d store "$PWD/../remote"
  put a one
  put b two
  git mlv add -q a b
  git mlv push -q
  echo garbage >>b.mlv
  for command in push fetch; do
    mlv $command
    assert_failure 1
    assert_regex "$stderr" "b.mlv"
    refute_regex "$stderr" "everything is up to date"
  done
}

@test "push --verify finds what a manifest hides" {
  shared
  git mlv push -q
  id=$(printf one | sha256sum | cut -c 1-64)
  rm -f ../remote/files/sha256/"${id:0:2}"/"${id:2}"
  mlv push --verify
  assert_success
  assert_regex "$stderr" "sent 1 object"
  assert_exists ../remote/files/sha256/"${id:0:2}"/"${id:2}"
}

@test "a damaged object on the remote does not arrive" {
  shared
  git mlv push -q
  id=$(printf one | sha256sum | cut -c 1-64)
  chmod u+w ../remote/files/sha256/"${id:0:2}"/"${id:2}"
  printf onX >../remote/files/sha256/"${id:0:2}"/"${id:2}"
  colleague
  mlv pull
  assert_failure 1
  assert_regex "$stderr" "data/a"
  assert_not_exists data/a
  have f bytes
  cd ../work
  mlv fsck --remote store --data
  assert_failure 1
  assert_output --partial damaged
  git mlv fsck --remote store --data --repair -q
  cd ../clone
  git mlv pull -q
  have data/a one
}

@test "a damaged object in the store is not sent" {
  shared
  id=$(printf one | sha256sum | cut -c 1-64)
  chmod u+w .git/mlv/files/sha256/"${id:0:2}"/"${id:2}"
  printf onX >.git/mlv/files/sha256/"${id:0:2}"/"${id:2}"
  mlv push
  assert_failure 1
  run grep -r onX ../remote
  assert_output ""
}

@test "scopes: branches, tags, commits, a revision, paths" {
  shared
  put f second
  git mlv add -q f
  commit_all two
  git mlv push -q f
  assert_equal "$(objects ../remote)" 1
  git mlv push -q --rev HEAD~1
  assert_equal "$(objects ../remote)" 5
  rm -rf ../remote/files
  git mlv push -q --all-commits
  assert_equal "$(objects ../remote)" 5
  colleague
  git mlv fetch -q data/sub
  assert_equal "$(objects)" 2
}

@test "--dry-run moves nothing" {
  shared
  mlv push --dry-run
  assert_success
  assert_output --partial data/a
  assert_not_exists ../remote/files
}

@test "status --cloud tells new, deleted and missing" {
  shared
  mlv status -c --json
  assert_equal "$(jq -S -c . <<<"$output")" '{"data":"new","data/a":"new","data/sub/b":"new","f":"new"}'
  git mlv push -q
  mlv status -c --json
  assert_output "{}"
  rm -rf .git/mlv/files
  mlv status --cloud
  assert_output --partial deleted
}

@test "no remote, unknown remote, remote that is gone" {
  new_project
  put f x
  git mlv add -q f
  mlv push
  assert_failure
  assert_regex "$stderr" "git mlv remote add"
  git mlv remote add -q -d store "$PWD/../nowhere/deep"
  mlv fetch -r other
  assert_failure
  rm -rf .git/mlv/files
  mlv fetch
  assert_failure
  assert_regex "$stderr" "nowhere"
}

@test "remote add, list, modify, default, rename, remove" {
  new_project
  git mlv remote add -q one ../one
  git mlv remote add -q -d two s3://bucket/path
  mlv remote list
  assert_output --partial "two"
  assert_output --partial "(default)"
  git mlv remote modify two endpointurl http://127.0.0.1:9
  assert_equal "$(git config -f .mlvconfig mlv-remote.two.endpointurl)" http://127.0.0.1:9
  mlv remote modify two secret_access_key hush
  assert_failure
  assert_regex "$stderr" "--local"
  git mlv remote modify --local two secret_access_key hush
  run grep -r hush .mlvconfig
  assert_output ""
  git mlv remote default one
  mlv remote default
  assert_output one
  git mlv remote rename one uno
  mlv remote default
  assert_output uno
  git mlv remote remove uno
  mlv remote list
  refute_output --partial uno
  mlv remote add two ../x
  assert_failure
}

@test "a folder remote whose disk is gone is not made anew by who used it" {
  shared
  git mlv push -q f
  mv ../remote ../disk
  mlv push
  assert_failure
  assert_regex "$stderr" "no directory '$BATS_TEST_TMPDIR/remote', where there were objects"
  assert_regex "$stderr" "mounted\\? To start afresh: mkdir '$BATS_TEST_TMPDIR/remote'"
  for command in "push --dry-run" "status --cloud" "push --run-cache"; do
    # shellcheck disable=SC2086
    mlv $command
    assert_failure
    assert_regex "$stderr" "no directory"
    assert_not_exists ../remote
  done
  mv ../disk ../remote
  git mlv push -q
  assert_equal "$(objects ../remote)" 4

  # Who fetched a single file has used it; whoever never did makes it.
  git clone -q . ../clone
  git clone -q . ../stranger
  git -C ../clone mlv pull -q f
  rm -rf ../remote
  run git -C ../clone mlv push
  assert_failure
  assert_output --partial "where there were objects"
  assert_not_exists ../remote
  cp f ../stranger/f
  git -C ../stranger mlv add -q f
  git -C ../stranger mlv push -q f
  assert_equal "$(objects ../remote)" 1
  rm -rf ../remote
  mkdir ../remote
  git mlv push -q
  assert_equal "$(objects ../remote)" 4
}

@test "push and fetch in a bare repository" {
  shared
  git mlv push -q
  git clone -q --bare . ../bare.git
  cd ../bare.git
  git config mlv-remote.store.url "$BATS_TEST_TMPDIR/remote"
  mlv fetch
  assert_success
  assert_equal "$(objects mlv/files)" 4
  rm -rf ../remote/files
  mlv push
  assert_success
  assert_equal "$(objects ../remote)" 4
  mlv fsck
  assert_success
}

@test "a DVC remote: the same layout" {
  new_dvc_project
  git mlv remote add -q -d store ../remote
  assert_equal "$(cat .dvc/config)" "[core]
    remote = store
['remote \"store\"']
    url = ../../remote"
  put f bytes
  git mlv add -q f
  git mlv push -q
  assert_exists ../remote/files/md5/4b/3a6218bb3e3a7303e8a171a60fcf92
}

@test "remote rename keeps what is written, also from a subfolder" {
  new_project
  git mlv remote add -q -d one ../there
  git mlv remote modify --local one password hush
  mkdir sub
  cd sub
  git mlv remote rename one uno
  assert_equal "$(git config -f ../.mlvconfig mlv-remote.uno.url)" ../there
  assert_equal "$(git config mlv-remote.uno.password)" hush
  assert_equal "$(git mlv remote default)" uno
  git mlv remote remove uno
  run git config --get-regexp mlv-remote
  assert_output ""
  new_dvc_project ../../dvc
  git mlv remote add -q -d one ../there
  mkdir sub
  cd sub
  git mlv remote rename one uno
  assert_equal "$(cat ../.dvc/config)" "[core]
    remote = uno
['remote \"uno\"']
    url = ../../there"
}

@test "whatever the umask, all of a group can use and collect a store that they share" {
  new_dvc_project
  mkdir ../cache
  printf '[cache]\n    dir = %s\n    shared = group\n' "$PWD/../cache" >.dvc/config
  chmod 2775 ../cache
  put in 1
  put dvc.yaml 'stages:
  a: {cmd: cat in > out, deps: [in], outs: [out]}
'
  (umask 077 && git mlv repro -q)
  # Objects are nobody's to write.
  run find ../cache -type f -not -perm 444 -not -perm 664
  assert_output ''
  run find ../cache -type d -not -perm 2775
  assert_output ''
  [ "$(find ../cache/runs -type f | wc -l)" = 1 ]
  assert_exists ../cache/.mlv/lock
}

@test "what was never pulled is not recorded as deleted unless one says so" {
  shared
  git mlv push -q
  colleague
  git mlv pull -q data/sub
  put data/new three
  for command in add commit; do
    mlv $command data
    assert_failure 1
    assert_regex "$stderr" "1 file of 'data' would be recorded as deleted, but never came here.*: data/a"
    assert_regex "$stderr" "git mlv pull data brings"
    assert_equal "$(git status --porcelain)" ""
  done
  # What was here may go, and a part that is named is recorded alone.
  rm data/sub/b
  git mlv add -q data/sub data/new
  assert_equal "$(git mlv ls data | sort | xargs)" "a new"
  mlv add data
  assert_failure 1
  git mlv add -q --force data
  assert_equal "$(git mlv ls data)" new
}

@test "commit --force records as deleted what was never pulled" {
  shared
  git mlv push -q
  colleague
  git mlv pull -q data/a
  mlv commit
  assert_failure 1
  git mlv commit -q --force
  assert_equal "$(git mlv ls data)" a
}
