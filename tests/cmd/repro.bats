load helper

# As the helper's; and what a test made on another file system goes.
teardown() {
  cd /
  [ -z "${elsewhere:-}" ] || rm -rf "$elsewhere"
  chmod -R u+w "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

# Three stages: up (in.txt, params k) -> mid -> down.
chain() {
  new_project
  echo 'k: 1' >params.yaml
  echo one >in.txt
  cat >mlv.yaml <<'END'
stages:
  up:
    cmd: cat in.txt params.yaml > up.txt
    deps: [in.txt]
    params: [k]
    outs: [up.txt]
  mid:
    cmd: head -n 1 up.txt > mid.txt
    deps: [up.txt]
    outs: [mid.txt]
  down:
    cmd: cat mid.txt > down.txt
    deps: [mid.txt]
    outs: [down.txt]
END
  commit_all one
}

# repro …: with standard error among the output.
repro() { run git mlv repro "$@"; }

# holds FILE LINE: nothing else is in it.
holds() { assert_equal "$(cat "$1")" "$2"; }

# Stages with these commands and nothing else: stage NAME COMMAND [KEY: VALUE …]
stage() {
  [ -e mlv.yaml ] || echo stages: >mlv.yaml
  printf '  %s:\n    cmd: %s\n' "$1" "$2" >>mlv.yaml
  shift 2
  [ $# = 0 ] || printf '    %s\n' "$@" >>mlv.yaml
}

# saved PATH: where what was moved out of a stage's way is, one a line, as often as it was.
saved() { compgen -G ".git/mlv/saved/*/$1*"; }

@test "repro runs what changed and nothing else, and says why" {
  chain
  git mlv repro -q
  holds down.txt one
  mlv repro
  assert_success
  assert_output "Stage 'up' didn't change, skipping
Stage 'mid' didn't change, skipping
Stage 'down' didn't change, skipping
Data and pipelines are up to date."
  echo 'k: 2' >params.yaml
  repro
  assert_success
  assert_line "stage 'up': parameter k of params.yaml changed: 1 -> 2"
  assert_line "Running stage 'up':"
  assert_line "> cat in.txt params.yaml > up.txt"
  assert_line "Running stage 'mid':"
  # It came out equal.
  assert_line "Stage 'down' didn't change, skipping"
  assert_line "Use \`git mlv push\` to send your updates to remote storage."
}

@test "going back runs nothing: the run cache has it" {
  chain
  git mlv repro -q
  cp mlv.lock one.lock
  echo two >in.txt
  git mlv repro -q
  holds down.txt two
  echo one >in.txt
  repro
  assert_line "Stage 'up' is cached - skipping run, checking out outputs"
  assert_line "Stage 'down' is cached - skipping run, checking out outputs"
  refute_line --partial Running
  holds down.txt one
  cmp mlv.lock one.lock
  repro --no-run-cache -f up
  assert_line "Running stage 'up':"
}

@test "repro --dry tells and touches nothing" {
  chain
  git mlv repro -q
  echo two >in.txt
  find . -name .git -prune -o -type f -printf '%p %T@\n' | sort >../before
  repro --dry --explain
  assert_success
  assert_line "stage 'up': 'in.txt' changed: $(sha256sum <<<one | cut -c 1-8) -> $(sha256sum <<<two | cut -c 1-8)"
  assert_line "Running stage 'up':"
  find . -name .git -prune -o -type f -printf '%p %T@\n' | sort >../after
  cmp ../before ../after
  git mlv repro -q
}

@test "-j gives the same lock file and outputs as one at a time" {
  new_project
  for i in 1 2 3 4 5 6 7 8; do
    stage "a$i" "echo $i > a$i.txt" "outs: [a$i.txt]"
    stage "b$i" "cat a$i.txt a$((i % 8 + 1)).txt > b$i.txt" "deps: [a$i.txt, a$((i % 8 + 1)).txt]" "outs: [b$i.txt]"
  done
  commit_all one
  git mlv repro -q -j 1
  cp mlv.lock ../serial
  cat b?.txt >../serial.txt
  rm -r mlv.lock .git/mlv/runs .git/mlv/files b?.txt a?.txt
  repro -j 8
  assert_success
  # Each stage's output is in one piece.
  assert_equal "$(grep -c '^Running stage' <<<"$output")" 16
  cmp mlv.lock ../serial
  cat b?.txt | cmp - ../serial.txt
}

@test "what several stages print at once does not mix" {
  new_project
  for i in 1 2 3 4; do
    stage "s$i" "for k in 1 2 3 4 5; do echo line $i; sleep 0.02; done"
  done
  repro -j 4
  assert_success
  for i in 1 2 3 4; do
    assert_output --partial "Running stage 's$i':
> for k in 1 2 3 4 5; do echo line $i; sleep 0.02; done
line $i
line $i
line $i
line $i
line $i
"
  done
}

@test "a stage that runs alone is heard at once" {
  new_project
  stage slow "echo early; until [ -e go ]; do sleep 0.02; done"
  git mlv repro >../out 2>&1 &
  for _ in {1..400}; do
    ! grep -q '^early' ../out || break
    sleep 0.05
  done
  grep -q '^early' ../out
  touch go
  wait $!
}

@test "a failed stage tells its last lines, its status and where its log is" {
  new_project
  stage bad "echo some words; exit 3" "outs: [never.txt]"
  stage after "cat never.txt" "deps: [never.txt]"
  stage other "echo other > other.txt" "outs: [other.txt]"
  repro
  assert_failure 1
  assert_line "some words"
  assert_line "error: failed to reproduce stage 'bad': exited with 3"
  log=$(sed -n "s/^hint: all that it printed is in '\(.*\)'/\1/p" <<<"$output")
  assert_equal "$(cat "$log")" "> echo some words; exit 3
some words"
  assert_not_exists other.txt
  repro -k
  assert_failure 1
  holds other.txt other
  assert_line "1 stage failed; 1 were left out"
  repro --ignore-errors
  assert_success
  assert_line --partial "failed to reproduce stage 'after'"
}

@test "a stage that does not make its output has failed" {
  new_project
  stage liar "echo I did" "outs: [never.txt]"
  repro
  assert_failure 1
  assert_output --partial never.txt
  assert_not_exists mlv.lock
}

@test "commands get the names of project and stage, and the folder of the stage" {
  new_project
  mkdir -p sub/dir
  cat >sub/mlv.yaml <<'END'
stages:
  env:
    cmd: printf '%s\n' "$MLV_ROOT" "$DVC_ROOT" "$MLV_STAGE" "$DVC_STAGE" "$PWD" "$(cat)" > out
    wdir: dir
    outs: [out]
END
  git mlv repro -q sub/mlv.yaml:env </dev/null
  assert_equal "$(cat sub/dir/out)" "$PWD
$PWD
sub/mlv.yaml:env
sub/mlv.yaml:env
$PWD/sub/dir"
}

@test "an edited output is moved aside, what a run made is not" {
  chain
  git mlv repro -q
  chmod u+w up.txt
  echo precious >up.txt
  echo two >in.txt
  repro
  assert_success
  assert_output --partial "warning: what was in 'up.txt' is no record of any run"
  holds "$(saved up.txt)" precious
  chmod u+w up.txt
  echo other >up.txt
  echo three >in.txt
  repro
  assert_output --partial "no record"
  assert_equal "$(saved up.txt | xargs sort | xargs)" "other precious"
  echo four >in.txt
  repro
  refute_output --partial "no record"
  assert_equal "$(saved up.txt | wc -l)" 2
}

@test "what a stage left when it failed is deleted by the next run, unless somebody touched it" {
  new_project
  stage half "mkdir -p d/e; echo half > d/e/f; exit 3" "outs: [d]"
  repro
  assert_failure 1
  repro
  assert_failure 1
  refute_output --partial "no record"
  assert_not_exists .git/mlv/saved
  echo mended >d/e/f
  repro
  assert_output --partial "what was in 'd' is no record of any run"
  holds "$(saved d)/e/f" mended
  mkdir d/mine
  repro
  assert_equal "$(saved d | wc -l)" 2
  rm -r .git/mlv/saved mlv.yaml
  stage half "echo half > d; exec sleep 60" "outs: [d]"
  git mlv repro -q &
  until [ -f d ]; do sleep 0.05; done
  kill -TERM $!
  wait $! || true
  rm mlv.yaml
  stage half "echo whole > d" "outs: [d]"
  repro
  assert_success
  assert_not_exists .git/mlv/saved
}

@test "what stages had to move is kept for a time of grace, and then collected" {
  chain
  git mlv repro -q
  rm up.txt
  echo precious >up.txt
  git mlv repro -q
  mkdir -p .git/mlv/saved/20200101T000000Z/d .git/mlv/saved/notes
  run git mlv gc --dry
  assert_output --partial "would have deleted what was saved from stages before that time: 1 folders"
  assert_exists .git/mlv/saved/20200101T000000Z/d
  run git mlv gc
  assert_success
  assert_output --partial "deleted what was saved from stages before that time: 1 folders"
  assert_output --partial "what was saved from stages since is kept"
  assert_not_exists .git/mlv/saved/20200101T000000Z
  assert_exists .git/mlv/saved/notes
  holds "$(saved up.txt)" precious
}

@test "an output whose record is not in the store is no loss" {
  chain
  git mlv repro -q --no-commit
  echo two >in.txt
  repro --no-commit
  assert_success
  assert_not_exists .git/mlv/saved
}

@test "persistent outputs stay, and can be written to" {
  new_project
  git config mlv.linkTypes hardlink
  echo 1 >in.txt
  stage log "cat in.txt >> log.txt" "deps: [in.txt]" "outs: [{log.txt: {persist: true}}]"
  git mlv repro -q
  echo 2 >in.txt
  git mlv repro -q
  assert_equal "$(cat log.txt)" "1
2"
  git mlv fsck
}

@test "targets, -s, --downstream and -f choose" {
  chain
  repro mid
  assert_not_exists down.txt
  assert_exists mid.txt
  repro -s down
  assert_output --partial "Running stage 'down'"
  refute_output --partial "'mid'"
  repro -f --downstream mid
  refute_output --partial "'up'"
  assert_line "Running stage 'mid':"
  assert_line "Running stage 'down':"
  repro --glob 'm*'
  refute_output --partial "'down'"
  repro nothing
  assert_failure
}

@test "--force-downstream runs what an equal output would not" {
  chain
  git mlv repro -q
  echo 'k: 2' >params.yaml
  repro --force-downstream
  assert_line "Running stage 'down':"
}

@test "data of pointers that changed are recorded" {
  new_project
  echo one >data
  git mlv add -q data
  stage s "cat data > out" "deps: [data]" "outs: [out]"
  commit_all one
  git mlv repro -q
  chmod u+w data
  echo two >data
  repro
  assert_success
  assert_line "Verifying data sources in stage: 'data.mlv'"
  assert_output --partial "git add data.mlv mlv.lock"
  mlv status -q
  assert_success
  rm data
  repro
  assert_failure 1
  assert_output --partial "missing data: 'data'"
}

@test "Ctrl-C reaches all processes of a stage, and what ended is recorded" {
  new_project
  stage first "echo 1 > first.txt" "outs: [first.txt]"
  stage second "sh -c 'trap \"echo stopped > ../stopped; exit 1\" INT; touch ../runs; while :; do sleep 0.05; done'; echo no" "deps: [first.txt]" "outs: [second.txt]"
  stage third "echo 3 > third.txt" "deps: [second.txt]" "outs: [third.txt]"
  env --default-signal=INT git-mlv repro >../out 2>&1 &
  pid=$!
  wait_for ../runs
  kill -INT $pid
  status=0
  wait $pid || status=$?
  assert_equal "$status" 130
  holds ../stopped stopped
  grep -q first.txt mlv.lock
  run ! grep -q second.txt mlv.lock
  repro --dry
  assert_line "Stage 'first' didn't change, skipping"
  assert_line "Running stage 'second':"
}

@test "after SIGKILL nothing runs on, and the next repro is right" {
  new_project
  stage first "echo 1 > first.txt" "outs: [first.txt]"
  stage half "echo half > half.txt; touch ../runs; [ -e go ] || sleep 300; echo done >> half.txt" "deps: [first.txt]" "outs: [half.txt]"
  git-mlv repro >../out 2>&1 &
  pid=$!
  wait_for ../runs
  kill -KILL $pid
  wait $pid || true
  touch go
  repro
  assert_success
  assert_line "Running stage 'half':"
  assert_equal "$(cat half.txt)" "half
done"
  run pgrep -f 'sleep 300' -s 0
  assert_failure
}

@test "two repro in one project wait for each other by path" {
  new_project
  stage slow "touch ../runs; until [ -e ../go ]; do sleep 0.02; done; echo slow > slow.txt" "outs: [slow.txt]"
  stage reads "cat slow.txt > reads.txt" "deps: [slow.txt]" "outs: [reads.txt]"
  stage other "echo other > other.txt" "outs: [other.txt]"
  commit_all one
  git mlv repro slow >../first 2>&1 &
  wait_for ../runs
  # What it does not touch is free.
  repro other
  assert_success
  mlv add -q ../first || true
  git mlv repro reads >../second 2>&1 &
  second=$!
  for _ in {1..400}; do
    ! grep -q 'waits for git mlv repro' ../second || break
    sleep 0.05
  done
  grep -q "stage 'slow' waits for git mlv repro" ../second
  touch ../go
  wait $second
  grep -q "Stage 'slow' didn't change, skipping" ../second
  holds reads.txt slow
  wait
  assert_equal "$(cat .git/mlv/rwlock)" '{"read": {}, "write": {}}'
  repro
  assert_line "Data and pipelines are up to date."
}

@test "what another repro did meanwhile is not done again, however many stages" {
  new_project
  stage wait "touch ../runs; until [ -e ../go ]; do sleep 0.02; done; echo 1 > wait.txt" "outs: [wait.txt]"
  for name in a b c; do
    stage $name "echo $name >> ../made; echo $name > $name.txt" "outs: [$name.txt]"
  done
  commit_all one
  git mlv repro -j 1 2>../first &
  first=$!
  wait_for ../runs
  repro a b c
  assert_success
  touch ../go
  wait $first
  assert_equal "$(sort ../made | tr -d '\n')" abc
  repro
  assert_line "Data and pipelines are up to date."
}

@test "--trace tells what a stage does not declare; =strict is a failure" {
  new_project
  echo x >declared
  echo y >hidden
  stage s "cat declared hidden > out" "deps: [declared]" "outs: [out]"
  repro --trace
  [[ $output != *"cannot be traced"* ]] || skip "no tracing here"
  assert_success
  assert_output --partial "hidden"
  repro -f --trace=strict
  assert_failure 1
  repro --trace=odd
  assert_failure 129
}

@test "odd executors and numbers are refused" {
  chain
  repro --executor nowhere
  assert_failure 129
  assert_output --partial local
  repro -j 2000
  assert_failure 129
  repro -j -1
  assert_failure 129
}

@test "what is left to itself wants Slurm, and nobody to wait" {
  chain
  repro --submit --executor local
  assert_failure 129
  assert_output --partial "executor slurm"
  repro --submit --dry
  assert_failure 129
  repro --submit -k
  assert_failure 129
}

@test "names with blanks, quotes and bytes that are no text" {
  new_project
  mkdir 'a "b'
  stage "'odd name'" "\"echo x > 'a \\\"b/out put'\"" "outs: ['a \"b/out put']"
  repro
  assert_success
  assert_equal "$(cat 'a "b/out put')" x
  repro
  assert_line "Data and pipelines are up to date."
}

@test "a fresh clone with --pull runs nothing" {
  chain
  git mlv remote add -q -d store ../remote
  echo raw >raw
  git mlv add -q raw
  stage last "cat raw down.txt > last.txt" "deps: [raw, down.txt]" "outs: [last.txt]"
  git mlv repro -q
  commit_all two
  git mlv push -q
  git clone -q . ../clone
  cd ../clone
  repro
  assert_failure 1
  repro --pull
  assert_success
  refute_line --partial Running
  assert_line "Pulling data for stage: 'last'"
  cmp last.txt ../work/last.txt
  git diff --exit-code
  # What a stage reads is fetched, too, when it has to run.
  rm -rf raw down.txt .git/mlv/files
  sed -i 's/cat raw/cat  raw/' mlv.yaml
  repro --pull -s last
  assert_success
  assert_line "Running stage 'last':"
}

@test "a file that was touched is read once more, not every time" {
  new_project
  echo one >in.txt
  stage s "cat in.txt > out" "deps: [in.txt]" "outs: [out]"
  git mlv repro -q
  touch in.txt
  sleep 0.05
  git mlv repro -q
  strace -f -e trace=openat,openat2 -o ../opened git-mlv repro -q || skip "no strace here"
  run ! grep -q '"in.txt"' ../opened
}

@test "names and commands hide nothing from who reads them" {
  new_project
  printf 'stages:\n  "a\\e[2J":\n    cmd: "echo evil; : \\e[1A\\e[2Kls"\n    outs: [o]\n' >mlv.yaml
  repro --dry
  assert_success
  refute_output --partial $'\e'
  assert_output --partial "> echo evil; : ?[1A?[2Kls"
  assert_output --partial "Running stage '\"a\\033[2J\"':"
  run bash -c 'git mlv repro; git mlv repro -i; git mlv repro -q -f' 2>&1
  refute_output --partial $'\e[2J'
}

@test "a stopped stage hears of Ctrl-C, and one that floods the terminal does not keep us from hearing it" {
  new_project
  stage stop "touch begun; kill -STOP \$\$; sleep 60"
  git-mlv repro -q &
  wait_for begun
  sleep 0.2
  kill -TERM $!
  status=0
  wait $! || status=$?
  assert_equal $status 143
  rm begun mlv.yaml
  stage flood "touch begun; head -c 300000000 /dev/zero; sleep 60"
  git-mlv repro > >(wait_for read; cat >/dev/null) &
  wait_for begun
  sleep 0.5
  kill -TERM $!
  touch read
  status=0
  wait $! || status=$?
  assert_equal $status 143
}

@test "what changed while another stage ran is read anew" {
  new_project
  echo one >x
  stage first "cp x first.out" "deps: [x]" "outs: [first.out]"
  git mlv repro -q
  stage long "touch begun; while [ ! -e go ]; do sleep 0.05; done; echo > long.out" "outs: [long.out]"
  stage last "cp x last.out" "deps: [x, long.out]" "outs: [last.out]"
  git mlv repro -q &
  wait_for begun
  echo two >x
  touch go
  wait $!
  holds last.out two
  run git mlv status last
  assert_success
  rm begun
  echo one >x
  repro -s last
  holds last.out one
}

@test "what says what to run, or where, and sources in Git are no outputs that could be deleted" {
  new_project
  for out in mlv.yaml mlv.lock; do
    rm -f mlv.yaml
    stage bad "echo bad > $out" "outs: [$out]"
    repro
    assert_failure 128
    assert_output --partial "mlv.yaml:4:12: stage 'bad': '$out' cannot be an output: it is or holds '$out'"
    grep -q bad mlv.yaml
  done
  rm mlv.yaml
  mkdir -p sub/deep
  cat >sub/deep/mlv.yaml <<'END'
stages:
  holds:
    cmd: echo x > x
    outs: [../../sub]
  here:
    cmd: echo x > x
    outs: [../deep]
  fine:
    cmd: echo x > x
    outs: [x]
END
  run git mlv repro sub/deep/mlv.yaml:holds
  assert_failure 128
  assert_output --partial "'sub' cannot be an output: it is or holds 'sub/deep/mlv.yaml'"
  assert_output --partial "'../deep' is an output, but holds the working directory of its stage"
  assert_exists sub/deep/mlv.yaml
  rm -r sub
  mkdir src
  echo source >src/main.c
  echo 'k: 1' >params.yaml
  stage bad "mkdir -p src; echo x > src/x" "params: [k]" "outs: [src]"
  commit_all one
  repro
  assert_failure 1
  assert_output --partial "the output 'src' is tracked by Git, or has files that are"
  holds src/main.c source
}

@test "more jobs than descriptors are too many at once, but run" {
  new_project
  for i in {1..100}; do stage "s$i" "echo $i > o$i; sleep 0.3" "outs: [o$i]"; done
  run bash -c 'ulimit -n 150; git mlv repro -q -j 100'
  assert_success
  assert_exists o100
}

@test "what a killed run left is gone before its stage runs again" {
  new_project
  echo old >x
  stage slow "trap '' TERM; id=\$(cat x); touch begun; for i in 1 2 3 4 5 6; do echo \$id >> o; sleep 0.1; done" "deps: [x]" "outs: [o]"
  git-mlv repro -q &
  wait_for begun
  echo new >x
  kill -KILL $!
  git mlv repro -q
  assert_equal "$(sort -u o)" new
  assert_equal "$(ls .git/mlv/guards)" ""
}

@test "a pipeline file that says what cannot be is no mistake in the call" {
  # wrong TEXT: the file is named, and nobody is told how to call the command.
  wrong() {
    mlv repro
    assert_failure 128
    [[ $stderr == *"$1"* ]] || fail "$stderr"
    [[ $stderr != *"-h shows"* ]]
    mlv dag
    assert_failure 128
  }
  new_project
  stage a "echo 1" "deps: [y]" "outs: [x]"
  stage b "echo 1" "deps: [x]" "outs: [y]"
  wrong circle
  rm mlv.yaml
  stage a "echo 1" "outs: [x]"
  stage b "echo 1" "outs: [x]"
  wrong "'x' is an output of both"
  mlv checkout
  assert_failure 128
  rm mlv.yaml
  stage a "echo 1" "outs: [x]"
  stage b "echo 1" "outs: [x/y]"
  wrong "lies inside"
  rm mlv.yaml
  stage a "echo 1" "deps: [x]" "outs: [x]"
  wrong "both a dependency and an output"
  rm mlv.yaml
  stage a "echo 1" "outs: [.gitignore]"
  mlv repro
  assert_failure 128
  [[ $stderr == *"'.gitignore' cannot be an output"* ]]
}

@test "a lock file or pipeline file that a merge left with both sides is called so" {
  chain
  git mlv repro -q
  for file in mlv.lock mlv.yaml; do
    cp $file good
    { echo '<<<<<<< HEAD' && head -n 5 good && echo ======= && tail -n 5 good && echo '>>>>>>> other'; } >$file
    mlv repro
    assert_failure 128
    [[ $stderr == *"$file:1:1: a merge left both sides"*"git checkout --ours -- $file"* ]] || fail "$stderr"
    cp good $file
  done
}

@test "a stage that makes a link instead of a file fails, and leaves nothing that is kept" {
  new_project
  stage a "echo 1 > x; ln -sf x link" "outs: [x, link]"
  for _ in 1 2; do
    mlv repro
    assert_failure 1
    [[ $stderr == *"'link' is a symbolic link"* ]]
    assert_not_exists .git/mlv/saved
  done
  ln -s nowhere dep
  stage b "echo 1" "deps: [dep]"
  mlv repro b
  assert_failure 1
  [[ $stderr == *"'dep' is a symbolic link that leads to nothing, which the stage b reads"* ]]
}

@test "what could not be started has no log" {
  new_project
  stage a "rm -rf .git/mlv/logs; mkdir out" "outs: [out]"
  stage b "echo 1" "deps: [out]"
  mlv repro
  assert_failure
  [[ $stderr == *"'b'"*"did not run"* ]]
  [[ $stderr != *"all that it printed"* ]]
}

@test "a stage that runs repro on itself fails instead of waiting for itself" {
  new_project
  stage a "git mlv repro b; echo 1 > x" "outs: [x]"
  stage b "cat x > y" "deps: [x]" "outs: [y]"
  stage c "git mlv repro d > c" "outs: [c]"
  stage d "echo 1 > d" "outs: [d]"
  run timeout 20 git mlv repro a
  assert_success
  assert_output --partial "stage 'a' cannot run inside of git mlv repro, process"
  run timeout 20 git mlv repro c
  assert_success
  holds d 1
}

@test "outputs that cannot be are shown where they stand, all of them" {
  new_project
  put mlv.yaml 'vars: [{up: ..}]
stages:
  a:
    cmd: echo 1
    outs:
    - ../x
    - .
    - ${up}/y: {cache: false}
    metrics: [/etc/z, .git/config]
'
  mlv repro
  assert_failure 128
  [[ $stderr == *"mlv.yaml:6:7: the path '../x' leads out of the project
          - ../x
            ^"* ]] || fail "$stderr"
  [[ $stderr == *"mlv.yaml:7:7: the path '.' is the project itself"* ]]
  [[ $stderr == *"mlv.yaml:8:7: the path '../y' leads out"* ]]
  [[ $stderr == *"mlv.yaml:9:15: the path '/etc/z' is absolute"* ]]
  [[ $stderr == *"mlv.yaml:9:23: unsafe path '.git/config'"* ]]
}

@test "a stage that asks the terminal is told that it has none" {
  new_project
  stage a "read x </dev/tty; echo asked > out" "outs: [out]"
  run timeout 20 script -qec "git mlv repro" /dev/null
  assert_success
  assert_output --partial /dev/tty
  holds out asked
}

@test "what is moved out of the way may be on another file system than the repository" {
  [ "$(stat -c %d /dev/shm)" != "$(stat -c %d .)" ] || skip "/dev/shm is no other file system"
  elsewhere=$(mktemp -d /dev/shm/mlv-test-XXXXXX)
  git init -q --separate-git-dir "$elsewhere/git" work
  cd work
  git mlv init -q
  echo 1 >in
  stage a "mkdir d; cat in > d/out; cat in > f" "deps: [in]" "outs: [d, f]"
  git mlv repro -q
  mkdir d/sub
  put d/sub/x precious
  chmod 640 d/sub/x
  ln -s x d/sub/l
  mkfifo d/pipe
  put f "another one"
  echo 2 >in
  repro
  assert_success
  holds f 2
  assert_not_exists d/sub
  cd "$elsewhere"/git/mlv/saved/*/
  have f "another one"
  have d/sub/x precious
  have d/out "1
"
  assert_equal "$(stat -c %a d/sub/x)" 640
  assert_equal "$(readlink d/sub/l)" x
}

@test "where data of a frozen stage are missing, the command that brings them is told" {
  new_project
  stage a "echo 1 > x" "outs: [x]"
  git mlv repro -q
  git mlv freeze -q a
  rm x
  mlv repro
  assert_failure 1
  [[ $stderr == *"missing data: 'x'"*"hint: git mlv checkout a"* ]]
  git mlv checkout -q a
  git mlv repro -q
  rm -rf x .git/mlv/files
  mlv repro
  assert_failure 1
  [[ $stderr == *"hint: git mlv pull a"* ]]
}
