load helper

# A project with two committed versions of data/ and the workspace at the second.
two_versions() {
  new_project
  put data/a one
  put data/gone here
  put data/sub/x ex
  git mlv add -q data
  commit_all one
  git tag v1
  put data/a two
  rm data/gone
  put data/new n
  git mlv add -q data
  commit_all two
}

@test "checkout follows Git: changed, deleted and new files" {
  two_versions
  git checkout -q v1
  mlv checkout
  assert_success
  assert_output $'M\tdata/'
  have data/a one
  have data/gone here
  assert_not_exists data/new
  git checkout -q main
  git mlv checkout -q
  have data/a two
  assert_not_exists data/gone
  have data/new n
}

@test "unsaved edits stop checkout by name, and are not touched" {
  two_versions
  put data/sub/x precious
  put data/mine unsaved
  git checkout -q v1
  mlv checkout
  assert_failure 1
  assert_regex "$stderr" "data/sub/x"
  assert_regex "$stderr" "hint: .*--force"
  have data/sub/x precious
  have data/mine unsaved
}

@test "what is refused is not told as changed" {
  two_versions
  put f bytes
  put other o
  git mlv add -q f other
  commit_all three
  put f unsaved
  put other o2
  git mlv add -q other
  put data/sub/x precious
  git add -A
  git checkout -q -f v1
  git checkout -q main
  mlv checkout
  assert_failure 1
  assert_output $'C\tdata/\nC\tf\nM\tother'
  assert_equal "$(git mlv checkout --summary 2>/dev/null)" "2 in conflict"
  have f unsaved

  # A step that fails changes nothing.
  rm data/sub/x
  mkdir data/sub/x
  put data/sub/x/y mine
  git mlv checkout -q --force f
  mlv checkout
  assert_failure 1
  assert_output $'C\tdata/'
  refute_regex "$stderr" "changed meanwhile"
  mlv checkout --dry-run
  assert_output ""
}

@test "what cannot be read is an error for itself alone" {
  two_versions
  put f one
  put lone l1
  mkdir hidden
  put hidden/h h1
  put data/deep/er/x x1
  put data/swap/y y1
  git mlv add -q f lone hidden data
  commit_all three
  put f two
  put lone l2
  put hidden/h h2
  put data/a three
  put data/sub/x ex2
  put data/deep/er/x x2
  put data/deep/z z
  git mlv add -q f lone hidden data
  commit_all four
  bound true || skip "root may read everything here"
  git checkout -q HEAD~1
  # Written anew, so that the index does not know them.
  for file in lone data/sub/x; do
    cp $file saved && mv saved $file && chmod 0 $file
  done
  chmod 0 data/deep/er hidden
  chmod 444 data/swap
  run --separate-stderr bound git mlv checkout
  assert_failure 1
  assert_output $'M\tdata/\nM\tf'
  for what in lone data/sub/x data/deep/er data/swap/?y? hidden; do
    assert_regex "$stderr" "error: [^'/]* ?'$what'"
  done
  assert_equal "$(grep -c error: <<<"$stderr")" 5
  have f one
  have data/a two
  assert_not_exists data/deep/z
  chmod 755 data/deep/er data/swap hidden
  have data/deep/er/x x2
  chmod 0 data/deep/er

  # What is overwritten need not be read.
  run --separate-stderr bound git mlv checkout --force
  assert_failure 1
  assert_equal "$(grep -c error: <<<"$stderr")" 1
  assert_regex "$stderr" "data/deep/er"
  have lone l1
  have data/sub/x ex
  chmod 755 data/deep/er
  bound git mlv checkout -q
  have data/deep/er/x x1
  mlv status
  assert_output --partial "up to date"

  # An output without a pointer is not forgotten while it cannot be read.
  chmod 0 hidden
  rm hidden.mlv
  run --separate-stderr bound git mlv checkout
  assert_failure 1
  assert_regex "$stderr" "hidden"
  chmod 755 hidden
  git mlv checkout -q
  assert_not_exists hidden
}

@test "a file that the user put into the folder is never deleted without --force" {
  two_versions
  put data/mine unsaved
  git checkout -q v1
  mlv checkout
  assert_failure 1
  assert_regex "$stderr" "data/mine"
  have data/mine unsaved
  git mlv checkout -q --force
  assert_not_exists data/mine
  have data/a one
}

@test "--force overwrites" {
  two_versions
  put data/a other
  mlv checkout --force
  assert_success
  have data/a two
}

