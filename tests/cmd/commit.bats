#!/usr/bin/env bats
# commit of stages; that of pointers is in add.bats and dvc.bats.
load helper

# a project with a stage that somebody ran by hand.
new_stage() {
  new_project
  put in one
  put params.yaml 'lr: 0.1'
  put out made
  put m.json '{}'
  printf 'stages:\n  make:\n    cmd: make\n    deps: [in]\n    params: [lr]\n    outs: [out]\n    metrics:\n    - m.json: {cache: false}\n' >mlv.yaml
}

@test "commit -f records a stage that was run by hand: command, dependencies, parameters, outputs" {
  new_stage
  mlv commit
  assert_success
  assert [ ! -e mlv.lock ]
  mlv commit make
  assert_failure 1
  assert_regex "$stderr" "the outputs of the stage make may not be those of its inputs"
  assert_regex "$stderr" "hint: git mlv repro make, or git mlv commit -f make"
  assert [ ! -e mlv.lock ]
  mlv commit -f make
  assert_success
  assert_equal "$(grep -v sha256 mlv.lock)" "schema: '2.0'
stages:
  make:
    cmd: make
    deps:
    - path: in
      size: 3
    params:
      params.yaml:
        lr: 0.1
    outs:
    - path: m.json
      size: 2
    - path: out
      size: 4"
  have .gitignore "/out
"
  mlv status --json
  assert_output '{}'
  rm out
  git mlv checkout -q
  have out made
}

@test "what did not change keeps its bytes; what changed alone is recorded without -f" {
  new_stage
  git mlv commit -q -f
  sed -i 's/^stages:/stages:  # mine/; s/    cmd: make/    cmd: "make"/' mlv.lock
  cp mlv.lock before
  git mlv commit -q -f
  git mlv commit -q make
  cmp before mlv.lock
  put out other
  mlv commit make
  assert_success
  assert_regex "$stderr" "updated 'out'"
  assert_regex "$stderr" "unchanged 'm.json'"
  run ! cmp -s before mlv.lock
  grep -q '# mine' mlv.lock
}

@test "without -f no stage is committed whose inputs are others by now, and nothing is touched" {
  new_stage
  put data 1
  git mlv add -q data
  git mlv commit -q -f
  cp mlv.lock before
  cp data.mlv pointer
  put params.yaml 'lr: 0.2'
  mlv commit
  assert_success
  put out other
  put data 2
  mlv commit
  assert_failure 1
  assert_regex "$stderr" "lr of params.yaml changed: 0.1 -> 0.2"
  cmp before mlv.lock
  cmp pointer data.mlv
  mlv commit -f
  assert_success
  assert_equal "$(grep lr: mlv.lock)" "        lr: 0.2"
  run ! cmp -s pointer data.mlv
}

@test "what is missing is an error where it was named, else a warning" {
  new_stage
  git mlv commit -q -f
  cp mlv.lock before
  rm out
  mlv commit -f make
  assert_failure 128
  assert_regex "$stderr" "the stage make did not make 'out'"
  mlv commit -f
  assert_success
  assert_regex "$stderr" "did not make 'out': its record stays as it is"
  put out made
  rm in
  mlv commit -f make
  assert_failure 128
  assert_regex "$stderr" "'in' does not exist, which the stage make reads"
  cmp before mlv.lock
}

@test "targets: an output, a folder with -R, what a stage needs with -d, a pattern" {
  new_stage
  mkdir sub
  put sub/in 2
  put sub/copy 2
  printf 'stages:\n  copy: {cmd: cp ../out copy, deps: [../out, in], outs: [copy]}\n' >sub/mlv.yaml
  put raw 1
  git mlv add -q raw
  printf '  more: {cmd: x, deps: [raw], outs: [last]}\n' >>mlv.yaml
  put last 1
  git mlv commit -q -f out
  grep -q '  make:' mlv.lock
  run ! grep -q '  more:' mlv.lock
  git mlv commit -q -f -R sub
  grep -q '  copy:' sub/mlv.lock
  put raw 2
  cp raw.mlv pointer
  git mlv commit -q -f more
  cmp raw.mlv pointer
  git mlv commit -q -f -d more
  run ! cmp -s raw.mlv pointer
  put last 2
  git mlv commit -q --glob 'la*'
  mlv status --json
  assert_output '{}'
  mlv commit nothing
  assert_failure 128
}

@test "autostage gives Git the lock and the ignore lines" {
  new_stage
  commit_all before
  git config mlv.autostage true
  git mlv commit -q -f
  assert_equal "$(git diff --cached --name-only)" ".gitignore
mlv.lock"
}

@test "what a stage has half made is not committed" {
  new_project
  cat >mlv.yaml <<'END'
stages:
  a:
    cmd: echo half > a.out; touch begun; while [ ! -e go ]; do sleep 0.05; done; echo whole > a.out
    outs: [a.out]
  b:
    cmd: echo b > b.out
    outs: [b.out]
END
  touch go
  git mlv repro -q
  rm go begun
  git mlv repro -q -f a &
  until [ -e begun ]; do sleep 0.05; done
  run git mlv commit a
  assert_failure 128
  assert_output --partial "the stage a is in use by git mlv repro, process "
  run git mlv commit -f a
  assert_failure 128
  run git mlv commit
  assert_success
  assert_output --partial "the stage a is in use by git mlv repro"
  touch go
  wait $!
  run git mlv commit a
  assert_success
  run git mlv status --quiet
  assert_success
}
