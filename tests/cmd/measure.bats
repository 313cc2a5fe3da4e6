load helper

# record: what a run of the stage records of more.yaml, with its bytes in the store.
record() {
  cp more.yaml copy
  git mlv add -q copy
  rm -f copy copy.mlv
  put .gitignore $'/more.yaml\n'
  put mlv.lock "schema: '2.0'
stages:
  train:
    cmd: echo built
    outs:
    - path: more.yaml
      hash: sha256
      sha256: $(sha256sum more.yaml | cut -c 1-64)
      size: $(stat -c %s more.yaml)
"
}

# A project with parameters of every syntax and a metric in Git and one in the store, at two commits.
measured() {
  new_project
  put params.yaml $'lr: 0.1\nopt: {name: adam, layers: [1, 2]}\n'
  put conf.toml $'[tool]\nlevel = 1\n'
  put consts.py $'SEED = 7\nclass Train:\n    LR = 0.5\n'
  put vars.json '{"out": "built", "unused": 1}'
  put metrics.json '{"acc": 0.5, "loss": {"train": 2}, "list": [1], "ok": true}'
  put more.yaml $'auc: 0.123456789\n'
  put mlv.yaml 'vars: [vars.json]
stages:
  train:
    cmd: echo ${out}
    params:
    - lr
    - conf.toml:
    - consts.py: [SEED]
    metrics:
    - metrics.json: {cache: false}
    - more.yaml
'
  record
  commit_all one
  git tag v1
  put params.yaml $'lr: 0.2\nopt: {name: adam, layers: [1, 2, 3]}\nnew: x\n'
  put conf.toml $'[tool]\nlevel = 3\n'
  put consts.py $'SEED = 7\nclass Train:\n    LR = 0.6\n'
  put metrics.json '{"acc": 0.75, "loss": {"train": 1}, "ok": true}'
  put more.yaml $'auc: 0.2\n'
}

@test "params diff: files of every syntax, keys of stages, flat names" {
  measured
  mlv params diff --json
  assert_success
  assert_output '{"conf.toml": {"tool.level": {"old": 1, "new": 3, "diff": 2}}, "params.yaml": {"lr": {"old": 0.1, "new": 0.2, "diff": 0.1}, "new": {"old": null, "new": "x"}, "opt.layers": {"old": "[1, 2]", "new": "[1, 2, 3]"}}}'
  mlv params diff
  assert_line --regexp '^Path +Param +HEAD +workspace$'
  assert_line --regexp '^conf.toml +tool.level +1 +3$'
  assert_line --regexp '^params.yaml +new +- +x$'
  mlv params diff --deps --no-path
  assert_line --regexp '^lr +0.1 +0.2$'
  refute_output --partial new
  mlv params diff --all --json
  assert_output --partial '"SEED": {"old": 7, "new": 7, "diff": 0}'
  assert_output --partial '"vars.json": {"out": {"old": "built", "new": "built"}}'
  refute_output --partial unused
}

@test "params diff: targets are shown whole, from a subfolder as seen from there" {
  measured
  mlv params diff --json --targets consts.py
  assert_output '{"consts.py": {"Train.LR": {"old": 0.5, "new": 0.6, "diff": 0.09999999999999998}}}'
  mkdir sub
  cd sub
  mlv params diff --json --targets ../consts.py v1 workspace
  assert_output --partial '{"../consts.py": '
  mlv params diff --md --targets ../consts.py
  assert_line '| Path         | Param    | HEAD   | workspace   |'
  assert_line '|--------------|----------|--------|-------------|'
  assert_line '| ../consts.py | Train.LR | 0.5    | 0.6         |'
  mlv params diff --targets /elsewhere
  assert_failure 129
}

@test "metrics show: the workspace, and what only the store has" {
  measured
  mlv metrics show --json
  assert_success
  assert_output '{"": {"data": {"metrics.json": {"data": {"acc": 0.75, "loss": {"train": 1}, "ok": true}}, "more.yaml": {"data": {"auc": 0.2}}}}}'
  mlv metrics show
  assert_line --regexp '^Path +acc +auc +loss.train +ok$'
  assert_line --regexp '^metrics.json +0.75 +- +1 +True$'
  rm metrics.json more.yaml
  mlv metrics show --json
  assert_success
  assert_output --partial '"metrics.json": {"error": {"type": "FileNotFoundError"'
  assert_output --partial '"more.yaml": {"data": {"auc": 0.123456789}}'
  mlv metrics show --precision 2
  assert_success
  assert_line --regexp '^more.yaml +0.12$'
  [[ $stderr == *"warning: the workspace: 'metrics.json' cannot be read"* ]]
}

