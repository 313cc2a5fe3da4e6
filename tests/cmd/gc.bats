load helper

# Three contents of f: the first on a branch, the second only in the reflog, the third in the workspace; a fourth is nowhere.
history() {
  new_project
  for text in first fourth; do
    put f "$text"
    git mlv add -q f
  done
  put f first
  git mlv add -q f
  commit_all first
  git branch kept
  put f second
  git mlv add -q f
  commit_all second
  git reset -q --hard kept
  put f third
  git mlv add -q f
}

stored() {
  id=$(printf %s "$1" | sha256sum | cut -c 1-64)
  [ -e .git/mlv/files/sha256/"${id:0:2}"/"${id:2}" ]
}

@test "gc keeps what anything refers to: branches, reflogs, the workspace" {
  history
  mlv gc
  assert_success
  assert_regex "$stderr" "1 object"
  stored first
  stored second
  stored third
  run stored fourth
  assert_failure
}

@test "what was collected can be put back until the grace period is over" {
  history
  git mlv gc -q
  mlv gc --undelete
  assert_success
  stored fourth
  git mlv gc -q
  git -c mlv.gcGrace=0 mlv gc -q
  git mlv gc -q --undelete
  run stored fourth
  assert_failure
}

@test "--dry only counts" {
  history
  mlv gc --dry
  assert_success
  stored fourth
}

@test "narrow scopes ask, and take what only the history needs" {
  history
  mlv gc -w </dev/null
  assert_failure
  stored second
  git mlv gc -q -w -f
  run stored second
  assert_failure
  stored third
}

@test "the stash, the index of another worktree, a tag, a merge under way" {
  history
  git stash -q
  put f staged
  git worktree add -q ../other
  (cd ../other && put f elsewhere && git mlv add -q f && git add f.mlv && rm -f f.mlv)
  put f tagged
  git mlv add -q f
  commit_all tagged
  git tag t
  git reset -q --hard HEAD~1
  git reflog expire --expire=now --all
  git mlv gc -q
  stored third
  stored elsewhere
  stored tagged
}

@test "a locked worktree that is not there stops gc; what Git has of a lost one is kept" {
  history
  git worktree add -q --detach ../other
  (
    cd ../other
    put f committed && git mlv add -q f && git commit -qam detached
    put f staged && git mlv add -q f && git add -A
    put f ondisk && git mlv add -q f
  )
  rm -f .git/worktrees/other/logs/HEAD
  git worktree lock ../other
  mv ../other ../unmounted
  for command in "gc" "gc --force --prune=now"; do
    # shellcheck disable=SC2086
    mlv $command
    assert_failure
    assert_regex "$stderr" "$BATS_TEST_TMPDIR/other: the worktree is locked and is not there"
    assert_regex "$stderr" "git worktree unlock"
    stored fourth
    stored ondisk
  done
  mv ../unmounted ../other
  git mlv gc -q
  stored ondisk
  mv ../other ../unmounted
  git worktree unlock ../other
  mlv gc
  assert_success
  assert_regex "$stderr" "$BATS_TEST_TMPDIR/other: the worktree is not there"
  stored committed
  stored staged
  run stored ondisk
  assert_failure
  # Git has lost where it was.
  rm .git/worktrees/other/gitdir
  mlv gc
  assert_success
  assert_regex "$stderr" "worktrees/other: the worktree is not there"
  stored committed
}

@test "temporary files of killed commands go in time, unless somebody holds them" {
  history
  temp=.mlv-tmp-0123456789abcde
  put ${temp}0 half
  put "deep/er/${temp}1" half
  put ${temp}2 held
  put ${temp}3 tracked
  put .mlv-tmp-mine "not ours"
  mkdir ${temp}4
  put ${temp}4/mine "not ours"
  git add ${temp}3
  mlv gc
  assert_success
  assert_exists ${temp}0
  sleep 2.1
  exec 8<${temp}2
  flock 8
  run --separate-stderr git -c mlv.gcGrace=1.second mlv gc --dry
  assert_regex "$stderr" "would have deleted temporary files of killed commands: 2"
  assert_exists ${temp}0
  run --separate-stderr git -c mlv.gcGrace=1.second mlv gc
  assert_success
  assert_regex "$stderr" "deleted temporary files of killed commands: 2"
  assert_not_exists ${temp}0
  assert_not_exists "deep/er/${temp}1"
  have ${temp}2 held
  have ${temp}3 tracked
  have .mlv-tmp-mine "not ours"
  have ${temp}4/mine "not ours"
}

@test "an unreadable pointer stops gc" {
  history
  printf '<<<<<<< broken' >g.mlv
  mlv gc
  assert_failure
  assert_regex "$stderr" "g.mlv"
  stored fourth
}

@test "an unreadable pointer in old history: its hashes are kept" {
  history
  id=$(printf fourth | sha256sum | cut -c 1-64)
  printf '<<<<<<<\nsha256: %s\n' "$id" >g.mlv
  commit_all broken
  rm g.mlv
  commit_all mended
  mlv gc
  assert_success
  stored fourth
}

