load helper

tracked() {
  new_project
  put data/a one
  put data/b two
  put f bytes
  git mlv add -q data f
  commit_all one
}

@test "nothing tracked, nothing changed" {
  new_project
  mlv status
  assert_success
  assert_output --partial "Nothing is tracked yet"
  put f x
  git mlv add -q f
  mlv status
  assert_success
  assert_output --partial "up to date"
  mlv status --porcelain
  assert_output ""
  mlv status -q
  assert_success
}

@test "changed, added, deleted and renamed files inside a folder" {
  tracked
  put data/a changed
  mv data/b data/c
  put data/d new
  mlv status --granular --porcelain
  assert_success
  assert_output " M data/
 M data/a
 R data/b -> data/c
 A data/d"
  mlv status -q
  assert_failure 1
}

@test "the same size in the same second is noticed" {
  tracked
  put data/a two
  git mlv add -q data
  touch -d @1000000000 data/a
  git mlv status -q
  printf tow >data/a
  touch -d @1000000000 data/a
  mlv status -q
  assert_failure 1
}

@test "a deleted output and one that is not in the store" {
  tracked
  rm f
  rm -rf .git/mlv/files
  mlv status --json
  assert_output '{"data.mlv": [{"changed outs": {"data": "not in cache"}}], "f.mlv": [{"changed outs": {"f": "not in cache"}}]}'
  mlv status
  assert_output --partial "Not in the store"
}

@test "granular JSON has DVC's shape: committed against HEAD, uncommitted against the pointers" {
  tracked
  put data/a changed
  git mlv add -q data
  put f other
  mlv data status --granular --json
  assert_equal "$(jq -S -c . <<<"$output")" '{"committed":{"modified":["data/","data/a"]},"uncommitted":{"modified":["f"]}}'
}

@test "untracked files are listed on request" {
  tracked
  put loose x
  mlv status --granular --untracked-files=all --porcelain
  assert_line "?? loose"
}

@test "paths narrow it, also from a subfolder" {
  tracked
  put data/a changed
  put f other
  mkdir sub
  cd sub
  mlv status --porcelain ../f
  assert_output " M ../f"
}

@test "-z leaves paths raw" {
  new_project
  printf 1 >$'new\nline'
  git mlv add -q $'new\nline'
  printf 2 >$'new\nline'
  git mlv status --porcelain
  assert_equal "$(git mlv status --porcelain)" ' M "new\nline"'
  assert_equal "$(git mlv status --porcelain -z | tr '\0\n' '|+')" ' M new+line|'
}

@test "deleting the index costs only time" {
  tracked
  rm -rf .git/mlv/index
  mlv status -q
  assert_success
  printf garbage >.git/mlv/index/data.mdb
  mlv status -q
  assert_success
}

@test "a broken pointer is told with its place, the others are still shown" {
  tracked
  printf 'outs:\n- sha256: zz\n  path: f\n' >f.mlv
  put data/a changed
  mlv status
  assert_failure 1
  assert_regex "$stderr" "f.mlv:2"
  assert_output --partial "data"
}

@test "diff: between revisions, with the workspace, renames, hashes, sizes" {
  tracked
  git tag v1
  put data/a changed
  mv data/b data/c
  git mlv add -q data
  commit_all two
  mlv diff v1 HEAD
  assert_success
  assert_output $'M\tdata/\nM\tdata/a\nR\tdata/b -> data/c'
  mlv diff v1 HEAD --json
  assert_equal "$(jq -c . <<<"$output")" '{"added":[],"deleted":[],"modified":[{"path":"data/"},{"path":"data/a"}],"renamed":[{"path":{"old":"data/b","new":"data/c"}}]}'
  mlv diff v1 HEAD --stat
  assert_output --partial "2 modified, 1 renamed"
  mlv diff --exit-code
  assert_success
  rm f
  mlv diff --exit-code
  assert_failure 1
  assert_output $'D\tf'
  mlv diff v1 --targets data
  refute_output --partial $'D\tf'
}

@test "ls, du and cat see Git's files and tracked data as one tree" {
  tracked
  put README read
  commit_all readme
  mlv ls
  assert_line README
  assert_line data/
  assert_line f
  mlv ls -R --dvc-only
  assert_output $'data/a\ndata/b\nf'
  git tag v1
  put data/a changed
  git mlv add -q data
  mlv cat data/a
  assert_output changed
  mlv cat data/a@v1
  assert_output one
  mlv cat README@v1
  assert_output read
  mlv du -s data
  assert_output --partial "10 B"
  mlv cat data/none
  assert_failure 128
  git clone -q . ../clone
  mlv ls ../clone
  assert_line data/
}

@test "check-ignore tells rules" {
  new_project
  printf '*.tmp\n!keep.tmp\n' >.mlvignore
  mlv check-ignore -d a.tmp keep.tmp
  assert_success
  assert_output $'.mlvignore:1:*.tmp\ta.tmp\n.mlvignore:2:!keep.tmp\tkeep.tmp'
  mlv check-ignore b.txt
  assert_failure 1
}

@test "a password in the URL of another repository is not repeated" {
  new_project
  mlv ls "https://user:hush@127.0.0.1:1/none.git"
  assert_failure
  refute_regex "$stderr" hush
  assert_regex "$stderr" "127.0.0.1:1/none.git"
}
