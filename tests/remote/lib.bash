# shellcheck shell=bash
# lib: what the tests of remotes share: real servers, a proxy that makes faults, projects that use them. Sourced.
#
#	serve NAME [PORT-VARIABLE] || skip …   start a service, with the fault proxy before the port of that variable
#	place NAME [KIND]                 a fresh place there: URL, OPTION_…
#	proxied                           the place through the proxy
#	new_project DIR; add_remote       a project, and the place as its default remote
#	rules JSON; counted FIELD         the proxy's: see tests/services/faultproxy
#	check NAME COMMAND…               one TAP line; on failure with what the command said. MLV_ONLY is a pattern of names to run
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh"

service=$top_srcdir/tests/services/service
services=$scratch/services
# shellcheck disable=SC2034 # of those that source this
quick=${MLV_QUICK:-}
# Servers may have users of their own.
chmod 711 "$scratch"
trap 'end_services; chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
command -v jq >/dev/null || skip_all "no jq"
command -v curl >/dev/null || skip_all "no curl"

end_services() {
  local dir name
  for dir in "$services"/*; do
    name=$(basename "$dir")
    case $name in *-proxy) name=faults ;; esac
    [ ! -d "$dir" ] || "$service" "$name" down "$dir"
  done
}

# up NAME DIR: start a service and take in what it says; 77 with the reason in $why if it cannot run here.
up() {
  local said status
  said=$(SERVICE_OWNER=$$ "$service" "$1" up "$2" 2>"$scratch/why") && status=0 || status=$?
  why=$(<"$scratch/why")
  [ $status = 0 ] && eval "$said"
  return $status
}

serve() {
  local status
  mkdir -p "$services"
  up "$1" "$services/$1" && status=0 || status=$?
  if [ $status = 0 ] && [ -n "${2:-}" ]; then
    SERVED_PORT=${!2}
    FAULT_TARGET=$SERVED_PORT up faults "$services/$1-proxy" && status=0 || status=$?
  fi
  [ $status = 0 ] || [ $status = 77 ] || ok "$1 starts: $why" 1
  return $status
}

place() {
  local said
  unset PLACE_ROOT BUCKET URL "${!OPTION_@}" READONLY_URL "${!READONLY_OPTION_@}" WRONG_URL "${!WRONG_OPTION_@}" MISSING_URL
  said=$("$service" "$1" place "$services/$1" "${2:-}") && eval "$said"
}

proxied() {
  URL=${URL/":$SERVED_PORT"/":$PROXY_PORT"}
  # shellcheck disable=SC2154 # the service's
  [ -z "${OPTION_endpointurl:-}" ] || OPTION_endpointurl=${OPTION_endpointurl/":$SERVED_PORT"/":$PROXY_PORT"}
}

rules() { curl -sf -o /dev/null "$CONTROL_URL/rules" -d "$1"; }
reset_proxy() { curl -sf -o /dev/null -X POST "$CONTROL_URL/reset" -d ''; }
counted() { curl -sf "$CONTROL_URL/counters" | jq "$1 // 0"; }

# wait_counted FIELD N: until the proxy has counted so many.
wait_counted() {
  local end=$((SECONDS + 120))
  until [ "$(counted "$1")" -ge "$2" ]; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.02
  done
}

# end_client PID: SIGKILL it and what it became.
end_client() {
  pkill -KILL -P "$1" || true
  kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

new_project() {
  git init -q "$1"
  cd "$1" || return
  git mlv init -q
}

# set_options [PREFIX]: the options of the place for this clone.
# shellcheck disable=SC2120 # most have no prefix
set_options() {
  local variable option
  for variable in $(compgen -v "${1:-}OPTION_"); do
    option=${variable#"${1:-}OPTION_"}
    git mlv remote modify --local store "$option" "${!variable}" || return
  done
}

add_remote() {
  git mlv remote add -q -f -d store "$URL" && set_options ""
}

commit_all() { git add -A && git commit -qm "$1"; }

# colleague DIR [FROM]: a clone with the same options and without data.
colleague() {
  rm -rf "$1"
  git clone -q "${2:-$scratch/work}" "$1"
  cd "$1" && set_options ""
}

# make_tree DIR N BYTES SEED: N files, a hundred in a folder, all different.
make_tree() {
  awk -v dir="$1" -v n="$2" -v bytes="$3" -v seed="$4" 'BEGIN {
    for (i = 0; i < bytes; i++) fill = fill "."
    for (i = 0; i < n; i++) {
      if (i % 100 == 0) system("mkdir -p " dir "/" int(i / 100))
      name = dir "/" int(i / 100) "/" i
      printf "%s %d\n%s", seed, i, substr(fill, 1, bytes) >name
      close(name)
    }
  }'
}

# sums DIR: the hashes of all files below it.
sums() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0r sha256sum); }

# same_files A B
same_files() {
  sums "$1" >"$scratch/sums.a"
  sums "$2" >"$scratch/sums.b"
  [ -s "$scratch/sums.a" ] && cmp "$scratch/sums.a" "$scratch/sums.b"
}

# is COMMAND…: tell what was expected where a condition does not hold.
is() {
  "$@" || {
    echo "does not hold: $*"
    return 1
  }
}

# fails COMMAND…: it must fail by itself, not crash; its output is in $scratch/said.
fails() {
  local status
  "$@" >"$scratch/said" 2>&1 && status=0 || status=$?
  cat "$scratch/said"
  is [ $status != 0 ] && is [ $status -lt 129 ]
}

check() {
  local name=$1 status
  # shellcheck disable=SC2053 # a pattern
  [[ $name == ${MLV_ONLY:-*} ]] || return 0
  shift
  (set -e; "$@") >"$scratch/out" 2>&1
  status=$?
  ok "$name" $status
  [ $status = 0 ] || tail -n 25 "$scratch/out" | sed 's/^/# /'
}
