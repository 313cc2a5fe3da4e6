#!/usr/bin/env bats
# What stages read, and what changes while they run.
load helper

# pipeline LINE…: the pipeline file of the project: stages in flow style.
pipeline() {
  [ -e .dvc ] && file=dvc lock=dvc.lock || file=mlv lock=mlv.lock
  { echo stages: && printf '  %s\n' "$@"; } >"$file.yaml"
}

# The command of a stage that waits to be told to go on.
slow='touch begun; while [ ! -e go ]; do sleep 0.05; done;'

# repro_while COMMAND…: repro while that changes something under the stage's hands; what it tells is in the file err.
repro_while() {
  rm -f begun go
  git mlv repro -q 2>err &
  wait_for begun
  "$@"
  touch go
  wait $!
}

# entry PATH: the lock's entry of that path, on one line.
entry() { awk -v p="    - path: $1" '$0 == p { on = 1; print; next } on && !/^      / { exit } on' "$lock" | tr -s ' \n' ' '; }

# runs: how many runs the run cache has.
runs() { find .git/mlv/runs .dvc/cache/runs -type f 2>/dev/null | wc -l; }

write() { printf '%s\n' "$2" >"$1"; }

changed_meanwhile() {
  local unknown
  mkdir dir
  write dir/f one
  write x one
  write same same
  write params.yaml 'k: 1'
  pipeline "late: {cmd: '$slow cat x dir/f > out', deps: [x, dir, same], params: [k], outs: [out]}"
  repro_while eval 'write x two; write dir/f two; write params.yaml "k: 2"'
  grep -qx "warning: 'x' changed while the stage late ran, which is therefore out of date" err
  grep -q "'params.yaml' changed while the stage late ran" err
  grep -q "'dir' changed while the stage late ran" err
  refute grep same err
  write x one
  write dir/f one
  write params.yaml 'k: 1'
  assert_equal "$(runs)" 0
  assert_equal "$(entry x)" " - path: x hash: $1 "
  assert_equal "$(entry dir)" " - path: dir hash: $1 "
  [[ $(entry same) == *" size: 5 "* ]]
  for unknown in x dir params.yaml; do
    for how in 'status' 'status --explain' 'repro --dry --explain' 'repro --dry --explain --allow-missing'; do
      run bash -c "git mlv $how"
      assert_success
      assert_output --partial "what it read of '$unknown' is not known: it changed while the stage ran"
    done
  done
  # Whoever works with the outputs is not hindered.
  git mlv remote add -q -d store ../remote
  git mlv push -q --run-cache
  git mlv gc -q -w -f
  rm out
  git mlv checkout -q out
  git mlv fetch -q --run-cache
  run git mlv ls
  assert_line out
  run git mlv commit late
  assert_failure
  assert_output --partial "what it read of 'x' is not known"
  cp "$lock" before
  git mlv commit -q
  cmp "$lock" before
  # Run again, it is recorded as a whole.
  write out spoilt
  git mlv repro -q
  assert_equal "$(cat out)" "$(printf 'one\none')"
  [[ $(entry x) == *" size: 4 "* ]]
  [[ $(entry dir) == *" nfiles: 1 "* ]]
  grep -qx '        k: 1' "$lock"
  assert_equal "$(runs)" 1
  run git mlv status
  assert_output "Data and pipelines are up to date."
  # So it is by who knows better.
  cp before "$lock"
  git mlv commit -q -f late
  run git mlv status
  assert_output "Data and pipelines are up to date."
}

@test "what changed while a stage ran is not recorded, so that the stage is out of date even if it is put back" {
  new_project
  changed_meanwhile sha256
}

@test "what changed while a stage ran is not recorded in a DVC project" {
  new_dvc_project
  changed_meanwhile md5
}

@test "a run whose folder changed alone is not remembered for others either" {
  new_project
  mkdir -p dir/sub
  write dir/sub/f one
  pipeline "late: {cmd: '$slow cp dir/sub/f out', deps: [dir], outs: [out]}"
  repro_while write dir/sub/f two
  assert_equal "$(cat err)" "warning: 'dir' changed while the stage late ran or since, which is therefore out of date"
  assert_equal "$(cat out)" two
  assert_equal "$(runs)" 0
  write dir/sub/f one
  git mlv repro -q
  assert_equal "$(cat out)" one
  assert_equal "$(runs)" 1
}

@test "what is touched, or written with what it had, did not change; nor did parameters that nobody reads" {
  new_project
  mkdir dir
  write dir/f one
  write x one
  write params.yaml 'k: 1'
  pipeline "late: {cmd: '$slow cp x out', deps: [x, dir], params: [k], outs: [out]}"
  repro_while eval 'touch x dir/f; write x one; write params.yaml "{k: 1, other: 2}"'
  assert_equal "$(cat err)" ""
  run git mlv status
  assert_output "Data and pipelines are up to date."
}

@test "folders that stages of the same command make or fill are no surprise to those that read them" {
  new_project
  mkdir parts
  write parts/source s
  write seed 1
  pipeline "part: {foreach: [1, 2, 3], do: {cmd: 'sleep 0.\${item}; cat seed > parts/\${item}', deps: [seed], outs: ['parts/\${item}']}}" \
    "made: {cmd: 'mkdir -p made; cp seed made/a; cp seed made/b', deps: [seed], outs: [made: {persist: true}]}" \
    "other: {cmd: 'sleep 0.5; cp seed other', deps: [seed, made], outs: [other]}" \
    "all: {cmd: 'sleep 0.5; ls parts made > all', deps: [parts, made], outs: [all]}" \
    "last: {cmd: 'sleep 0.3; cat all > last', deps: [all, parts, made], outs: [last]}"
  for jobs in 1 4; do
    for seed in "1 $jobs" "2 $jobs"; do
      write seed "$seed"
      git mlv repro -q -j $jobs 2>err
      refute grep changed err
      run git mlv status
      assert_output "Data and pipelines are up to date."
    done
  done
}

@test "ignore lines are in a folder before a stage reads it" {
  new_project
  mkdir data
  pipeline "made: {cmd: 'echo made > data/made', outs: [data/made]}" "reads: {cmd: 'ls -A data > out', deps: [data], outs: [out]}"
  git mlv repro -q 2>err
  refute grep changed err
  assert_equal "$(cat out)" "$(printf '.gitignore\nmade')"
  run git mlv status
  assert_output "Data and pipelines are up to date."
}
