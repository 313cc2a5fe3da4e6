#!/usr/bin/env bats
# The run cache between clones.
load helper

# A project with two runs of a stage in its run cache, and a folder remote.
with_runs() {
  new_project
  git mlv remote add -q -d store ../remote
  printf 'stages:\n  make: {cmd: make, deps: [in], outs: [out, dir]}\n' >mlv.yaml
  for i in 1 2; do
    put in "in $i"
    put out "out $i"
    put dir/file "file $i"
    git mlv commit -q -f make
  done
  commit_all two
}

# runs DIR: the runs in a store or remote.
runs() { (cd "$1" && find runs -type f | sort); }

@test "push --run-cache sends runs and what they made; a clone fetches them" {
  with_runs
  git mlv push -q
  assert [ ! -e ../remote/runs ]
  mlv push --run-cache --dry-run
  assert_success
  assert_regex "$stderr" "would have sent 2 runs"
  assert [ ! -e ../remote/runs ]
  mlv push --run-cache
  assert_success
  assert_regex "$stderr" "sent 2 runs of the run cache, 0 were there already"
  assert_equal "$(runs ../remote)" "$(runs .git/mlv)"
  diff -r .git/mlv/runs ../remote/runs
  mlv push --run-cache
  assert_regex "$stderr" "sent 0 runs of the run cache, 2 were there already"
  git clone -q . ../clone
  cd ../clone
  git mlv pull -q
  have out 'out 2'
  assert [ ! -e .git/mlv/runs ]
  mlv fetch --run-cache
  assert_success
  assert_regex "$stderr" "fetched 2 runs"
  assert_regex "$stderr" "fetched 3 objects"
  diff -r .git/mlv/runs ../remote/runs
  mlv pull --run-cache
  assert_success
  assert_regex "$stderr" "fetched 0 runs of the run cache, 2 were there already"
  mlv pull --run-cache --no-run-cache
  refute_regex "$stderr" "run cache"
}

@test "what is no run, or another than its name says, is not kept; what it made may be absent" {
  with_runs
  git mlv push -q --run-cache
  chmod -R u+w ../remote
  first=$(runs ../remote | head -n 1) second=$(runs ../remote | tail -n 1)
  sed -i 's/cmd: make/cmd: evil/' "../remote/$first"
  head -c 20 /dev/urandom >"../remote/$second"
  put ../remote/runs/stray x
  git clone -q . ../clone
  cd ../clone
  mlv fetch --run-cache
  assert_failure 1
  assert_regex "$stderr" "is another run"
  assert_regex "$stderr" "${second##*/}"
  assert_regex "$stderr" "fetched 0 runs"
  assert_equal "$(find .git/mlv/runs -type f 2>/dev/null | wc -l)" 0
  cp "../work/.git/mlv/$first" "../remote/$first"
  cp "../work/.git/mlv/$second" "../remote/$second"
  find ../remote/files -type f -delete
  mlv fetch --run-cache -r store
  assert_success
  assert_equal "$(find .git/mlv/runs -type f | wc -l)" 2
}

@test "runs of which the store lacks an object are sent without it, and gc leaves runs alone" {
  with_runs
  git mlv gc -q -w --force --prune=now
  assert_equal "$(find .git/mlv/runs -type f | wc -l)" 2
  mlv push --run-cache
  assert_success
  assert_equal "$(find ../remote/runs -type f | wc -l)" 2
  assert_equal "$(objects ../remote/files)" 3
}

@test "a remote that cannot list says so" {
  with_runs
  git mlv remote add -q web http://127.0.0.1:1/
  mlv push --run-cache -r web
  assert_failure
  git mlv push -q
  mlv fetch --run-cache -r web
  assert_failure 129
  assert_regex "$stderr" "remote 'web' cannot list what it has"
}
