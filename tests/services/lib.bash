# shellcheck shell=bash disable=SC2154
# lib: what the services share. Sourced by `service`, which sets $name, $dir and $here and then sources NAME.bash. That defines
#
#	programs       what must be installed, separated by spaces
#	port_names     names of the ports that it listens on, which are then in $port_<name>
#	start          write its configuration and start its daemons; return once it answers, or nonzero
#	describe       print the assignments of `up`
#	place KIND     make a place and print its assignments
#	front          the daemons that `kill` kills
#	end_more       end what no daemon takes with it, if there is such
#
# In $dir: ports, NAME.pid of each daemon, log/, all else is the service's.

# assign NAME VALUE: one line of output.
assign() { printf '%s=%q\n' "$1" "$2"; }

# cannot WHY: this service cannot run here.
cannot() {
  echo "$name: $*" >&2
  exit 77
}

# random_text: 24 letters and digits that nobody has seen.
random_text() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

# remembered FILE COMMAND…: the content of $dir/FILE, which the command writes the first time.
remembered() {
  local file=$dir/$1
  shift
  [ -s "$file" ] || "$@" >"$file"
  cat "$file"
}

# start_time PID: when a process started, which tells it from a later one of the same number; fails if it is gone or a zombie.
start_time() {
  local line
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  line=${line##*) }
  [ "${line%% *}" != Z ] || return 1
  # shellcheck disable=SC2086 # fields
  set -- $line
  echo "${20}"
}

# alive DAEMON: whether it runs.
alive() { [ -s "$dir/$1.pid" ] && start_time "$(<"$dir/$1.pid")" >/dev/null; }

# daemon DAEMON COMMAND…: start a program that stays in the foreground, in a session of its own.
daemon() {
  local daemon=$1 fd
  shift
  alive "$daemon" && return
  mkdir -p "$dir/log"
  (
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      [ "$fd" -le 2 ] || eval "exec $fd>&-"
    done
    exec setsid "$@" </dev/null >>"$dir/log/$daemon" 2>&1
  ) &
  echo $! >"$dir/$daemon.pid"
}

# gone PID: whether no process has this number.
gone() { ! start_time "$1" >/dev/null; }

# end_process PID [SIGNAL]: end the daemon and all that it started, the hard way after five seconds.
end_process() {
  local pid=$1
  kill -"${2:-TERM}" "$pid" 2>/dev/null || true
  within 5 gone "$pid" || true
  kill -KILL -- "-$pid" 2>/dev/null || true
  within 5 gone "$pid" || true
}

# end_daemon DAEMON [SIGNAL]
end_daemon() {
  [ -s "$dir/$1.pid" ] || return 0
  end_process "$(<"$dir/$1.pid")" "${2:-TERM}"
  rm -f "$dir/$1.pid"
}

# within SECONDS COMMAND…: try until the command succeeds; fails when the time is over.
within() {
  local end=$((SECONDS + $1 + 1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}

# is_open PORT: whether anybody listens there.
is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# serves DAEMON PORT: whether it is this daemon that listens there.
serves() {
  local inode pid
  inode=$(awk -v port="$(printf '%04X' "$2")" '$4 == "0A" && substr($2, length($2) - 3) == port { print $10; exit }' /proc/net/tcp{,6})
  [ -n "$inode" ] || return 1
  for pid in $(pgrep -s "$(<"$dir/$1.pid")"); do
    [ -z "$(find "/proc/$pid/fd" -lname "socket:\[$inode\]" -print -quit 2>/dev/null)" ] || return 0
  done
  return 1
}

# ready_or_dead DAEMON PORT
ready_or_dead() { ! alive "$1" || serves "$1" "$2"; }

# await DAEMON PORT [SECONDS]: wait until it listens there; fails as soon as it is dead.
await() { within "${3:-30}" ready_or_dead "$1" "$2" && alive "$1"; }

# choose_ports: free ports below those that the kernel gives to clients, remembered for the next start.
choose_ports() {
  local port word
  if [ ! -s "$dir/ports" ]; then
      for word in $port_names; do
      until port=$((15000 + SRANDOM % 17000)) && ! is_open $port && ! grep -qs "=$port\$" "$dir/ports.new"; do :; done
      echo "port_$word=$port" >>"$dir/ports.new"
    done
    mv "$dir/ports.new" "$dir/ports"
  fi
  load_ports
}

# load_ports: $port_<name> as they were chosen.
load_ports() {
  # shellcheck source=/dev/null
  [ ! -s "$dir/ports" ] || . "$dir/ports"
}

# make_tls: a certificate authority that nobody else trusts, $dir/tls/ca.pem, and a server's certificate and key for localhost.
make_tls() {
  local tls=$dir/tls
  [ ! -s "$tls/server.key" ] || return 0
  mkdir -p "$tls"
  {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$tls/ca.key" -out "$tls/ca.pem" -days 30 \
      -subj "/CN=git-mlv tests $(random_text)"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$tls/new.key" -out "$tls/server.csr" -subj /CN=localhost
    openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial -days 30 -out "$tls/server.crt" \
      -extfile <(echo 'subjectAltName=DNS:localhost,DNS:s3.localhost,DNS:*.s3.localhost,IP:127.0.0.1')
  } 2>"$tls/log"
  cat "$tls/server.crt" "$tls/ca.pem" >"$tls/server.pem"
  cat "$tls/server.pem" "$tls/new.key" >"$tls/both.pem"
  mv "$tls/new.key" "$tls/server.key"
}

# reachable_for USER: root serves as another user, who must get through to $dir.
reachable_for() {
  local user=$1
  [ "$(id -u)" != 0 ] || setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups test -x "$dir" ||
    cannot "$user cannot enter $dir"
}

service_up() {
  local program attempt
  PATH=$PATH:/usr/sbin:/sbin
  for program in $programs; do
    command -v "$program" >/dev/null || cannot "no $program"
  done
  for attempt in 1 2 3; do
    choose_ports
    if start; then
      [ -z "${SERVICE_OWNER:-}" ] || daemon watch "$here/service" "$name" watch "$dir" "$SERVICE_OWNER"
      describe
      return
    fi
    end_all
    # Perhaps somebody took a port between choosing and binding it. What is stored is worth more than another try.
    [ ! -e "$dir/started" ] || break
    find "$dir" -mindepth 1 -not -path "$dir/log*" -delete
  done
  echo "$name: does not start ($attempt attempts); the end of its logs:" >&2
  tail -n 5 "$dir"/log/* >&2 || true
  return 1
}

end_more() { :; }

# end_all: all daemons of $dir but the one that watches.
end_all() {
  local file daemon
  for file in "$dir"/*.pid; do
    daemon=$(basename "$file" .pid)
    [ ! -e "$file" ] || [ "$daemon" = watch ] || end_daemon "$daemon" "${end_signal:-TERM}"
  done
  end_more
}

service_down() {
  # A watch that is asked to end its own service goes by itself.
  [ ! -s "$dir/watch.pid" ] || [ "$(<"$dir/watch.pid")" = $$ ] || end_daemon watch
  end_all
}

kill_front() {
  local daemon
  for daemon in $front; do
    end_daemon "$daemon" KILL
  done
}

# service_watch PID: wait until that process is gone, or $dir is; then nothing of the service stays.
service_watch() {
  local owner=$1 born pid found pids=
  born=$(start_time "$owner") || true
  while
    found=$(cat "$dir"/*.pid 2>/dev/null) && pids=$found
    [ -d "$dir" ] && [ -n "$born" ] && [ "$(start_time "$owner")" = "$born" ]
  do
    sleep 0.5
  done
  for pid in $pids; do
    [ "$pid" = $$ ] || end_process "$pid" KILL
  done
  end_more
  rm -rf "$dir"
}
