# shellcheck shell=bash disable=SC2154 # $kind, $server, $listing are given
# faults: a remote through a proxy that cuts, stalls, refuses, damages and lies. One fault at a time heals; of a tenth of all requests as
# well; and where everything fails, the error says so and the next run goes on from what was finished. Sourced; suite() is the tests, for
# the service in $server, of $kind in their names; $listing is in the path of a request for a listing.
# shellcheck source=tests/remote/lib.bash
. "${top_srcdir:-.}/tests/remote/lib.bash"

# fresh: a project with a few files, large and small, and an empty remote behind the proxy without rules.
fresh() {
  cd "$scratch" || return
  chmod -R u+w work clone 2>/dev/null || true
  rm -rf work clone
  reset_proxy
  place "$server"
  proxied
  new_project work
  git config mlv.stallTimeout 1
  add_remote
}

small() {
  fresh
  make_tree data 12 1000 "$1"
  make_file big 3000000 "$1"
  git mlv add -q data big
  commit_all data
}

clone() {
  cd "$scratch"
  colleague clone
  git config mlv.stallTimeout 1
}

# whole: what the clone has is what was pushed, and what the remote has is sound.
whole() {
  reset_proxy
  same_files "$scratch/work/data" "$scratch/clone/data"
  cmp "$scratch/work/big" "$scratch/clone/big"
  cd "$scratch/clone"
  git mlv fsck --data -q
  git mlv fsck --remote store --data
}

# push_heals SEED RULE: a push that meets the fault a few times gets through nevertheless.
push_heals() {
  small "$1"
  rules "[$2]"
  git mlv push
  is [ "$(counted '[.faults[]] | add')" -ge 1 ]
  reset_proxy
  clone
  git mlv pull
  whole
}

# pull_heals SEED RULE: and a pull.
pull_heals() {
  small "$1"
  git mlv push
  clone
  rules "[$2]"
  git mlv pull
  is [ "$(counted '[.faults[]] | add')" -ge 1 ]
  whole
}

each_fault() {
  check "$kind: push: connections cut after some bytes" push_heals a '{"fault":"cut_up","method":"PUT","bytes":500,"count":3}'
  check "$kind: push: connections reset after some bytes" push_heals b '{"fault":"cut_up","method":"PUT","bytes":500,"reset":true,"count":3}'
  check "$kind: push: connections refused" push_heals c '{"fault":"refuse","count":3}'
  check "$kind: push: 500" push_heals d '{"fault":"status","status":500,"code":"InternalError","count":3}'
  check "$kind: push: 503 with Retry-After" push_heals e \
    '{"fault":"status","status":503,"code":"SlowDown","headers":{"Retry-After":"1"},"count":3}'
  check "$kind: push: 429" push_heals f '{"fault":"status","status":429,"count":3}'
  check "$kind: push: stalls" push_heals g '{"fault":"stall_up","method":"PUT","bytes":500,"count":2}'
  check "$kind: push: answers that never come" push_heals h '{"fault":"stall","count":2}'
  check "$kind: pull: connections cut after some bytes" pull_heals i '{"fault":"cut_down","method":"GET","bytes":500,"count":3}'
  check "$kind: pull: connections reset after some bytes" pull_heals j '{"fault":"cut_down","method":"GET","bytes":500,"reset":true,"count":3}'
  check "$kind: pull: 503" pull_heals k '{"fault":"status","status":503,"count":3}'
  check "$kind: pull: 429 with Retry-After" pull_heals l '{"fault":"status","status":429,"headers":{"Retry-After":"1"},"count":3}'
  check "$kind: pull: stalls" pull_heals m '{"fault":"stall_down","method":"GET","bytes":500,"count":2}'
  check "$kind: pull: slow-loris" pull_heals n '{"fault":"slow","method":"GET","count":2}'
  check "$kind: pull: truncated bodies with lengths to match" pull_heals o '{"fault":"truncate","method":"GET","path":"files","bytes":300,"count":1}'
  check "$kind: pull: damaged bodies" pull_heals p '{"fault":"flip_down","method":"GET","path":"files","bytes":300,"count":1}'
}

# A body that is damaged whenever it is asked for: told with remote, object and path, and not kept.
damaged_always() {
  local id
  small q
  git mlv push
  id=$(sha256sum <big | cut -c1-64)
  clone
  rules "[{\"fault\":\"flip_down\",\"method\":\"GET\",\"path\":\"${id:2:62}\",\"bytes\":300}]"
  fails git mlv pull
  grep -q store "$scratch/said"
  grep -q big "$scratch/said"
  grep -q "${id:0:7}" "$scratch/said"
  is [ ! -e big ]
  same_files ../work/data data
  reset_proxy
  git mlv pull
  whole
}

# Damage on the way up: a server that verifies refuses it, another keeps it, and fsck finds and mends it.
damaged_upload() {
  small r
  rules '[{"fault":"flip_up","method":"PUT","bytes":300,"count":2}]'
  git mlv push
  is [ "$(counted .faults.flip_up)" -ge 1 ]
  reset_proxy
  if [ "$kind" = s3 ]; then
    git mlv fsck --remote store --data
  else
    fails git mlv fsck --remote store --data
    git mlv fsck --remote store --data --repair
  fi
  clone
  git mlv pull
  whole
}

# Pages of a listing that come twice or backwards are read as what they are.
odd_listing() {
  fresh
  make_tree data 1500 10 "$1"
  git mlv add -q data
  commit_all data
  git mlv push -q
  # Only the listing is asked: a hint of what is there must not help.
  clone
  mkdir -p .git/mlv
  cp -a ../work/.git/mlv/files .git/mlv/
  rules "[{\"fault\":\"$1\",\"method\":\"GET|PROPFIND\",\"path\":\"$listing\"}]"
  git mlv fsck --remote store >"$scratch/fsck"
  cat "$scratch/fsck"
  is [ "$(counted ".faults.$1")" -ge 1 ]
  reset_proxy
  git mlv fsck --remote store | cmp - "$scratch/fsck"
}

