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

@test "ls of a folder goes by the same rules as ls of all" {
  new_project
  mkdir -p data/deep
  touch data/a data/b.tmp data/deep/c.tmp data/deep/secret
  printf '/data/*.tmp\n/data/deep/secret\n' >.mlvignore
  mlv ls . data -R
  assert_output "a
deep/c.tmp"
  mlv ls -R
  refute_line data/b.tmp
  assert_line data/deep/c.tmp
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

# A pipeline of two stages with its lock, as if both had run; `one` reads in.txt and a parameter, `two` what `one` writes.
ran() {
  new_project
  put in.txt in
  put one.txt one
  put two.txt two
  put params.yaml $'lr: 0.1\nother: 1'
  put mlv.yaml "stages:
  one:
    cmd: make one --lr 0.1
    deps: [in.txt]
    params: [lr]
    outs: [one.txt: {cache: false}]
  two:
    cmd: make two
    deps: [one.txt]
    outs: [two.txt: {cache: false}]
"
  put mlv.lock "schema: '2.0'
stages:
  one:
    cmd: make one --lr 0.1
    deps:
$(entry in.txt)
    params:
      params.yaml:
        lr: 0.1
    outs:
$(entry one.txt)
  two:
    cmd: make two
    deps:
$(entry one.txt)
    outs:
$(entry two.txt)
"
}

# What a lock records of a file as it is now.
entry() {
  printf '    - path: %s\n      hash: sha256\n      sha256: %s\n' "$1" "$(sha256sum "$1" | cut -d' ' -f1)"
}

@test "stages that are up to date" {
  ran
  mlv status
  assert_success
  assert_output "Data and pipelines are up to date."
  mlv status --json
  assert_output "{}"
  mlv status -q
  assert_success
  mlv status --explain
  assert_output $'one: up to date\ntwo: up to date'
}

@test "what a stage reads, writes and runs is compared, in DVC's words" {
  ran
  put in.txt other
  put params.yaml 'lr: 0.2'
  rm one.txt
  sed -i 's/make one --lr 0.1/make one --lr 0.3/' mlv.yaml
  mlv status --json
  assert_success
  assert_output '{"one": [{"changed deps": {"in.txt": "modified", "params.yaml": {"lr": "modified"}}}, {"changed outs": {"one.txt": "deleted"}}, "changed command"], "two": [{"changed deps": {"one.txt": "deleted"}}]}'
  mlv status --porcelain
  assert_line " S one"
  assert_line " S two"
  mlv status
  assert_line "Stages that are not up to date (git mlv repro runs them):"
  assert_line --regexp "^ +'in.txt' changed: [0-9a-f]{8} -> [0-9a-f]{8}$"
  assert_line --regexp "parameter lr of params.yaml changed: 0.1 -> 0.2"
  assert_line --regexp "and 1 more"
  mlv status -q
  assert_failure 1
  assert_output ""
}

@test "--explain tells every reason, and the files inside folders" {
  ran
  put d/a 1
  put d/b 2
  git mlv add -q d
  printf '  three:\n    cmd: x\n    deps: [d]\n' >>mlv.yaml
  printf '  three:\n    cmd: x\n    deps:\n    - path: d\n      hash: sha256\n%s\n' "$(sed -n 's/^[- ]*sha256: /      sha256: /p' d.mlv)" >>mlv.lock
  mlv status --explain three
  assert_output "three: up to date"
  put d/a changed
  put d/c new
  sed -i 's/--lr 0.1/--lr 0.5/' mlv.yaml
  mlv status --explain
  assert_line --regexp "^ +modified: a$"
  assert_line --regexp "^ +added: c$"
  assert_line --regexp "the command changed: … --lr 0.1 -> … --lr 0.5"
  assert_line "two: up to date"
  mlv status --explain --json three
  assert_equal "$(jq -c '.three[0] | [.reason, .path, .state, .files]' <<<"$output")" '["dependency","d","modified",["modified: a","added: c"]]'
  mlv status --explain -q
  assert_failure 1
}

@test "targets are stages, with what they are made from on request" {
  ran
  put in.txt other
  mlv status --json two
  assert_output "{}"
  mlv status --json -d two
  assert_output '{"one": [{"changed deps": {"in.txt": "modified"}}]}'
  mlv status --json two.txt
  assert_output "{}"
  mkdir sub
  put sub/mlv.yaml $'stages:\n  a: {cmd: x}\n  b: {cmd: x, frozen: true}\n  c: {cmd: x, deps: [../in.txt], always_changed: true}'
  mlv status --json -R sub
  assert_output '{"sub/mlv.yaml:a": ["always changed"], "sub/mlv.yaml:c": [{"changed deps": {"in.txt": "modified"}}, "always changed"]}'
  mlv status --json sub/mlv.yaml:a
  assert_output '{"sub/mlv.yaml:a": ["always changed"]}'
  cd sub
  mlv status --json c
  assert_output '{"c": [{"changed deps": {"../in.txt": "modified"}}, "always changed"]}'
  mlv status nothing
  assert_failure 128
}

@test "all that is broken is told at once, and the rest is still judged" {
  ran
  put in.txt other
  mkdir sub more
  put sub/mlv.yaml $'stages:\n  a: {cmd: 5}\n  b: {deps: [x]}\n  c: {cmd: "x ${missing.key}"}'
  put more/mlv.yaml $'stages:\n  m: {cmd: x, params: [p.json: [a]], deps: [.git/x]}\n  n: {cmd: x, params: [p.json: [b]]}'
  put more/mlv.lock $'stages: {}\nunknown: 1'
  mkdir third
  put third/mlv.yaml 'stages: 5'
  put third/mlv.lock $'schema: "2.0"\nstages:\n  a: {}\n  b:\n    cmd: x\n    deps: [{path: p, sha256: zz}]\n'
  put p.json '{"a": '
  put top.mlv $'outs: [\n'
  mlv status --json
  assert_failure 1
  assert_output '{"one": [{"changed deps": {"in.txt": "modified"}}]}'
  assert_regex "$stderr" "sub/mlv.yaml:2:"
  assert_regex "$stderr" "sub/mlv.yaml:3:"
  assert_regex "$stderr" "sub/mlv.yaml:4:"
  assert_regex "$stderr" "more/mlv.lock"
  assert_regex "$stderr" "'.git/x' cannot be a dependency"
  assert_regex "$stderr" "top.mlv:"
  assert_regex "$stderr" "third/mlv.yaml:1:"
  assert_regex "$stderr" "third/mlv.lock:3:"
  assert_regex "$stderr" "third/mlv.lock:6:"
}

@test "a file of parameters that cannot be read is told once" {
  ran
  put p.json '{"a": '
  printf '  m: {cmd: x, params: [p.json: [a]]}\n  n: {cmd: x, params: [p.json: [b]], deps: [gone]}\n' >>mlv.yaml
  mlv status
  assert_failure 1
  assert_output ""
  assert_equal "$(grep -c 'p.json:' <<<"$stderr")" 1
}

@test "an output of which only the mode is another one is told so" {
  new_project
  put mlv.yaml 'stages:
  a: {cmd: echo 1 > out, outs: [out]}
'
  git mlv repro -q
  chmod +x out
  mlv status
  assert_line --partial "output 'out' changed: it was or is executable, its content is the same"
}
