load helper

# A native store object made by hand; prints its id.
object() {
  local id suffix=${2:-}
  id=$(printf '%s' "$1" | sha256sum | cut -c 1-64)
  mkdir -p ".git/mlv/files/sha256/${id:0:2}"
  printf '%s' "$1" >".git/mlv/files/sha256/${id:0:2}/${id:2}$suffix"
  chmod 444 ".git/mlv/files/sha256/${id:0:2}/${id:2}$suffix"
  echo "$id"
}

# A project whose data.mlv names a manifest with these lines.
manifest() {
  new_project
  inner=$(object owned)
  id=$(object "mlv-manifest 1
$(printf "$1" "$inner")
" .dir)
  printf 'outs:\n- sha256: %s.dir\n  size: 5\n  nfiles: 1\n  hash: sha256\n  path: data\n' "$id" >data.mlv
}

refused() {
  mlv checkout --force
  assert_failure
  refute [ -e ../escaped ]
  refute [ -e .git/escaped ]
  assert [ -n "$stderr" ]
}

@test "manifests: dot-dot, absolute, .git in every spelling" {
  for path in ../../escaped /tmp/escaped .git/escaped sub/../../escaped ./x a//b .GIT/escaped 'git~1/escaped' '.git /x' .git./x \
    $'.g\u200cit/x' '' . ..; do
    rm -rf work
    manifest "%s 5 - ${path//%/%%}"
    refused
    cd ..
  done
}

@test "manifests: doubles, wrong order, a file that is a folder, bad sizes, bad modes, truncation" {
  for lines in '%1$s 5 - a\n%1$s 5 - a' '%1$s 5 - b\n%1$s 5 - a' '%1$s 5 - a\n%1$s 5 - a/b' '%s 99999999999999999999 - a' \
    '%s -5 - a' '%s 5 q a' '%s 5' '%s 5 - "a' 'zz 5 - a'; do
    rm -rf work
    manifest "$lines"
    refused
    cd ..
  done
}

@test "manifests: a link cannot be used to write outside" {
  mkdir outside
  new_project
  inner=$(object owned)
  target=$(object ../../outside)
  id=$(object "mlv-manifest 1
$target 13 l a
$inner 5 - b/c
" .dir)
  printf 'outs:\n- sha256: %s.dir\n  size: 5\n  nfiles: 1\n  hash: sha256\n  path: data\n' "$id" >data.mlv
  mkdir data
  ln -s ../../outside data/b
  git mlv checkout --force || true
  assert_not_exists ../outside/c
}

@test "pointers: paths that leave the project or enter .git" {
  new_project
  inner=$(object owned)
  for path in ../escaped /tmp/escaped .git/hooks/post-checkout sub/../../escaped .mlvconfig; do
    printf 'outs:\n- sha256: %s\n  size: 5\n  hash: sha256\n  path: %s\n' "$inner" "$path" >data.mlv
    refused
    assert_not_exists .git/hooks/post-checkout
  done
  printf 'wdir: ../..\nouts:\n- sha256: %s\n  size: 5\n  hash: sha256\n  path: escaped\n' "$inner" >data.mlv
  refused
}

@test "pointers: unknown keys, bombs, huge numbers, binary" {
  new_project
  for text in 'outs:\n- path: x\n  nope: 1\n' 'outs: 5\n' 'outs:\n- path: [x]\n' 'outs:\n- path: x\n  size: 1e99\n' '\x00\x01\x02' \
    'outs: &a [*a]\n' '- - - - -\n'; do
    printf -- "$text" >data.mlv
    mlv status
    assert_failure
    refute [ "$status" -gt 129 ]
  done
  printf 'outs:\n- path: x\n- path: x\n' >data.mlv
  mlv status
  assert_regex "$stderr" "'x'"
  mlv checkout
  assert_failure
  { echo 'a: &a [x,x,x,x,x,x,x,x,x]'; for i in b c d e f g h i j; do echo "$i: &$i [*a,*a,*a,*a,*a,*a,*a,*a,*a]"; done; } >data.mlv
  mlv status
  assert_failure
  head -c 100000 /dev/zero | tr '\0' '[' >data.mlv
  mlv status
  assert_failure
  refute [ "$status" -gt 129 ]
}

@test "settings in a clone cannot run commands or set secrets" {
  new_project
  git config -f .mlvconfig mlv-remote.store.url ../remote
  git config -f .mlvconfig mlv-remote.store.password hush
  git config -f .mlvconfig mlv.store /tmp/elsewhere
  git config -f .mlvconfig core.pager 'touch ../escaped'
  git config -f .mlvconfig core.fsmonitor 'touch ../escaped'
  put f x
  git mlv add -q f
  assert_exists .git/mlv/files
  assert_not_exists ../escaped
}

@test "DVC manifests: escapes, dot-dot, doubles" {
  new_dvc_project
  put f owned
  git mlv add -q f
  for json in '[{"md5": "'"$(printf owned | md5sum | cut -c 1-32)"'", "relpath": "../escaped"}]' '[{"md5": "x", "relpath": "a"}]' '[{}]' '{}' '[' \
    '[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a"}, {"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a"}]' \
    '[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a\u0000b"}]'; do
    id=$(printf %s "$json" | md5sum | cut -c 1-32)
    mkdir -p ".dvc/cache/files/md5/${id:0:2}"
    printf %s "$json" >".dvc/cache/files/md5/${id:0:2}/${id:2}.dir"
    chmod 444 ".dvc/cache/files/md5/${id:0:2}/${id:2}.dir"
    printf 'outs:\n- md5: %s.dir\n  size: 5\n  nfiles: 1\n  hash: md5\n  path: data\n' "$id" >data.dvc
    refused
  done
}

@test "a pointer that is a link out of the project is not written through" {
  new_project
  put data 1
  git mlv add -q data
  mv data.mlv ../outside.mlv
  cp ../outside.mlv ../before
  ln -s ../outside.mlv data.mlv
  put data 2
  mlv add data
  assert_failure 128
  [[ $stderr == *"'data.mlv' is a symbolic link that leads out of the project"* ]]
  cmp ../outside.mlv ../before
}
