load helper

# pipeline: a project with a pipeline file of the user's own style.
pipeline() {
  put mlv.yaml '# mine

stages:
    prepare:
        cmd: sh prepare.sh   # say
        deps: [ "raw.csv" ]
        outs:
          - clean

    # the long one
    train:
        cmd: sh train.sh
        deps:
          - clean
        outs:
          - model

# behind
params:
  - p.yaml
'
  cp mlv.yaml before
}

# only_added: all lines of before are in mlv.yaml still, in their order.
only_added() {
  ! diff before mlv.yaml | grep -q '^<' || fail "$(diff before mlv.yaml)"
}

@test "stage add writes DVC's form at the end of the stages, and leaves all else" {
  new_project
  pipeline
  mlv stage add -n eval -d model -d clean -p lr,'depth' -p more.json:a.b -M m.json --plots p.csv --desc 'how good' \
    python eval.py --out 'a b'
  assert_success
  [[ $stderr == *"added stage 'eval' in 'mlv.yaml'"*"git add .gitignore mlv.yaml"* ]]
  only_added
  diff before mlv.yaml | sed -n 's/^> //p' >added
  have added '    eval:
      desc: how good
      cmd: python eval.py --out "a b"
      deps:
      - clean
      - model
      params:
      - depth
      - lr
      - more.json:
        - a.b
      metrics:
      - m.json:
          cache: false
      plots:
      - p.csv
'
  have .gitignore '/p.csv
'
}

@test "stage add makes the pipeline file, in the current directory" {
  new_project
  mkdir -p sub/src
  cd sub
  mlv stage add -n one -w src -o out.bin -d "$PWD/src/in" -d ./x/../y -d https://example.org/z 'true'
  assert_success
  have mlv.yaml "stages:
  one:
    cmd: 'true'
    wdir: src
    deps:
    - https://example.org/z
    - in
    - y
    outs:
    - out.bin
"
  have src/.gitignore '/out.bin
'
}

@test "stage add refuses what does not fit in, and writes nothing" {
  new_project
  pipeline
  put tracked x
  git add tracked mlv.yaml
  refused() {
    mlv stage add "$@"
    assert_failure "${expected:-129}"
    diff before mlv.yaml
    assert_not_exists .gitignore
  }
  refused -n train 'true'
  [[ $stderr == *"has a stage 'train' already"*--force* ]]
  refused -n a@b 'true'
  refused -n new
  refused 'true'
  refused -n new -d a -d ./a 'true'
  refused -n new -d a -o a 'true'
  refused -n new -o tracked 'true'
  [[ $stderr == *"'tracked' is tracked by Git"*"git rm -r --cached"* ]]
  local expected=128
  refused -n new -o model 'true'
  [[ $stderr == *"'model' is an output of both"* ]]
  refused -n new -o model/inner 'true'
  refused -n new -d model -o raw.csv 'true'
  [[ $stderr == *prepare* ]]
  mlv stage add -n new -o ../outside 'true'
  assert_failure
  mlv stage add -n new -w nowhere 'true'
  assert_failure 128
  diff before mlv.yaml
  assert_not_exists .gitignore
  mlv stage add -n new -O tracked 'true'
  assert_success
}

@test "stage add --force replaces a stage key by key; a template it does not" {
  new_project
  pipeline
  mlv stage add -f -n train -d clean -o model --always-changed sh new.sh
  assert_success
  [[ $stderr == *"changed stage 'train'"* ]]
  run diff before mlv.yaml
  assert_output "12c12
<         cmd: sh train.sh
---
>         cmd: sh new.sh
16a17
>         always_changed: true"
  put p.yaml 'x: 1
'
  put mlv.yaml 'vars: [p.yaml]
stages:
  t:
    cmd: echo ${x}
  l:
    foreach: [1, 2]
    do:
      cmd: echo ${item}
'
  cp mlv.yaml before
  for name in t l; do
    mlv stage add -f -n $name 'true'
    assert_failure 129
    [[ $stderr == *template*"edit mlv.yaml"* ]]
  done
  diff before mlv.yaml
}