@test "fsck finds missing and damaged objects and repairs from the workspace" {
  new_project
  put data/a one
  put data/b two
  git mlv add -q data
  mlv fsck --data
  assert_success
  id=$(printf one | sha256sum | cut -c 1-64)
  chmod u+w .git/mlv/files/sha256/"${id:0:2}"/"${id:2}"
  printf onX >.git/mlv/files/sha256/"${id:0:2}"/"${id:2}"
  chmod 444 .git/mlv/files/sha256/"${id:0:2}"/"${id:2}"
  mlv fsck --data
  assert_failure 1
  assert_output --partial damaged
  mlv fsck --repair
  assert_success
  assert_output --partial repaired
  stored one
  rm -rf .git/mlv/files
  mlv fsck
  assert_failure 1
  assert_output --partial missing
  git mlv fsck -q --repair
  mlv fsck --data
  assert_success
}

@test "gc on a remote: shows, asks, refuses in a shallow clone, can be undone" {
  history
  git mlv remote add -q -d store "$BATS_TEST_TMPDIR/remote"
  commit_all third
  git mlv push -q -A
  put g stray
  git mlv add -q g
  git mlv push -q g
  git mlv remove -q g.mlv
  mlv gc -c </dev/null
  assert_failure
  assert_equal "$(objects ../remote/files)" 3
  git mlv gc -q -c -f
  assert_equal "$(objects ../remote/files)" 2
  git mlv gc -q -c --undelete
  assert_equal "$(objects ../remote/files)" 3
  git clone -q --depth 1 "file://$PWD" ../shallow
  cd ../shallow
  mlv gc -c -f
  assert_failure
  assert_regex "$stderr" "shallow"
}

@test "two projects in one repository share a store: gc in one keeps the data of the other" {
  git init -q work
  cd work
  mkdir a b
  (cd a && git mlv init -q --subdir && put f mine && git mlv add -q f)
  (cd b && git mlv init -q --subdir && put f theirs && git mlv add -q f)
  git -C a mlv gc -q
  stored mine
  stored theirs
  commit_all both
  (cd b && put f newer && git mlv add -q f)
  git -C a mlv gc -q
  stored theirs
  stored newer
  git -C a mlv gc -q -w -f
  stored newer
}

@test "a store outside of the repository may serve others: gc asks first" {
  git init -q work
  cd work
  git config mlv.store "$BATS_TEST_TMPDIR/shared"
  git mlv init -q
  put f first
  git mlv add -q f
  put f second
  git mlv add -q f
  mlv gc </dev/null
  assert_failure
  assert_regex "$stderr" "outside"
  assert_equal "$(objects ../shared/files)" 2
  git mlv gc -q -f
  assert_equal "$(objects ../shared/files)" 1
}

@test "gc keeps what a pointer names that Git came to ignore" {
  new_project
  put x 1
  git mlv add -q x
  put .git/info/exclude '*.mlv'
  put junk.mlv 'no pointer at all'
  git mlv gc -q --force --prune=now
  assert_equal "$(objects)" 1
}

@test "a download that was broken off is told of by doctor, and collected when it is old" {
  new_project
  part=.git/mlv/.mlv/part/sha256-$(printf %064d 7)
  mkdir -p "${part%/*}" .git/mlv/files
  printf 'so far' > "$part"
  printf 'mlv-journal 1\n' > "$part.journal"
  mlv doctor
  assert_success
  assert_output --partial "1 was broken off, with 6 B received"
  git mlv gc -q
  [ -e "$part" ]
  touch -d '3 weeks ago' "$part"
  mlv gc --dry
  assert_regex "$stderr" "would have deleted 1 broken download"
  mlv gc
  assert_success
  assert_regex "$stderr" "deleted 1 broken download"
  [ ! -e "$part" ] && [ ! -e "$part.journal" ]
}

@test "a collection on the remote waits for one that is under way, and ends what a dead one left" {
  new_project
  mkdir ../remote
  git mlv remote add -q -d r "$PWD/../remote"
  put f text
  git mlv add -q f
  git mlv push -q
  put f other
  git mlv add -q f
  mkdir -p ../remote/.mlv/collecting
  sign=../remote/.mlv/collecting/$(date -u +%Y%m%dT%H%M%SZ)-0badcafe
  echo "elsewhere.example 1" > "$sign"
  mlv gc -r r -f
  assert_failure
  assert_regex "$stderr" "is being collected since"
  mlv gc -r r --dry
  assert_success
  echo "$(hostname) 2147483647" > "$sign"
  mlv gc -r r -f
  assert_success
  assert_regex "$stderr" "did not end"
  [ ! -e "$sign" ]
  mlv gc -r r --prune=now -f
  assert_success
  assert_regex "$stderr" "deleted 1 out of the remote's trash"
  [ -z "$(find ../remote/.mlv/trash -type f 2>/dev/null)" ]
}
