load helper

# Two committed versions of data/, hooks installed.
hooked() {
  new_project
  git mlv install -q
  put data/a one
  put data/b same
  git mlv add -q data
  commit_all one
  git tag v1
  put data/a two
  put data/c new
  git mlv add -q data
  commit_all two
}

# A project with hooks, pushed to a Git remote with its data on a folder remote.
pushed() {
  hooked
  git init -q --bare ../origin.git
  git remote add origin ../origin.git
  git mlv remote add -q -d store ../remote
  commit_all remote
  git push -q origin main v1
}

@test "git checkout brings the data along" {
  hooked
  git checkout -q v1
  have data/a one
  assert_not_exists data/c
  git checkout -q main
  have data/a two
  have data/c new
}

@test "git checkout of one path does not touch other data" {
  hooked
  put data/a edited
  put readme x
  commit_all three
  rm readme
  git checkout -q -- readme
  have data/a edited
}

@test "unsaved edits survive git checkout, and are named" {
  hooked
  put data/a edited
  run git checkout v1
  have data/a edited
  assert_output --partial data/a
}

@test "git merge and git pull bring the data along" {
  hooked
  git checkout -q -b topic v1
  put other text
  git mlv add -q other
  commit_all topic
  git checkout -q main
  assert_not_exists other
  git merge -q --no-edit -X ours topic || git checkout --ours .gitignore
  have data/a two
  have other text
}

@test "during a rebase the data wait for its end" {
  hooked
  git checkout -q -b topic v1
  put text one
  git add text
  git commit -qm text
  GIT_MLV_TRACE=$BATS_TEST_TMPDIR/trace git rebase -q main
  git mlv checkout -q
  have data/a two
  mlv status -q
  assert_success
}

@test "git commit warns of data that are not recorded, and commits" {
  hooked
  put data/a three
  put readme x
  git add readme
  run git commit -m readme
  assert_success
  assert_output --partial "'data' changed and is not recorded"
}

@test "git push sends the data first, and fails when they cannot go" {
  pushed
  assert_equal "$(objects ../remote)" "$(objects)"
  put data/a three
  git mlv add -q data
  commit_all three
  rm -rf ../remote
  : >../remote
  run git push -q origin main
  assert_failure
  run git --git-dir=../origin.git log -1 --format=%s main
  assert_output remote
  rm ../remote
  mkdir ../remote
  git push -q origin main
  git --git-dir=../origin.git show -s main
}

@test "git push sends the data of all commits that the other side lacks" {
  pushed
  for n in 1 2 3; do
    put data/a "version $n"
    git mlv add -q data
    commit_all "$n"
  done
  # From a folder further down, and the second time nothing is new.
  mkdir deep
  git -C deep push -q origin main
  assert_equal "$(objects ../remote)" "$(objects)"
  git clone -q ../origin.git ../clone
  cd ../clone
  git mlv fetch -q --all-commits
  assert_equal "$(objects)" "$(objects ../remote)"
}

@test "git push that deletes a branch, and one without a remote of ours, are let through" {
  hooked
  git init -q --bare ../origin.git
  git push -q ../origin.git main main:gone
  git push -q ../origin.git :gone
  run git --git-dir=../origin.git branch
  assert_output --partial main
  refute_output --partial gone
}

@test "hooks that were there run before ours, and come back" {
  new_project
  mkdir -p .git/hooks
  printf '#!/bin/sh\necho old hook "$@" >>"%s/ran"\n' "$BATS_TEST_TMPDIR" >.git/hooks/post-checkout
  chmod +x .git/hooks/post-checkout
  cp .git/hooks/post-checkout ../kept
  mlv install
  assert_success
  assert_regex "$stderr" "runs the hook that was there before"
  mlv install
  assert_regex "$stderr" "installed before"
  put f one
  git mlv add -q f
  commit_all one
  git checkout -q -b other
  assert_file_exists "$BATS_TEST_TMPDIR/ran"
  mlv install --uninstall
  assert_success
  cmp .git/hooks/post-checkout ../kept
  assert_not_exists .git/hooks/pre-push
  mlv install --uninstall
  assert_regex "$stderr" "left alone"
}

@test "core.hooksPath is honoured" {
  new_project
  git config core.hooksPath .githooks
  git mlv install -q
  assert_exists .githooks/post-checkout
  assert_not_exists .git/hooks/post-checkout
  put f one
  git mlv add -q f
  commit_all one
  rm f
  git checkout -q -b other
  have f one
}

@test "hooks have nothing to do where there is no project or work tree" {
  git init -q plain
  cd plain
  mlv hook post-checkout a b 1
  assert_success
  assert_equal "$output$stderr" ""
  git init -q --bare ../bare.git
  cd ../bare.git
  mlv hook pre-push
  assert_success
  cd ..
  new_project
  mlv hook nonsense
  assert_failure
  assert_regex "$stderr" "no hook 'nonsense'"
}
