load helper

# on_terminal COMMAND: run it with a terminal as its standard streams; its exit status, its output without '\r'.
on_terminal() {
  run script -qec "$1" /dev/null
  output=${output//$'\r'/}
}

@test "without a command the list goes to standard error, exit 129" {
  mlv
  assert_equal "$status" 129
  assert_output ""
  assert_regex "$stderr" "usage: git mlv"
}

@test "-h lists the commands on standard output, exit 0" {
  mlv -h
  assert_success
  assert_line --regexp "^    version +Print the version"
  assert_equal "$stderr" ""
  mlv help
  assert_success
  assert_line --regexp "^    config +"
}

@test "-h of a command prints its usage, exit 0, whatever else is wrong" {
  mlv config -h --bogus
  assert_success
  assert_line --partial "usage: git mlv config"
  assert_line --regexp "^    -u, --unset +"
  assert_line --regexp "^    --wait-for-lock +"
}

@test "--help and help open the manual page" {
  mkdir bin
  printf '#!/bin/sh\necho "man $*"\necho "$MANPATH" | grep -q ":" && echo extended\n' >bin/man
  chmod +x bin/man
  PATH=$PWD/bin:$PATH
  mlv help config
  assert_output $'man git-mlv-config\nextended'
  mlv config --help
  assert_output $'man git-mlv-config\nextended'
  run git-mlv --help
  assert_output $'man git-mlv\nextended'
}

@test "an unknown command gets the nearest as a hint, exit 129" {
  mlv confg --list
  assert_equal "$status" 129
  assert_equal "$stderr" $'error: \'confg\' is not a command of git mlv\nhint: did you mean git mlv config?'
  mlv help zebra
  assert_equal "$status" 129
}

@test "mistakes in options and arguments, exit 129" {
  mlv version --bogus
  assert_equal "$status" 129
  assert_equal "$stderr" $'error: unknown option \'--bogus\'\nhint: git mlv version -h shows how to call it'
  mlv version surplus
  assert_equal "$status" 129
  assert_regex "$stderr" "does not take the argument 'surplus'"
  mlv --bogus
  assert_equal "$status" 129
}

@test "version" {
  mlv version
  assert_success
  assert_output --regexp '^git-mlv [0-9]+\.[0-9]+'
  first=$output
  mlv --version
  assert_output "$first"
  mlv version --build
  assert_success
  assert_line --regexp '^libraries: .*glib-2.0 [0-9]'
  assert_line --regexp '^configured with: '
}

@test "-C and --cd, one after the other as Git does" {
  mkdir -p a/b
  git init -q a/b
  mlv -C a -C b config --local mlv.jobs 3
  assert_success
  run git -C a/b config mlv.jobs
  assert_output 3
  mlv config --cd a/b mlv.jobs
  assert_output 3
  run git -C a/b mlv config mlv.jobs
  assert_output 3
  mlv -C nowhere version
  assert_equal "$status" 128
  assert_regex "$stderr" "fatal: change to 'nowhere': No such file or directory"
}

@test "as an alias" {
  git init -q a
  git config --global alias.data mlv
  run git -C a data config --local mlv.jobs 4
  assert_success
  run git -C a config mlv.jobs
  assert_output 4
}

@test "the network program is found, or its absence told" {
  mlv completion bash
  assert_success
  assert_line "_git_mlv ()"
  cp "$top_builddir/git-mlv" alone
  GIT_MLV_EXEC_PATH=$PWD run --separate-stderr ./alone completion bash
  # An installed one may be there.
  if [ "$status" -ne 0 ]; then
    assert_equal "$status" 128
    assert_regex "$stderr" "cannot find the program 'git-mlv-network'"
  fi
}

@test "a full disk and a closed standard output are errors" {
  run --separate-stderr bash -c 'git mlv version >/dev/full'
  assert_equal "$status" 128
  assert_equal "$stderr" "fatal: write standard output: No space left on device"
  run --separate-stderr bash -c 'git-mlv version >&-'
  assert_equal "$status" 128
  assert_regex "$stderr" "fatal: write standard output: "
}

@test "a reader that goes away ends it quietly, 141" {
  run --separate-stderr bash -c 'git-mlv completion bash | true; echo "${PIPESTATUS[0]}"'
  assert_equal "$stderr" ""
  # The script may fit into the pipe before its reader is gone.
  assert_regex "$output" '^(0|141)$'
  run --separate-stderr bash -c '{ sleep 0.2; git-mlv version; echo $? >&2; } | true'
  assert_equal "$stderr" 141
}

@test "no colour unless on a terminal that can show it" {
  git init -q a
  git -C a config mlv.jobs 3
  run git -C a mlv config --list --show-origin
  refute_output --partial $'\033'
  on_terminal "TERM=xterm git -C a mlv config --list --show-origin"
  assert_output --partial $'\033[2m.git/config\033[m'
  on_terminal "NO_COLOR=1 TERM=xterm git -C a mlv config --list --show-origin"
  refute_output --partial $'\033'
  on_terminal "TERM=dumb git -C a mlv config --list --show-origin"
  refute_output --partial $'\033'
  on_terminal "TERM=xterm git -C a -c color.ui=never mlv config --list --show-origin"
  refute_output --partial $'\033'
  run git -C a -c color.ui=never -c color.mlv=always mlv config --list --show-origin
  assert_output --partial $'\033[2m'
}

@test "long output goes through Git's pager on a terminal only" {
  git init -q a
  git -C a config mlv.jobs 3
  export GIT_PAGER="sed s/^/paged:/" TERM=dumb
  run git -C a mlv config --list
  assert_output "mlv.jobs=3"
  on_terminal "git -C a mlv config --list"
  assert_output "paged:mlv.jobs=3"
  on_terminal "git -C a mlv version"
  refute_output --partial paged
  unset GIT_PAGER
  on_terminal "git -C a -c core.pager='sed s/^/core:/' mlv config --list"
  assert_output "core:mlv.jobs=3"
  on_terminal "git -C a -c pager.mlv='sed s/^/own:/' mlv config --list"
  assert_output "own:mlv.jobs=3"
  on_terminal "git -C a -c pager.mlv=false -c core.pager='sed s/^/core:/' mlv config --list"
  assert_output "mlv.jobs=3"
  on_terminal "git -C a --no-pager -c core.pager='sed s/^/core:/' mlv config --list"
  assert_output "mlv.jobs=3"
}

@test "the exit code is the command's, not the pager's, and the pager sees errors" {
  git init -q a
  export GIT_PAGER="sed s/^/paged:/" TERM=dumb
  on_terminal "git -C a mlv config mlv.jobs"
  assert_equal "$status" 1
  on_terminal "git -C a -c mlv.jobs=3 mlv config mlv.jobs"
  assert_success
  # One that is left before it read all ends quietly.
  GIT_PAGER=true on_terminal "git -C a -c mlv.jobs=3 mlv config --list"
  assert_output ""
}

@test "the trace tells the exit code" {
  GIT_MLV_TRACE=$PWD/trace mlv version
  assert_success
  run cat trace
  assert_output --partial "cli: version: exit 0"
}

@test "outside of a repository and outside of a project every command says so" {
  for command in status "add x" ls doctor checkout push gc; do
    # shellcheck disable=SC2086 # words
    run --separate-stderr git mlv $command
    assert_failure 128
    assert_regex "$stderr" "git init"
  done
  git init -q plain
  cd plain
  for command in status "add x" ls doctor checkout push gc; do
    # shellcheck disable=SC2086 # words
    run --separate-stderr git mlv $command
    assert_failure 128
    assert_regex "$stderr" "git mlv init"
  done
}
