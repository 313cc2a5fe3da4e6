# shellcheck shell=bash disable=SC2034,SC2154
# faults: the fault proxy before a server on this machine: FAULT_TARGET=PORT in the environment of the first `up`. Rules and counters are
# at CONTROL_URL, see faultproxy. There are no places on it.
programs="python3"
port_names="proxy control"
front=proxy
end_signal=KILL

start() {
  mkdir -p "$dir/log"
  # Known from the first time on.
  [ -s "$dir/target" ] || echo "${FAULT_TARGET:?}" >"$dir/target"
  daemon proxy python3 -I "$here/faultproxy" "$port_proxy" "$(<"$dir/target")" "$port_control"
  await proxy "$port_proxy" && await proxy "$port_control"
  touch "$dir/started"
}

describe() {
  assign PROXY_PORT "$port_proxy"
  assign CONTROL_URL "http://127.0.0.1:$port_control"
}

place() {
  echo "faults: it is a proxy" >&2
  return 2
}