@test "edits that were stored before are safe to overwrite" {
  two_versions
  put data/a three
  git mlv add -q data
  git checkout -q -- data.mlv
  mlv checkout
  assert_success
  have data/a two
}

@test "one path inside a folder" {
  two_versions
  rm -rf data
  mlv checkout data/sub
  assert_success
  have data/sub/x ex
  assert_not_exists data/a
  mlv checkout data/a
  have data/a two
}

@test "--dry-run says what would be done and does nothing" {
  two_versions
  rm data/a
  mlv checkout --dry-run
  assert_success
  assert_regex "$output" "create +data/a"
  assert_not_exists data/a
}

@test "a missing object is named, the rest is checked out" {
  two_versions
  rm -rf data
  id=$(printf two | sha256sum | cut -c 1-64)
  rm -f .git/mlv/files/sha256/"${id:0:2}"/"${id:2}"
  mlv checkout
  assert_failure 1
  assert_regex "$stderr" "data/a"
  assert_regex "$stderr" "git mlv (fetch|pull)"
  have data/new n
  mlv checkout --allow-missing
  assert_success
  assert_regex "$stderr" "not in the store: 1; git mlv pull"
}

@test "data whose pointer is gone goes, if it is stored" {
  two_versions
  put other o
  git mlv add -q other
  commit_all three
  git checkout -q v1
  git mlv checkout -q
  assert_not_exists other
  git checkout -q main
  git mlv checkout -q
  have other o
}

@test "data whose pointer is gone stays, if no commit has the pointer" {
  two_versions
  put other o
  git mlv add -q other
  cp other.mlv ../kept
  rm other.mlv
  mlv checkout
  assert_success
  assert_regex "$stderr" "'other' stays: no commit has the pointer"
  have other o
  mlv checkout
  assert_success
  assert_equal "$stderr" ""
  cp ../kept other.mlv
  git mlv add -q other
  rm other.mlv
  git mlv checkout -q --force
  assert_not_exists other
  # A stash is a way back.
  cp ../kept other.mlv
  git mlv checkout -q
  git stash -q -u
  git mlv checkout -q
  assert_not_exists other
}

@test "a file in the place of a folder, and a folder in the place of a file" {
  two_versions
  rm -rf data
  put data plain
  mlv checkout
  assert_failure 1
  have data plain
  git mlv checkout -q --force
  have data/a two
  new_project ../second
  put f bytes
  git mlv add -q f
  rm f
  put f/inside mine
  mlv checkout
  assert_failure 1
  have f/inside mine
}

@test "a symbolic link in the way is not followed out of the project" {
  two_versions
  mkdir ../outside
  rm -rf data/sub
  ln -s ../../outside data/sub
  mlv checkout --force
  assert_not_exists ../outside/x
}

@test "a damaged object is not checked out" {
  two_versions
  rm data/a
  id=$(printf two | sha256sum | cut -c 1-64)
  object=.git/mlv/files/sha256/${id:0:2}/${id:2}
  chmod u+w "$object"
  printf tww >"$object"
  chmod 444 "$object"
  mlv checkout
  assert_failure 1
  assert_not_exists data/a
}

@test "editing a hard link does not pass for the stored bytes" {
  new_project
  git config mlv.links hardlink
  put data/a one
  git mlv add -q data
  chmod u+w data/a
  printf ONE >data/a
  chmod 444 data/a
  mlv status -q
  assert_failure 1
  git mlv fsck --data && fail "fsck must see the damage" || true
}

@test "--relink changes the kind of link" {
  two_versions
  git config mlv.links hardlink
  git mlv checkout -q --relink
  assert_equal "$(stat -c %h data/a)" 2
  git config mlv.links copy
  git mlv checkout -q --relink
  assert_equal "$(stat -c %h data/a)" 1
}

@test "left-overs of a killed checkout are swept" {
  two_versions
  put data/.mlv-tmp-0123456789abcdef junk
  put data/a other
  git mlv checkout -q --force
  assert_not_exists data/.mlv-tmp-0123456789abcdef
}

@test "linked worktrees share one store" {
  two_versions
  git worktree add -q ../linked v1
  cd ../linked
  mlv checkout
  assert_success
  have data/a one
  assert_not_exists .git/mlv
}

@test "checkout waits for a collection in another worktree, and says so" {
  two_versions
  git checkout -q v1
  flock .git/mlv/.mlv/lock sleep 2 3>&- &
  sleep 0.5
  mlv checkout
  assert_success
  assert_regex "$stderr" "wait"
  have data/a one
  wait
}
