load helper

@test "remove --outs deletes what is stored, and the folders that this empties" {
  new_project
  put data/a 1
  put data/sub/deep/b 2
  mkdir data/empty
  ln -s a data/link
  put file.csv 3
  git mlv add -q data file.csv
  mlv remove --outs data file.csv
  assert_success
  refute [ -e data ]
  refute [ -e file.csv ]
  refute [ -e data.mlv ]
}

@test "remove --outs keeps what no store has: ignored files, and a repository inside" {
  new_project
  put .mlvignore '*.tmp'
  put data/a 1
  put data/sub/notes.tmp mine
  put data/other/b 2
  git init -q data/clone
  git mlv add -q data
  mlv remove --outs data
  assert_success
  [[ $stderr == *"'data' stays"* ]]
  have data/sub/notes.tmp mine
  assert [ -d data/clone/.git/refs/heads ]
  refute [ -e data/a ]
  refute [ -e data/other ]
  refute [ -e data.mlv ]
}

@test "remove --outs refuses to lose edits; --force does not" {
  new_project
  put data/a 1
  git mlv add -q data
  put data/a changed
  mlv remove --outs data
  assert_failure
  have data/a changed
  assert [ -e data.mlv ]
  mlv remove --outs --force data
  assert_success
  refute [ -e data ]
}

@test "move refuses a name that would be taken for a pointer or a pipeline" {
  new_project
  put a 1
  git mlv add -q a
  for to in b.mlv sub/mlv.yaml; do
    mlv move a "$to"
    assert_failure
    have a 1
    refute [ -e "$to" ]
  done
  mlv status -q
  assert_success
}

@test "ls of a URL, also from a hook, leaves no clone behind" {
  new_project
  put a 1
  git mlv add -q a
  commit_all one
  mkdir ../tmp
  GIT_DIR=$PWD/.git GIT_OBJECT_DIRECTORY=$PWD/.git/objects TMPDIR=$PWD/../tmp mlv ls "file://$PWD"
  assert_success
  [[ $output == *a* ]]
  assert [ -z "$(ls -A ../tmp)" ]
}
