load helper

@test "the way up from a folder, through native and DVC projects" {
  git init -q work
  cd work
  mkdir -p a/b c/.dvc c/d
  : >.mlvconfig
  mlv root
  assert_output .
  cd a/b
  mlv root
  assert_output ../..
  cd ../../c/d
  mlv root
  assert_output ..
}

@test "no project, and none looked for above the work tree" {
  : >.mlvconfig
  git init -q work
  cd work
  mlv root
  assert_equal "$status" 128
  assert_regex "$stderr" "hint: .*git mlv init"
}

@test "the environment may name another work tree" {
  mkdir -p project/sub
  git init -q other
  : >project/.mlvconfig
  cd project/sub
  GIT_DIR=$BATS_TEST_TMPDIR/other/.git GIT_WORK_TREE=$BATS_TEST_TMPDIR/project mlv root
  assert_output ..
}
