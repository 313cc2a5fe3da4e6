# What stages use without declaring it: repro --trace.
load helper

# A project with a stage 'train' that declares little of what it does; $1: its command.
project_with() {
  new_project
  put src/train.sh 'cat data/a src/lib.sh >model; echo x >extra'
  put src/lib.sh lib
  put data/a a
  put data/b b
  put mlv.yaml "stages:
  train:
    cmd: $1
    deps: [src/train.sh]
    outs: [model]
"
}

traced() {
  mlv repro --trace "$@"
  [[ $stderr != *"ptrace is forbidden"* ]] || skip "commands cannot be traced here"
}

@test "repro --trace names files that a stage reads and writes undeclared, and the lines to add" {
  project_with "sh src/train.sh"
  traced
  assert_success
  [[ $stderr == *"reads 'data/a' undeclared: add '- data/a' to deps of 'train' in mlv.yaml"* ]]
  [[ $stderr == *"reads 'src/lib.sh' undeclared: add '- src/lib.sh' to deps of 'train' in mlv.yaml"* ]]
  [[ $stderr == *"writes 'extra' undeclared: add '- extra' to outs of 'train' in mlv.yaml"* ]]
  [[ $stderr != *"reads 'src/train.sh'"* ]]
  [[ $stderr != *"'model'"* ]]
}

@test "a stage that declares all says nothing, and strict lets it pass" {
  project_with "cat src/train.sh >model"
  traced
  assert_success
  [[ $stderr != *undeclared* ]]
  mlv repro --trace=strict --force
  assert_success
  mlv repro
  assert_output --partial "didn't change"
}

@test "repro --trace=strict fails the stage and records nothing of it" {
  project_with "sh src/train.sh"
  traced --dry
  mlv repro --trace=strict
  assert_failure 1
  [[ $stderr == *"failed to reproduce stage 'train'"* ]]
  assert_not_exists mlv.lock
  mlv repro
  assert_success
  assert_exists mlv.lock
}

@test "temporary files, Git's own and ours are no fault" {
  project_with 'cp src/train.sh tmp && mv tmp tmp2 && cat tmp2 >model && rm tmp2 && git rev-parse --git-dir >/dev/null && cat mlv.yaml >/dev/null'
  traced
  assert_success
  [[ $stderr != *undeclared* ]]
}

@test "a folder that is read as a whole is named as one" {
  project_with "cat data/* >model"
  traced
  assert_success
  [[ $stderr == *"reads 'data' (2 files) undeclared: add '- data' to deps"* ]]
}

@test "a stage in a folder of its own gets lines for that folder" {
  project_with "cat lib.sh ../data/a >../model"
  put mlv.yaml "stages:
  train:
    cmd: cat lib.sh ../data/a >../model
    wdir: src
    outs: [../model]
"
  traced
  assert_success
  [[ $stderr == *"add '- lib.sh' to deps"* ]]
  [[ $stderr == *"add '- ../data/a' to deps"* ]]
}

@test "what a stage changes or takes of another is told" {
  project_with "true"
  put mlv.yaml "stages:
  first:
    cmd: echo 1 >one
    outs: [one]
  second:
    cmd: cat one >two; echo more >>src/train.sh
    deps: [src/train.sh]
    outs: [two]
"
  traced
  assert_success
  [[ $stderr == *"reads 'one', an output of 'first', undeclared: add '- one' to deps of 'second'"* ]]
  [[ $stderr == *"changes its own input 'src/train.sh'"* ]]
}

@test "the exit status and the output of a traced stage are its own" {
  project_with "echo told; exit 7"
  traced
  assert_failure 1
  assert_output --partial told
  [[ $stderr == *7* ]]
}

@test "a stage that leaves a process behind is recorded, and that process goes on" {
  project_with "cat src/train.sh >model; (sleep 1; cat data/a >late) >/dev/null 2>&1 &"
  traced
  assert_success
  assert_exists mlv.lock
  for _ in {1..50}; do
    [ ! -s late ] || break
    sleep 0.1
  done
  have late a
}

@test "a stage without anything to do can be traced" {
  project_with "'# nothing'"
  put mlv.yaml "stages:
  idle:
    cmd: '# nothing'
    deps: [src/train.sh]
"
  traced
  assert_success
}

@test "where commands cannot be traced nothing runs" {
  command -v strace >/dev/null || skip "no strace"
  project_with "cat src/train.sh >model"
  strace -f -o /dev/null true 2>/dev/null || skip "strace does not work here"
  # Who is traced already cannot be traced by another.
  run --separate-stderr strace -f -o /dev/null git mlv repro --trace
  assert_failure 128
  [[ $stderr == *"trace a command"*ptrace_scope* ]]
  assert_not_exists model
}

@test "--trace takes nothing but strict" {
  project_with "true"
  mlv repro --trace=loosely
  assert_failure 129
}
