load helper

# A DVC project with a tracked folder of two versions; the second has one file less. The workspace holds the first.
two_versions() {
  new_dvc_project
  put data/a one
  put data/b two
  git mlv add -q data
  commit_all one
  git tag one
  rm data/b
  git mlv add -q data
  commit_all two
  git mlv checkout -q
  git checkout -q one
  git mlv checkout -q
}

# Where a store or remote keeps an object with these bytes.
object() {
  local id
  id=$(printf '%s' "$1" | md5sum | cut -c 1-32)
  echo "files/md5/${id:0:2}/${id:2}"
}

@test "without a record of the last checkout, what the store holds may go" {
  two_versions
  rm -rf .dvc/tmp/mlv
  put data/own mine
  git checkout -q main
  mlv checkout
  assert_failure 1
  assert_regex "$stderr" "'data/own'"
  refute_regex "$stderr" "data/b"
  have data/own mine
  have data/a one
  assert_file_not_exist data/b
}

@test "with a record, a file of the user's stays even if the store holds its bytes" {
  two_versions
  put data/own one
  git checkout -q main
  mlv checkout
  assert_failure 1
  assert_regex "$stderr" "'data/own' is not part of the tracked version"
  have data/own one
  assert_file_not_exist data/b
}

@test "a remote may name another one and a path below it" {
  new_dvc_project
  printf "['remote \"store\"']\n    url = ../../remote\n    jobs = 3\n" >.dvc/config
  printf "['remote \"sub\"']\n    url = remote://STORE/sub\n[core]\n    remote = sub\n" >>.dvc/config
  put f bytes
  git mlv add -q f
  mkdir ../remote
  mlv push
  assert_success
  assert_file_exist "../remote/sub/$(object bytes)"
  printf "['remote \"store\"']\n    url = remote://sub\n" >.dvc/config.local
  mlv push
  assert_failure
  assert_regex "$stderr" "leads back to itself"
  printf "['remote \"store\"']\n    url = remote://gone/x\n" >.dvc/config.local
  mlv push
  assert_failure
  assert_regex "$stderr" "remote 'store'.*does not exist"
}

@test "remote mends settings that stop everything else" {
  new_dvc_project
  printf "[core]\n    checksum_jobs = two\n['remote \"store\"']\n    jobs = 3\n" >.dvc/config
  mlv status
  assert_failure
  mlv remote list
  assert_failure 1
  assert_regex "$stderr" "remote 'store' has no url"
  git mlv config -u core.checksum_jobs
  mlv status
  assert_failure
  git mlv remote modify store url ../remote
  mlv status
  assert_success
}

@test "commit -f records what stages read, commit does not" {
  new_dvc_project
  put in one
  put out made
  printf 'stages:\n  make:\n    cmd: make\n    deps: [in]\n    outs: [out]\n' >dvc.yaml
  printf "schema: '2.0'\nstages:\n  make:\n    cmd: make\n    deps:\n    - path: in\n      hash: md5\n      md5: %s\n      size: 4\n    outs:\n    - path: out\n      hash: md5\n      md5: %s\n      size: 4\n" \
    "$(printf before | md5sum | cut -c 1-32)" "$(printf made | md5sum | cut -c 1-32)" >dvc.lock
  cp dvc.lock before
  git mlv commit -q
  run cmp before dvc.lock
  assert_success
  git mlv commit -q -f
  run diff before dvc.lock
  assert_output "8,9c8,9
<       md5: $(printf before | md5sum | cut -c 1-32)
<       size: 4
---
>       md5: $(printf one | md5sum | cut -c 1-32)
>       size: 3"
  assert_equal "$(find .dvc/cache/runs -type f | wc -l)" 1
}

@test "a pointer that changes loses needless quotes, one that moves its comments" {
  new_dvc_project
  put f one
  printf '# kept\nouts:\n- md5: "%s"   # was\n  path: '"'f'"'\n  hash: md5\n  desc: "words" # what\nmeta: {k: ["v"]}\n' \
    "$(printf before | md5sum | cut -c 1-32)" >f.dvc
  git mlv commit -q
  assert_equal "$(cat f.dvc)" "# kept
outs:
- md5: $(printf one | md5sum | cut -c 1-32)     # was
  path: f
  hash: md5
  desc: words   # what
  size: 3
meta: {k: [v]}"
  mkdir sub
  git mlv move -q f sub/g
  assert_equal "$(cat sub/g.dvc)" "outs:
- md5: $(printf one | md5sum | cut -c 1-32)
  size: 3
  hash: md5
  path: g
  desc: words
meta:
  k:
  - v"
}

@test "ls knows the files of a folder whose manifest is gone" {
  new_dvc_project
  put data/a one
  git mlv add -q data
  rm -rf .dvc/cache
  mlv ls -R --dvc-only
  assert_output data/a
  put data/b two
  mlv ls -R --dvc-only
  assert_output "data/"
}

@test "status fails where a folder cannot be recorded" {
  new_dvc_project
  put data/a one
  git mlv add -q data
  put data/.dvcignore x
  mlv status
  assert_failure 1
  assert_regex "$stderr" "data/.dvcignore"
  mlv data status
  assert_success
}
