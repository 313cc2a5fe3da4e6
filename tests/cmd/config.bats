load helper

# A native project with a folder to stand in; `git mlv init` is tested elsewhere.
native() {
  git init -q work
  cd work || return 1
  : >.mlvconfig
  mkdir sub
}

@test "set, get, list and unset in a native project" {
  native
  mlv config mlv.remote store
  assert_success
  assert_output ""
  run git config -f .mlvconfig mlv.remote
  assert_output store
  mlv config mlv.remote
  assert_output store
  mlv config mlv.jobs 4 --local
  mlv config --list
  assert_output $'mlv.remote=store\nmlv.jobs=4'
  mlv config -u mlv.remote
  assert_success
  mlv config mlv.remote
  assert_equal "$status" 1
  assert_output ""
  mlv config -u mlv.remote
  assert_equal "$status" 128
}

@test "levels override each other: project, global, local, command line" {
  native
  mlv config --project mlv.links copy
  mlv config mlv.links
  assert_output copy
  mlv config --global mlv.links hardlink
  mlv config mlv.links
  assert_output hardlink
  mlv config --local mlv.links symlink
  mlv config mlv.links
  assert_output symlink
  run git -c mlv.links=reflink mlv config mlv.links
  assert_output reflink
  mlv config --project mlv.links
  assert_output copy
  mlv config --global mlv.links
  assert_output hardlink
  cd sub
  run git -c mlv.links=reflink mlv config --list --show-origin
  assert_output "../.mlvconfig	mlv.links=copy
$HOME/.gitconfig	mlv.links=hardlink
../.git/config	mlv.links=symlink
command line	mlv.links=reflink"
}

@test "names are checked and made canonical" {
  native
  mlv config MLV.GcGrace 1.week --local
  assert_success
  mlv config mlv.gcgrace
  assert_output 1.week
  mlv config --local mlv-remote.Big.Store.endpoint_url x
  mlv config mlv-remote.Big.Store.endpoint-url
  assert_output x
  for name in mlv.bogus bogus mlv-remote.url mlv-remote.x. core.remote "mlv-remote.x.a b" ""; do
    mlv config "$name" 1
    assert_equal "$status" 129
  done
  assert_regex "$stderr" "there is no setting ''"
}

@test "what a clone brings may not say personal things" {
  native
  mlv config mlv.store /elsewhere
  assert_equal "$status" 129
  assert_regex "$stderr" "'mlv.store' is personal"
  mlv config mlv-remote.s.password secret
  assert_equal "$status" 129
  refute_regex "$stderr" secret
  assert_equal "$(cat .mlvconfig)" ""
  git config -f .mlvconfig mlv.store /elsewhere
  mlv config mlv.store
  assert_equal "$status" 1
  mlv config --list
  assert_output ""
  assert_regex "$stderr" "warning: .mlvconfig: 'mlv.store' is ignored"
}

@test "relative paths start where the user stands" {
  native
  cd sub
  mlv config mlv-remote.s.url ../../data
  run git config -f ../.mlvconfig mlv-remote.s.url
  assert_output ../data
  mlv config --global mlv.store objects
  run git config --global mlv.store
  assert_output "$PWD/objects"
  mlv config mlv-remote.t.url s3://bucket/x
  mlv config mlv-remote.t.url
  assert_output s3://bucket/x
}

@test "outside of a project and of a repository" {
  mlv config --global mlv.jobs 5
  assert_success
  mlv config mlv.jobs
  assert_output 5
  mlv config mlv.jobs 6
  assert_equal "$status" 129
  assert_regex "$stderr" "no Git repository here"
  git init -q --bare bare
  cd bare
  mlv config --local mlv.jobs 7
  assert_success
  mlv config --project mlv.links copy
  assert_equal "$status" 129
  mlv config mlv.jobs
  assert_output 7
}

@test "mistakes in the arguments" {
  native
  for arguments in "" "--list mlv.jobs" "--unset" "--unset mlv.jobs 3" "--local --global mlv.jobs" "--list --unset" "a b c"; do
    # shellcheck disable=SC2086
    mlv config $arguments
    assert_equal "$status" 129
  done
}

@test "--help-keys explains every setting" {
  native
  mlv config --local mlv.jobs 3
  mlv config --help-keys
  assert_success
  assert_line --regexp '^SETTING +VALUE +FROM +DEFAULT +MEANING'
  assert_line --regexp '^mlv.jobs +3 +\.git/config +0 +transfers'
  assert_line --regexp '^mlv.links +reflink,copy +reflink,copy '
}

@test "a DVC project keeps its settings where DVC looks for them" {
  new_dvc_project
  mkdir sub
  cd sub
  mlv config core.remote Store
  assert_success
  mlv config --local remote.store.url ../../data
  mlv config remote.Store.URL
  assert_output "$BATS_TEST_TMPDIR/data"
  run cat ../.dvc/config
  assert_output $'[core]\n    remote = Store'
  run cat ../.dvc/config.local
  assert_output $'[\'remote "store"\']\n    url = ../../data'
  mlv config --list --show-origin
  assert_output "../.dvc/config	core.remote=Store
../.dvc/config.local	remote.store.url=$BATS_TEST_TMPDIR/data"
  mlv config --global cache.type "hardlink,copy"
  run cat "$HOME/.config/dvc/config"
  assert_output $'[cache]\n    type = "hardlink,copy"'
  mlv config -u core.remote
  assert_success
  run cat ../.dvc/config
  assert_output ""
}

@test "what would make every DVC command fail is not written" {
  new_dvc_project
  mlv config core.bogus 1
  assert_equal "$status" 129
  mlv config bogus 1
  assert_equal "$status" 129
  run cat .dvc/config
  assert_output ""
}

@test "our own keys stand in Git's files in a DVC project" {
  new_dvc_project
  mlv config mlv.jobs 3
  assert_success
  run git config --local mlv.jobs
  assert_output 3
  mlv config --list
  assert_output "mlv.jobs=3"
  mlv config --project mlv.jobs 4
  assert_equal "$status" 129
  mlv config mlv.links copy
  assert_equal "$status" 129
  mlv config --help-keys
  assert_line --regexp '^mlv.jobs +3 '
  assert_line --regexp '^cache.type +reflink,copy '
  refute_line --partial mlv.links
}

@test "the list of remotes shows no passwords" {
  native
  mlv config --local mlv-remote.s.url https://me:hush@h/x:y@z
  mlv remote list
  assert_output $'s\thttps://me:***@h/x:y@z'
}

@test "remote add --force makes another remote, without the login of the old one" {
  new_project
  git mlv remote add -q -d store s3://old/data
  git mlv remote modify store region north
  git mlv remote modify --local store secret_access_key hush
  mlv remote add store s3://new/data
  assert_failure
  git mlv remote add -q -f store s3://new/data
  git mlv remote add -q -f --local store s3://newer/data
  mlv config --list
  assert_line "mlv-remote.store.url=s3://newer/data"
  refute_line --partial north
  refute_line --partial hush
}
