load helper

@test "add tracks a file: pointer, ignore line, object" {
  new_project
  put model.bin bytes
  mlv add model.bin
  assert_success
  assert_equal "$(cat model.bin.mlv)" "outs:
- sha256: $(sha256sum <model.bin | cut -c 1-64)
  size: 5
  hash: sha256
  path: model.bin"
  assert_equal "$(cat .gitignore)" /model.bin
  have model.bin bytes
  assert_equal "$(objects)" 1
  assert_regex "$stderr" "git add .gitignore model.bin.mlv"
}

@test "add tracks a folder with a manifest that git mlv-formats describes" {
  new_project
  put data/b two
  put data/a one
  put data/sub/run 'x'
  chmod +x data/sub/run
  ln -s ../a data/sub/link
  mkdir data/empty
  mlv add data
  assert_success
  id=$(sed -n 's/.*sha256: \(.*\)\.dir/\1/p' data.mlv)
  object=.git/mlv/files/sha256/${id:0:2}/${id:2}.dir
  assert_equal "$(sha256sum <"$object" | cut -c 1-64)" "$id"
  sum() { printf '%s' "$1" | sha256sum | cut -c 1-64; }
  assert_equal "$(cat "$object")" "mlv-manifest 1
$(sum one) 3 - a
$(sum two) 3 - b
- 0 d empty
$(sum ../a) 4 l sub/link
$(sum x) 1 x sub/run"
  grep -q 'nfiles: 4' data.mlv
}

@test "add and checkout keep odd names, exec bits, links, empty files and folders" {
  new_project
  mkdir -p data
  printf 'a' >"data/ lead and trail "
  printf 'b' >$'data/new\nline'
  printf 'c' >$'data/\xff\xfe raw'
  printf 'd' >"data/quote\"back\\slash'"
  printf 'e' >data/.hidden
  : >data/empty
  mkdir -p data/hollow/deep
  printf '#!' >data/tool
  chmod 755 data/tool
  ln -s nowhere data/dangling
  put $'\xffname' top
  git mlv add -q data $'\xffname'
  cp -a data "$BATS_TEST_TMPDIR/kept"
  rm -rf data $'\xffname'
  mlv checkout
  assert_success
  run diff -r --no-dereference "$BATS_TEST_TMPDIR/kept" data
  assert_success
  assert [ -x data/tool ]
  assert [ ! -x data/empty ]
  assert [ -d data/hollow/deep ]
  have $'\xffname' top
  mlv status -q
  assert_success
}

@test "adding again what did not change rewrites nothing" {
  new_project
  put data/a one
  git mlv add -q data
  before=$(stat -c '%i %Y %Z' data.mlv)
  mlv add data
  assert_success
  assert_equal "$(stat -c '%i %Y %Z' data.mlv)" "$before"
}

@test "a path inside a tracked folder updates that folder, without the rest being there" {
  new_project
  put data/a one
  put data/b two
  git mlv add -q data
  rm data/b
  put data/c three
  mlv add data/c
  assert_success
  rm -rf data
  git mlv checkout -q
  have data/a one
  have data/b two
  have data/c three
}

@test "several targets, globs, and --out" {
  new_project
  put x1.csv 1
  put x2.csv 2
  put y.txt 3
  git mlv add -q --glob 'x*.csv'
  assert_exists x1.csv.mlv
  assert_exists x2.csv.mlv
  assert_not_exists y.txt.mlv
  put ../elsewhere/f four
  git mlv add -q -o in/here ../elsewhere
  have in/here/f four
  assert_exists in/here.mlv
}

@test "--no-commit hashes, but stores nothing" {
  new_project
  put f bytes
  git mlv add -q --no-commit f
  assert_exists f.mlv
  assert_equal "$(objects)" 0
  git mlv commit -q
  assert_equal "$(objects)" 1
}

@test "what Git tracks is refused with the command that helps" {
  new_project
  put f bytes
  commit_all f
  mlv add f
  assert_failure 129
  assert_regex "$stderr" "git rm"
  assert_not_exists f.mlv
}

@test "what cannot be tracked is refused, by name, and nothing is touched" {
  new_project
  put in bytes
  put ../out bytes
  ln -s in link
  put tracked/f 1
  git mlv add -q tracked
  for bad in missing ../out .git/config link . tracked.mlv; do
    mlv add in "$bad"
    assert_failure
    assert_not_exists in.mlv
  done
  mkdir top
  mv tracked tracked.mlv .gitignore top/
  mlv add top
  assert_failure
  assert_regex "$stderr" "top/tracked"
}

@test "ignored files stay out of a tracked folder" {
  new_project
  printf '*.tmp\n' >.mlvignore
  put data/a 1
  put data/b.tmp 2
  git mlv add -q data
  rm -rf data
  git mlv checkout -q
  assert_exists data/a
  assert_not_exists data/b.tmp
}

@test "an unreadable file stops add before anything is written" {
  bound true || skip "root may read everything here"
  new_project
  put data/a 1
  put data/b 2
  chmod 0 data/b
  run --separate-stderr bound git mlv add data
  assert_failure 128
  assert_regex "$stderr" "data/b"
  assert_not_exists data.mlv
}

@test "add in a DVC project writes what DVC writes" {
  new_dvc_project
  put data/a one
  put data/b two
  put f bytes
  git mlv add -q data f
  assert_equal "$(cat f.dvc)" "outs:
- md5: 4b3a6218bb3e3a7303e8a171a60fcf92
  size: 5
  hash: md5
  path: f"
  id=$(sed -n 's/.*md5: \(.*\)\.dir/\1/p' data.dvc)
  object=.dvc/cache/files/md5/${id:0:2}/${id:2}.dir
  assert_equal "$(cat "$object")" '[{"md5": "f97c5d29941bfb1b2fdab0874906ab82", "relpath": "a"}, {"md5": "b8a9f715dbb64fd5c56e7783c6820a61", "relpath": "b"}]'
  assert_equal "$(md5sum <"$object" | cut -c 1-32)" "$id"
  assert_equal "$(stat -c %a "$object")" 444
}

@test "links on request: hard links and symbolic links are read-only and recognised" {
  new_project
  put data/a one
  git -c mlv.links=hardlink mlv add -q data
  assert_equal "$(stat -c %h data/a)" 2
  assert_equal "$(stat -c %a data/a)" 444
  git -c mlv.links=hardlink mlv status -q
  git mlv unprotect -q data
  assert_equal "$(stat -c %h data/a)" 1
  assert [ -w data/a ]
  put s two
  git -c mlv.links=symlink mlv add -q s
  assert [ -L s ]
  have s two
  git mlv status -q
}

@test "commit of data that are gone: an error where they were named, a warning otherwise" {
  new_project
  put a 1
  git mlv add -q a
  rm a
  mlv commit a
  assert_failure 128
  [[ $stderr == *"'a' does not exist"* ]]
  mlv commit
  assert_success
  [[ $stderr == *"'a' does not exist"* ]]
}

@test "a pointer that Git would ignore is refused before anything is stored" {
  new_project
  put .gitignore /out
  put out/x 1
  put y 2
  mlv add out/x
  assert_failure 129
  [[ $stderr == *"Git ignores 'out/x.mlv'"* ]]
  refute [ -e out/x.mlv ]
  mlv add y -o out/z
  assert_failure 129
  refute [ -e out/z ]
  assert_equal "$(objects)" 0
  git mlv add -q y
  mlv move y out/y
  assert_failure 129
  have y 2
}
