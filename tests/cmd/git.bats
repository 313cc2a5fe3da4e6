# Git's own ways to say where things are, and repositories of every kind.
load helper

shared() {
  new_project
  git mlv remote add -q -d store "$BATS_TEST_TMPDIR/remote"
  put data/a one
  put f bytes
  git mlv add -q data f
  commit_all one
  git mlv push -q
}

# Change both outputs and take everything through a round: add, commit, push, empty store, pull, checkout of the first version.
round_trip() {
  put data/a two
  put data/b new
  put f other
  git mlv add -q data f
  git commit -qam two
  tip=$(git rev-parse HEAD)
  git mlv push -q --all-commits
  rm -rf data f "$(git rev-parse --git-common-dir)/mlv/files"
  git mlv pull -q
  have data/b new
  have f other
  git mlv status -q
  git checkout -q HEAD~1
  git mlv fetch -q
  git mlv checkout -q
  have data/a one
  assert_not_exists data/b
  git mlv fsck -q --data
  mlv diff HEAD "$tip" --json
  assert_equal "$(jq -c '[.added[].path, .modified[].path]' <<<"$output")" '["data/b","data/","data/a","f"]'
}

@test "linked worktrees share one store and have an index each" {
  shared
  git worktree add -q ../second -b second
  cd ../second
  git mlv checkout -q
  have data/a one
  put f changed
  git mlv add -q f
  git commit -qam changed
  assert_not_exists .git/mlv
  assert_equal "$(objects ../work/.git/mlv/files)" 4
  cd ../work
  have f bytes
  mlv status -q
  assert_success
  git mlv gc -q
  cd ../second
  rm f
  git mlv checkout -q f
  have f changed
  round_trip
}

@test "a submodule is a repository of its own" {
  shared
  cd ..
  new_project outer
  git submodule --quiet add "$BATS_TEST_TMPDIR/work" sub
  commit_all submodule
  cd sub
  mlv pull
  assert_success
  have data/a one
  cd ..
  mlv root
  assert_output .
  mlv add sub
  assert_failure
  cd sub
  round_trip
}

@test "GIT_DIR, GIT_WORK_TREE and GIT_INDEX_FILE" {
  shared
  mv .git ../elsewhere.git
  export GIT_DIR=$BATS_TEST_TMPDIR/elsewhere.git GIT_WORK_TREE=$BATS_TEST_TMPDIR/work
  rm -r data
  git mlv checkout -q
  have data/a one
  assert_not_exists .git
  cp ../elsewhere.git/index ../other-index
  put g text
  export GIT_INDEX_FILE=$BATS_TEST_TMPDIR/other-index
  git add -f g
  mlv add g
  assert_failure
  assert_regex "$stderr" "git rm"
  unset GIT_INDEX_FILE
  git mlv add -q g
  git add g.mlv
  git commit -qam g
  round_trip
}

@test "git -C, a subfolder, --cd and an alias" {
  shared
  mkdir -p deep/er
  cd ..
  run git -C work mlv status --porcelain
  assert_success
  assert_output ""
  rm work/data/a
  git -C work/deep/er mlv checkout -q ../../data
  have work/data/a one
  rm work/data/a
  git mlv --cd work checkout -q || git mlv checkout --cd work -q
  have work/data/a one
  git config --global alias.m mlv
  run git -C work m root
  assert_output .
}

@test "a path with a blank, a quote and a newline above the repository" {
  mkdir "odd 'name
below"
  cd "odd 'name
below"
  shared
  round_trip
}

@test "a repository with sha256 names" {
  git init -q --object-format=sha256 work
  cd work
  git mlv init -q
  git mlv remote add -q -d store "$BATS_TEST_TMPDIR/remote"
  put data/a one
  put f bytes
  git mlv add -q data f
  commit_all one
  round_trip
  git checkout -q main
  mlv gc
  assert_success
  mlv cat f@main
  assert_output other
}

@test "a split index, an index without hash, an untracked cache" {
  shared
  git config core.splitIndex true
  git config index.skipHash true
  git config core.untrackedCache true
  git update-index --split-index --untracked-cache
  round_trip
}

@test "a sparse checkout, with a sparse index" {
  shared
  put in/x one
  put out/y two
  git mlv add -q in/x out/y
  commit_all folders
  git sparse-checkout set --cone --sparse-index in
  assert_not_exists out
  mlv status
  assert_success
  rm in/x
  git mlv checkout -q
  have in/x one
  assert_not_exists out
  git mlv push -q
  git mlv gc -q
  git sparse-checkout disable
  git mlv checkout -q
  have out/y two
}

@test "a shallow, a partial and a single-branch clone pull" {
  shared
  put f second
  git mlv add -q f
  git commit -qam second
  git mlv push -q --all-commits
  git config uploadpack.allowFilter true
  for how in --depth=1 --filter=blob:none --single-branch; do
    git clone -q $how "file://$PWD" ../clone
    git -C ../clone mlv pull -q
    have ../clone/f second
    rm -rf ../clone
  done
}

@test "a bare repository: push, fetch, fsck, gc, ls, cat, du" {
  shared
  put f second
  git mlv add -q f
  git commit -qam second
  git mlv push -q --all-commits
  git clone -q --bare . ../bare.git
  cd ../bare.git
  git config mlv-remote.store.url "$BATS_TEST_TMPDIR/remote"
  git mlv fetch -q --all-commits
  mlv fsck --data
  assert_success
  mlv gc
  assert_success
  mlv ls -R
  assert_line f
  mlv cat f
  assert_output second
  mlv cat f@HEAD~1
  assert_output bytes
  mlv fetch f
  assert_success
  mlv cat ../f
  assert_failure
  mlv du -s
  assert_success
  for command in "add x" checkout status commit diff; do
    # shellcheck disable=SC2086 # words
    mlv $command
    assert_failure
  done
}

@test "a detached head, an unborn branch, a merge in conflict" {
  new_project
  put f one
  mlv add f
  assert_success
  mlv status -q
  assert_success
  commit_all one
  git checkout -q --detach
  mlv status -q
  assert_success
  git checkout -q -b left
  put f left
  git mlv add -q f
  git commit -qam left
  git checkout -q main
  put f right
  git mlv add -q f
  git commit -qam right
  run git merge -q left
  assert_failure
  mlv status
  assert_failure
  assert_regex "$stderr" "f.mlv"
  have f right
  git checkout -q --theirs f.mlv
  git add f.mlv
  git mlv checkout -q
  have f left
}