# Everything fails after a while: the error names the remote and the cause, and the next run does not begin anew.
fails_then_goes_on() {
  local n=200 first
  fresh
  git config mlv.jobs 4
  make_tree data $n 100 "$1"
  git mlv add -q data
  commit_all data
  rules "[{\"method\":\"PUT\",\"after\":100,$2}]"
  fails git mlv push
  grep -q store "$scratch/said"
  grep -qE "$3" "$scratch/said"
  reset_proxy
  git mlv push
  first=$(counted .methods.PUT)
  is [ "$first" -le $((n - 100 + 20)) ]
  reset_proxy
  clone
  git config mlv.jobs 4
  rules "[{\"method\":\"GET\",\"path\":\"files/sha256/[0-9a-f]{2}/[0-9a-f]{62}\$\",\"after\":100,$2}]"
  fails git mlv pull
  grep -q store "$scratch/said"
  grep -qE "$3" "$scratch/said"
  reset_proxy
  git mlv pull
  is [ "$(counted .methods.GET)" -le $((n - 100 + 20)) ]
  same_files ../work/data data
}

# What cannot heal is not tried again.
refused() {
  small s
  rules '[{"fault":"status","status":403,"code":"AccessDenied"}]'
  fails git mlv push
  grep -q 403 "$scratch/said"
  is [ "$(counted .faults.status)" -le 40 ]
}

mixed() {
  local n=5000
  [ -z "$quick" ] || n=500
  fresh
  make_tree data $n 1500 mixed
  git mlv add -q data
  commit_all data
  rules '[{"fault":"status","status":500,"p":0.03,"seed":1},
    {"fault":"status","status":503,"code":"SlowDown","headers":{"Retry-After":"1"},"p":0.002,"seed":1},
    {"fault":"status","status":429,"p":0.008,"seed":1},
    {"fault":"cut_up","method":"PUT","bytes":700,"p":0.03,"seed":1},
    {"fault":"cut_down","method":"GET","bytes":700,"p":0.02,"seed":1},
    {"fault":"reset","p":0.02,"seed":1},
    {"fault":"stall_down","method":"GET","bytes":700,"p":0.0005,"seed":1},
    {"fault":"truncate","method":"GET","path":"files","bytes":700,"p":0.003,"seed":1},
    {"fault":"flip_down","method":"GET","path":"files","bytes":700,"p":0.003,"seed":1}]'
  git mlv push
  clone
  git mlv pull
  echo "faults: $(counted .faults) of $(counted .requests)"
  is [ "$(counted '[.faults[]] | add')" -ge $((n / 10)) ]
  reset_proxy
  same_files ../work/data data
  git mlv fsck --data -q
  git mlv fsck --remote store --data
}

# The server dies in the middle; whatever the push says then, the next one ends it.
server_killed() {
  small t
  make_file huge 30000000 t
  git mlv add -q huge
  commit_all huge
  rules '[{"fault":"pause","direction":"up","bytes":10000000}]'
  git mlv push >"$scratch/push" 2>&1 &
  wait_counted .up 10000000
  "$service" "$server" kill "$services/$server"
  rules '[]'
  "$service" "$server" up "$services/$server" >/dev/null
  wait $! || true
  cat "$scratch/push"
  git mlv push
  clone
  git mlv pull
  cmp ../work/huge huge
  whole
}

client_killed() {
  small u
  make_file huge 30000000 u
  git mlv add -q huge
  commit_all huge
  rules '[{"fault":"pause","direction":"up","bytes":10000000}]'
  git mlv push >"$scratch/push" 2>&1 &
  wait_counted .up 10000000
  end_client $!
  reset_proxy
  git mlv push
  clone
  rules '[{"fault":"pause","direction":"down","bytes":10000000}]'
  git mlv pull >"$scratch/pull" 2>&1 &
  wait_counted .down 10000000
  end_client $!
  reset_proxy
  git mlv pull
  cmp ../work/huge huge
  whole
}

# unreachable ENDPOINT PATTERN: a server that cannot be reached is told as what it is.
unreachable() {
  small v
  if [ "$kind" = s3 ]; then
    git mlv remote modify --local store endpointurl "$1"
  else
    git mlv remote modify store url "webdav${1#http}/x"
  fi
  fails git mlv push
  grep -qiE "$2" "$scratch/said"
}

handshake() {
  rules '[{"fault":"handshake"}]'
  unreachable "https://localhost:$PROXY_PORT" 'TLS|SSL'
}

suite() {
  each_fault
  check "$kind: bodies that are always damaged are told and not kept" damaged_always
  check "$kind: damage on the way up does not stay" damaged_upload
  check "$kind: listings with doubles" odd_listing duplicate
  check "$kind: listings in another order" odd_listing reorder
  check "$kind: 403 is final" refused
  check "$kind: a tenth of all requests fails" mixed
  check "$kind: the server is killed" server_killed
  check "$kind: the client is killed" client_killed
  check "$kind: a name that does not exist" unreachable http://no-such-host.invalid 'no-such-host\.invalid'
  check "$kind: nobody listens" unreachable http://127.0.0.1:1 '127\.0\.0\.1'
  check "$kind: no trust in the certificate" unreachable "${HTTPS_URL:-${S3S_ENDPOINT:-}}" certificate
  check "$kind: cut off in the handshake" handshake
}