@test "stage list: of this folder, of all, of targets, names alone, JSON" {
  new_project
  pipeline
  put sub/mlv.yaml 'stages:
  only:
    cmd: x
    params: [a]
'
  put raw.csv 1
  git mlv add -q raw.csv
  mlv stage list
  assert_output "prepare  Outputs clean
train    Outputs model"
  mlv stage list --all
  assert_line 'sub/mlv.yaml:only  Depends on params.yaml'
  assert_line 'raw.csv.mlv        Outputs raw.csv'
  mlv stage list --name-only sub/mlv.yaml train
  assert_output "sub/mlv.yaml:only
train"
  mlv stage list -R sub --json
  assert_output '[{"name": "sub/mlv.yaml:only", "file": "sub/mlv.yaml", "description": "Depends on params.yaml", "frozen": false}]'
  mlv -C sub stage list --name-only
  assert_output only
  mlv stage list nothing
  assert_failure 128
}

@test "stage list leaves out what cannot be read, with --fail it stops there" {
  new_project
  pipeline
  put sub/mlv.yaml 'stages: ['
  mlv stage list --all --name-only
  assert_success
  assert_output "prepare
train"
  [[ $stderr == *sub/mlv.yaml* ]]
  mlv stage list --all --fail
  assert_failure 128
  assert_output ''
}

@test "stage show prints what templates come to" {
  new_project
  put params.yaml 'lr: 0.5
'
  put mlv.yaml 'stages:
  grid:
    matrix: {m: [a, b]}
    cmd: run ${item.m} ${lr}
    outs: ["${item.m}.bin"]
'
  mlv stage show grid@b
  assert_output "grid@b:
  cmd: run b 0.5
  outs:
  - b.bin"
  mlv stage show --json grid
  assert_success
  [ "$(jq -c '[.["grid@a"].cmd, .["grid@b"].cmd]' <<<"$output")" = '["run a 0.5","run b 0.5"]' ]
}

@test "stage remove and remove drop a stage, also one without outputs, and nothing else" {
  new_project
  pipeline
  put mlv.lock "schema: '2.0'
stages:
  prepare:
    cmd: sh prepare.sh
  train:
    cmd: sh train.sh
"
  put .gitignore '/clean
/model
'
  mlv stage remove train
  assert_success
  [[ $stderr == *"removed stage 'train' from 'mlv.yaml'"*"git add .gitignore mlv.lock mlv.yaml"* ]]
  run diff before mlv.yaml
  assert_output "11,16d10
<     train:
<         cmd: sh train.sh
<         deps:
<           - clean
<         outs:
<           - model"
  have .gitignore '/clean
'
  run cat mlv.lock
  refute_output --partial train
  git mlv stage add -q -n bare 'true'
  mlv remove bare
  assert_success
  run grep -c bare mlv.yaml
  assert_output 0
  mlv stage remove raw.csv
  assert_failure 128
  [[ $stderr == *"there is no stage 'raw.csv'"* ]]
  put mlv.yaml 'stages:
  l:
    foreach: [1, 2]
    do: {cmd: x}
'
  for name in l l@1; do
    mlv remove $name
    assert_failure 129
    [[ $stderr == *loop* ]]
  done
}

@test "freeze and unfreeze: stages, pointers, several at once, not loops" {
  new_project
  pipeline
  put raw.csv 1
  git mlv add -q raw.csv
  cp raw.csv.mlv pointer
  mlv freeze train prepare raw.csv.mlv
  assert_success
  only_added
  [ "$(grep -c '^        frozen: true$' mlv.yaml)" = 2 ]
  grep -qx 'frozen: true' raw.csv.mlv
  mlv freeze train
  [[ $stderr == *"is frozen already"* ]]
  [[ $stderr != *"git add"* ]]
  mlv unfreeze train prepare raw.csv
  assert_success
  diff before mlv.yaml
  diff pointer raw.csv.mlv
  mlv freeze nothing
  assert_failure 128
  put mlv.yaml 'stages:
  l:
    foreach: [1, 2]
    do: {cmd: x}
'
  for name in l l@1; do
    mlv freeze $name
    assert_failure 129
    [[ $stderr == *loop* ]]
  done
}

@test "stage add --run runs the stage alone, and tells if it fails" {
  new_project
  mlv stage add --run -n one -o out 'echo made >out'
  assert_success
  have out 'made
'
  grep -q 'one:' mlv.lock
  mlv stage add --run -n two -o gone 'exit 3'
  assert_failure
  grep -q 'two:' mlv.yaml
}
