# doctor, init, du, and ls and cat of other repositories.
load helper

@test "doctor in a healthy project" {
  new_project
  put f x
  git mlv add -q f
  git mlv remote add -q -d store "$PWD/../remote"
  mkdir ../remote
  git mlv install -q
  mlv doctor
  assert_success
  refute_output --partial WRONG
  assert_output --partial "git version"
  assert_output --partial "1 tracked file or folder"
  assert_output --partial "store (default): $BATS_TEST_TMPDIR/remote"
  assert_line --regexp "ok +hooks +installed"
  assert_line --regexp "ok +lock +free"
}

@test "doctor names what is missing and the command that mends it" {
  new_project
  mlv doctor
  assert_success
  assert_output --partial "git mlv remote add -d"
  assert_output --partial "git mlv install"
  git mlv remote add -q gone "$PWD/../gone"
  mlv doctor
  assert_output --partial "git mlv push makes it"
}

@test "doctor finds broken pointers and a store that is none" {
  new_project
  printf 'outs:\n- nope\n' >x.mlv
  mlv doctor
  assert_failure 1
  assert_line --regexp "WRONG +pointers +x.mlv"
  rm x.mlv
  printf x >../file
  git config mlv.store "$PWD/../file"
  mlv doctor
  assert_failure 1
  assert_line --regexp "WRONG +store"
}

@test "doctor tells what kind of clone and project this is" {
  new_project
  put readme x
  commit_all one
  put readme y
  commit_all two
  git clone -q --depth=1 "file://$PWD" ../shallow
  cd ../shallow
  mlv doctor
  assert_output --partial "a shallow clone"
  cd ..
  new_dvc_project dvc
  mlv doctor
  assert_line --regexp "ok +dialect +dvc"
}

@test "init makes a project once, and says what is next" {
  git init -q work
  cd work
  mlv init
  assert_success
  assert_regex "$stderr" "git mlv add"
  assert_equal "$(git diff --cached --name-only)" ".mlvconfig
.mlvignore"
  put .mlvignore "mine"
  mlv init
  assert_failure
  assert_regex "$stderr" "git mlv init --force"
  have .mlvignore mine
  git mlv init -q --force
  run cat .mlvignore
  assert_output --partial "git-mlv-formats(5)"
}

@test "init in a subfolder, in a DVC project, without a work tree" {
  git init -q work
  mkdir -p work/sub
  cd work/sub
  mlv init
  assert_failure
  assert_regex "$stderr" "--subdir"
  git mlv init -q --subdir
  assert_exists .mlvconfig
  cd ../..
  new_dvc_project dvc
  mlv init
  assert_failure
  assert_regex "$stderr" "DVC project as it is"
  git init -q --bare ../bare.git
  cd ../bare.git
  mlv init
  assert_failure 129
}

# Two versions of data/ in ../other, bytes on ../remote only.
other() {
  new_project other
  git mlv remote add -q -d store "$BATS_TEST_TMPDIR/remote"
  put data/a 12345
  put data/b 123
  git mlv add -q data
  commit_all one
  git tag v1
  rm data/b
  git mlv add -q data
  git commit -qam two
  git mlv push -q --all-commits
  cd ..
}

@test "du: paths, totals, at a revision, of another repository" {
  other
  cd other
  mlv du
  assert_success
  assert_line --regexp "5 B.data"
  mlv du -s
  assert_line --regexp "5 B.\\.$"
  mlv du --rev v1 data
  assert_line --regexp "3 B.data/b"
  assert_line --regexp "8 B.data$"
  cd ..
  new_project
  mlv du ../other data
  assert_line --regexp "5 B.data"
  mlv du nowhere data
  assert_failure
  assert_regex "$stderr" "is no repository"
}

@test "ls, du and cat of a URL" {
  other
  new_project
  mlv ls "file://$BATS_TEST_TMPDIR/other" --rev v1 -R
  assert_success
  assert_line data.mlv
  mlv ls "$BATS_TEST_TMPDIR/other" data --rev v1
  assert_line b
  mlv ls file:///nowhere/at/all
  assert_failure
  assert_regex "$stderr" "clone 'file:///nowhere/at/all'"
  run find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'git-mlv-*' -newer .mlvconfig
  assert_output ""
}

