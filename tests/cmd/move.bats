load helper

tracked() {
  new_project
  put data/a one
  put f bytes
  git mlv add -q data f
  commit_all one
}

@test "move renames data, pointer and ignore line, and Git sees it" {
  tracked
  mlv move f g
  assert_success
  have g bytes
  assert_not_exists f
  assert_not_exists f.mlv
  assert_equal "$(cat .gitignore)" "/data
/g"
  git add -A
  assert_regex "$(git diff --cached --name-status -M -- "*.mlv")" "R[0-9]+.f.mlv.g.mlv"
  mlv status -q
  assert_success
  git commit -qm moved
  mlv diff HEAD~1 --json
  assert_equal "$(jq -c .renamed <<<"$output")" '[{"path":{"old":"f","new":"g"}}]'
}

@test "move into a folder, to the top, and of a folder" {
  tracked
  mkdir -p deep/er
  git mlv move -q f deep/er
  have deep/er/f bytes
  assert_equal "$(cat deep/er/.gitignore)" /f
  cd deep/er
  git mlv move -q f ../..
  cd ../..
  have f bytes
  assert_not_exists deep/er/.gitignore
  git mlv move -q data deep/other
  have deep/other/a one
  mlv status -q
  assert_success
}

@test "data that are not in the workspace move as a pointer" {
  tracked
  rm -r data
  git mlv move -q data later
  assert_exists later.mlv
  git mlv checkout -q later
  have later/a one
}

@test "unrecorded edits move along and stay unrecorded" {
  tracked
  put data/a changed
  git mlv move -q data moved
  have moved/a changed
  mlv status --porcelain
  assert_output " M moved/"
}

@test "move refuses what would lose or hide something, and touches nothing" {
  tracked
  put there x
  put git-file y
  git add -f git-file
  git mlv add -q --no-commit there
  mv there.mlv pattern.mlv
  sed -i s/there/pattern/ pattern.mlv
  printf 'ignored\n' >>.mlvignore
  for goal in there data/f .mlvconfig/f x.mlv mlv.yaml ../out f git-file ignored pattern nowhere/; do
    mlv move f "$goal"
    assert_failure
    have f bytes
    assert_exists f.mlv
  done
  mlv move data data/inside
  assert_failure
  assert_regex "$stderr" "inside of what is to be moved"
  mlv move data/a elsewhere
  assert_failure
  assert_regex "$stderr" "git mlv ls"
  have there x
  assert_exists pattern.mlv
}

@test "an imported file keeps what it came from, seen from its new place" {
  new_project
  put data/f bytes
  git mlv add -q data/f
  printf 'deps:\n- path: ../source\n' >>data/f.mlv
  mkdir -p one/two
  git mlv move -q data/f one/two/f
  run cat one/two/f.mlv
  assert_line --partial "path: ../../source"
}

@test "a DVC project: the moved pointer is what DVC writes" {
  new_dvc_project
  put f bytes
  git mlv add -q f
  mkdir sub
  git mlv move -q f sub/g
  assert_equal "$(cat sub/g.dvc)" "outs:
- md5: 4b3a6218bb3e3a7303e8a171a60fcf92
  size: 5
  hash: md5
  path: g"
}

@test "unprotect makes writable files of links, and says how many" {
  tracked
  git config mlv.links hardlink
  git mlv checkout -q --relink
  assert_equal "$(stat -c %h data/a)" 2
  mlv unprotect data
  assert_success
  assert_regex "$stderr" "replaced 1 link by copies"
  assert_equal "$(stat -c %h data/a)" 1
  assert_equal "$(stat -c %A data/a | cut -c 3)" w
  assert_equal "$(stat -c %h f)" 2
  mlv unprotect --glob '*'
  assert_success
  assert_equal "$(stat -c %h f)" 1
  mlv unprotect nowhere
  assert_failure
  mlv status -q
  assert_success
}