@test "metrics show: branches, tags, commits" {
  measured
  commit_all two
  git branch side v1
  mlv metrics show -a --json
  assert_output --regexp '^\{"workspace": .*"main": .*"side": .*'
  record
  commit_all three
  run git mlv metrics show -a --json
  assert_output --regexp '^\{"main": .*"side": .*'
  mlv metrics show -aT --json
  assert_output --regexp '"side,v1": '
  mlv metrics show -A --json
  assert_output --regexp "^\{\"workspace\": .*\"$(git rev-parse HEAD)\": .*\"$(git rev-parse v1)\": "
  mlv metrics show -T
  assert_line --regexp '^Revision +Path +acc +auc +loss.train +ok$'
  assert_line --regexp '^v1 +more.yaml +- +0.12346 +- +-$'
}

@test "metrics diff: changes with their size, rounded in tables only" {
  measured
  mlv metrics diff
  assert_success
  assert_line --regexp '^metrics.json +acc +0.5 +0.75 +0.25$'
  assert_line --regexp '^more.yaml +auc +0.12346 +0.2 +0.07654$'
  refute_output --partial ok
  mlv metrics diff --json --targets more.yaml
  assert_output '{"more.yaml": {"auc": {"old": 0.123456789, "new": 0.2, "diff": 0.07654321100000001}}}'
  put metrics.json '{"acc": NaN, "big": 123456789012345678901234567890, "ok": 1}'
  mlv metrics diff --json --targets metrics.json
  assert_output '{"metrics.json": {"acc": {"old": 0.5, "new": NaN, "diff": NaN}, "big": {"old": null, "new": 123456789012345678901234567890}, "loss.train": {"old": 2, "new": null}}}'
  mlv metrics diff --all v1 v1 --json --targets more.yaml
  assert_output '{"more.yaml": {"auc": {"old": 0.123456789, "new": 0.123456789, "diff": 0.0}}}'
}

@test "a folder of metrics stands for its files; the recursive flag of DVC is accepted" {
  new_project
  put mlv.yaml $'metrics: [eval]\n'
  put eval/a.json '{"x": 1}'
  put eval/deep/b.toml $'y = 2\n'
  commit_all one
  mlv metrics show -R --json
  assert_output '{"": {"data": {"eval/a.json": {"data": {"x": 1}}, "eval/deep/b.toml": {"data": {"y": 2}}}}}'
  rm -r eval
  mlv metrics diff --json
  assert_output '{"eval/a.json": {"x": {"old": 1, "new": null}}, "eval/deep/b.toml": {"y": {"old": 2, "new": null}}}'
  git clone -q --bare . ../bare.git
  cd ../bare.git
  mlv metrics show --json
  assert_output --partial '"eval/a.json": {"data": {"x": 1}}'
}

@test "files that cannot be read are told, and the rest is shown" {
  measured
  put conf.toml $'[tool\n'
  mlv params diff --json
  assert_success
  assert_output --partial '"conf.toml": {"tool.level": {"old": 1, "new": null}}'
  assert_output --partial '"params.yaml": '
  [[ $stderr == *"conf.toml:1:6: a ']' is expected here"* ]]
  put more.yaml 'a: ['
  mlv metrics show --json
  assert_success
  assert_output --partial '"more.yaml": {"error": {"type": "ParseError", "msg": "more.yaml:1:'
  put mlv.yaml 'stages: ['
  mlv metrics show --json
  assert_success
  assert_output --partial '{"": {"error": {"type": "ParseError", "msg": "mlv.yaml:1:'
  mlv metrics diff --json
  assert_success
  assert_output --partial '"acc": {"old": 0.5, "new": null}'
}

@test "no commit, no such revision, no such place, odd names" {
  new_project
  put params.yaml $'a: 1\n'
  mlv params diff --json
  assert_success
  assert_output '{}'
  mlv params diff nowhere
  assert_failure 128
  [[ $stderr == *"no commit is named 'nowhere'"* ]]
  put mlv.yaml $'params: ["../outside.yaml", "a\\nb.yaml", "https://host/x.yaml"]\n'
  put $'a\nb.yaml' $'? "k|\\e[31m"\n: "v\\n|"\n'
  commit_all one
  put $'a\nb.yaml' $'k: 2\n'
  mlv params diff --md
  assert_success
  [[ $stderr == *"leads out of the project"* ]]
  [[ $stderr$output != *$'\e'* ]]
  assert_line --regexp '^\| a b.yaml +\| k\\\| ?\[31m +\| v \\\| '
  mlv metrics show --precision -1
  assert_failure 129
}
