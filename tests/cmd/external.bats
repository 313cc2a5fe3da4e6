# Dependencies outside the project: on a web server (nginx of tests/services/), on remotes, elsewhere on this machine.
load helper

setup_file() {
  service_up nginx
  # shellcheck source=/dev/null
  . "$BATS_FILE_TMPDIR/nginx.env"
  export HTTP_URL HTTP_ROOT
}

teardown_file() { service_down nginx; }

# stage DEP…: a DVC project with a stage 't' that counts how often it ran and depends on these.
stage() {
  new_dvc_project
  {
    echo 'stages:'
    echo '  t:'
    echo '    cmd: echo ran >>../count; wc -l <../count >out'
    echo '    deps:'
    printf "    - '%s'\n" "$@"
    echo '    outs: [out]'
  } >dvc.yaml
}

# serve TEXT: what the server has at $url. Its ETag is made of time and size.
serve() {
  local place=external-$BATS_TEST_NUMBER
  url=$HTTP_URL/pub/$place
  printf %s "$1" >"$HTTP_ROOT/$place.new"
  touch -d "@$((1700000000 + ${#1}))" "$HTTP_ROOT/$place.new"
  mv "$HTTP_ROOT/$place.new" "$HTTP_ROOT/$place"
}

ran() { [ "$(wc -l <../count)" = "$1" ] || fail "ran $(wc -l <../count) times, not $1"; }

@test "a stage that reads a URL runs again when its ETag is another" {
  serve one
  stage "$url"
  git mlv repro -q
  ran 1
  mlv status
  assert_output --partial "up to date"
  git mlv repro -q
  ran 1
  serve other
  mlv status --json
  assert_output --partial "\"$url\": \"modified\""
  git mlv repro -q
  ran 2
}

@test "the mark of a URL is recorded as DVC does" {
  serve one
  stage "$url"
  git mlv repro -q
  etag=$(curl -sI "$url" | tr -d '\r' | sed -n 's/^[Ee][Tt]ag: //p')
  run sed -n '/deps:/,/outs:/p' dvc.lock
  assert_output "    deps:
    - path: $url
      hash: md5
      checksum: '$etag'
      size: 3
    outs:"
  deps=$output
  git mlv repro -q --force
  run sed -n '/deps:/,/outs:/p' dvc.lock
  assert_output "$deps"
}

@test "a URL where nothing is, and a server that does not answer, are told apart" {
  serve one
  stage "$url"
  git mlv repro -q
  rm "$HTTP_ROOT/${url##*/}"
  mlv status --json
  assert_output --partial "\"$url\": \"deleted\""
  mlv repro
  assert_failure
  [[ $stderr == *"does not exist"* ]]
  stage=$(sed "s|$url|http://127.0.0.1:9/x|" dvc.yaml)
  echo "$stage" >dvc.yaml
  mlv status
  assert_failure
  [[ $stderr == *127.0.0.1* ]]
  ran 1
}

@test "a server that tells no ETag is no dependency" {
  stage "$HTTP_URL/fault/401"
  mlv repro
  assert_failure
  [[ $stderr == *401* ]]
}

@test "remote:// names a place on a remote: a folder, or a server" {
  serve one
  stage remote://disk/sub/f "remote://web/${url##*/}"
  put ../store/sub/f one
  git mlv remote add disk "$(cd ../store && pwd)"
  git mlv remote add web "$HTTP_URL/pub"
  git mlv repro -q
  git mlv repro -q
  ran 1
  grep -q "md5: $(printf one | md5sum | cut -d' ' -f1)" dvc.lock
  put ../store/sub/f two
  git mlv repro -q
  ran 2
  serve another
  git mlv repro -q
  ran 3
}

@test "files and folders elsewhere on this machine are hashed" {
  put elsewhere/file one
  put elsewhere/dir/a/b two
  stage "$PWD/elsewhere/file" ../elsewhere/dir
  git mlv repro -q
  git mlv repro -q
  ran 1
  put ../elsewhere/dir/a/b three
  mlv status --json
  assert_output --partial "\"$BATS_TEST_TMPDIR/elsewhere/dir\": \"modified\""
  git mlv repro -q
  ran 2
  put ../elsewhere/file three
  git mlv repro -q
  ran 3
  rm ../elsewhere/file
  mlv repro
  assert_failure
  [[ $stderr == *"elsewhere/file"*"does not exist"* ]]
}

@test "a device or fifo elsewhere is refused, not read" {
  mkfifo pipe
  for place in /dev/zero "$PWD/pipe"; do
    stage "$place"
    mlv repro --quiet </dev/null
    assert_failure
    assert_regex "$stderr" "'$place' is neither a file nor a folder"
    cd ..
    rm -rf work
  done
}

@test "other kinds of URLs are refused by name" {
  stage gs://bucket/x
  mlv repro
  assert_failure
  [[ $stderr == *"gs://bucket/x"* ]]
  assert_not_exists dvc.lock
  sed -i 's|gs://bucket/x|ds://set|' dvc.yaml
  mlv status
  assert_failure
  [[ $stderr == *"datasets cannot be dependencies"* ]]
}
