# What stands where data belong: links into the store, written through or leading nowhere; what is no data at all.
load helper

# symlinked native | dvc: a project whose data are symbolic links; $x ends its pointers.
symlinked() {
  x=mlv
  if [ "$1" = dvc ]; then
    x=dvc
    new_dvc_project
    printf '[cache]\n    type = symlink\n' >.dvc/config
  else
    new_project
    git config mlv.links symlink
  fi
}

# No look at the project may take away what somebody wrote through a link: the object is the only place where it is.
written_through() {
  symlinked "$1"
  put m one
  git mlv add -q m
  commit_all one
  [ -L m ]
  chmod u+w m
  echo "a day of work" >m
  for look in status diff ls fsck "fsck --data" "gc --force" "cat m" unprotect "checkout m" "hook pre-commit"; do
    # shellcheck disable=SC2086 # words
    git mlv $look >/dev/null 2>&1 || true
    assert_equal "$(cat m)" "a day of work"
  done
  mlv status --porcelain
  assert_output --partial "m"
  mlv checkout
  assert_failure 1
  assert_regex "$stderr" "'m' is not in the store"
  git mlv add -q m
  assert_equal "$(cat m)" "a day of work"
  mlv status -q
  assert_success
  # The damaged object makes room for the right one.
  printf one >other
  mlv add -q other
  assert_success
  assert_regex "$stderr" "1 object had been changed in the store"
  have other one
  mlv fsck --data
  assert_success
}

@test "what was written through a symbolic link stays, and can be added" {
  written_through native
}

@test "what was written through a symbolic link stays, and can be added: DVC" {
  written_through dvc
}

# A folder with a link that leads nowhere is not recorded without it.
dangling() {
  symlinked "$1"
  put d/a one
  put d/b two
  git mlv add -q d
  commit_all one
  rm -f "$(readlink d/a)"
  put d/c three
  cp "d.$x" ../before
  mlv commit
  assert_failure
  assert_regex "$stderr" "'d/a' is a link to an object that is no longer in the store"
  mlv add d
  assert_failure
  cmp "d.$x" ../before
  mlv status
  assert_failure 1
  assert_regex "$stderr" "no longer in the store"
}

@test "a folder whose link leads nowhere is not recorded without it" {
  dangling native
}

@test "a folder whose link leads nowhere is not recorded without it: DVC" {
  dangling dvc
}

@test "links into the store of a project that was moved are not recorded as data" {
  symlinked native
  put d/a one
  git mlv add -q d
  commit_all one
  here=$PWD
  cd .. && mv "$here" moved && cd moved
  cp d.mlv ../before
  mlv commit
  assert_failure
  assert_regex "$stderr" "'d/a' is a link into another store"
  cmp d.mlv ../before
  git mlv checkout -q --force
  have d/a one
  mlv status -q
  assert_success
}

@test "files that say how data are handled are no data" {
  new_project
  put .gitignore '*.o'
  put sub/.gitignore '*.o'
  put sub/mlv.lock x
  for name in .gitignore sub/.gitignore sub/mlv.lock; do
    mlv add "$name"
    assert_failure
    assert_regex "$stderr" "is no data itself"
  done
}

@test "checkout --force replaces what is neither a file nor a folder" {
  new_project
  put m one
  put d/a two
  git mlv add -q m d
  commit_all one
  rm -r m d
  mkfifo m d
  mlv checkout
  assert_failure 1
  assert_regex "$stderr" "neither a file nor a folder"
  git mlv checkout -q --force
  have m one
  have d/a two
  rm m
  mkfifo m
  id=$(printf one | sha256sum | cut -c 1-64)
  rm -f .git/mlv/files/sha256/"${id:0:2}"/"${id:2}"
  mlv checkout --force
  assert_failure 1
  assert_regex "$stderr" "not in the store"
  [ -p m ]
}
