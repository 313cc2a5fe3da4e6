# shellcheck shell=bash disable=SC2034,SC2154
# sshd: OpenSSH with SFTP alone, for the user that runs the tests, with host and user keys of its own. A second port serves the same
# files to read only. HOME/.ssh of the client is not touched: known_hosts is in the directory `SSH_HOME`, laid out as a home.
programs="ssh-keygen"
port_names="ssh readonly"
front="sshd readonly"
sshd=/usr/sbin/sshd

make_key() { [ -s "$dir/$1" ] || ssh-keygen -q -t "$2" -N "${3:-}" -C "$1" -f "$dir/$1"; }

# server PORT SUBSYSTEM: its configuration.
server() {
  cat <<C
Port $1
ListenAddress 127.0.0.1
HostKey $dir/host_ed25519
HostKey $dir/host_ecdsa
AuthorizedKeysFile $dir/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowUsers $(id -un)
MaxStartups 200:30:400
MaxSessions 100
UseDNS no
Subsystem sftp $2
ForceCommand $2
AllowTcpForwarding no
AllowAgentForwarding no
C
}

random_phrase() { echo "phrase $(random_text)"; }

start() {
  local type
  [ -x $sshd ] || cannot "no $sshd"
  [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
  mkdir -p "$dir/home/.ssh" "$dir/files" "$dir/log"
  make_key host_ed25519 ed25519
  make_key host_ecdsa ecdsa
  make_key user_key ed25519
  make_key phrase_key ed25519 "$(remembered phrase random_phrase)"
  make_key wrong_key ed25519
  cat "$dir/user_key.pub" "$dir/phrase_key.pub" >"$dir/authorized_keys"
  chmod 644 "$dir/authorized_keys"
  for type in ed25519 ecdsa; do
    echo "[127.0.0.1]:$port_ssh,[127.0.0.1]:$port_readonly $(cut -d' ' -f1,2 "$dir/host_$type.pub")"
  done >"$dir/home/.ssh/known_hosts"
  echo "[127.0.0.1]:$port_ssh $(cut -d' ' -f1,2 "$dir/wrong_key.pub")" >"$dir/false_known_hosts"
  server "$port_ssh" internal-sftp >"$dir/sshd.conf"
  server "$port_readonly" "internal-sftp -R" >"$dir/readonly.conf"
  daemon sshd $sshd -D -e -f "$dir/sshd.conf"
  daemon readonly $sshd -D -e -f "$dir/readonly.conf"
  await sshd "$port_ssh" && await readonly "$port_readonly"
  touch "$dir/started"
}

describe() {
  assign SSH_PORT "$port_ssh"
  assign SSH_USER "$(id -un)"
  assign SSH_KEY "$dir/user_key"
  assign SSH_PHRASE_KEY "$dir/phrase_key"
  assign SSH_PHRASE "$(<"$dir/phrase")"
  assign SSH_WRONG_KEY "$dir/wrong_key"
  assign SSH_HOME "$dir/home"
  assign SSH_KNOWN_HOSTS "$dir/home/.ssh/known_hosts"
  assign SSH_FALSE_KNOWN_HOSTS "$dir/false_known_hosts"
  assign SSH_ROOT "$dir/files"
}

place() {
  local at who
  load_ports
  who=$(id -un)
  at=$dir/files/place-$(random_text)
  mkdir "$at"
  assign PLACE_ROOT "$at"
  assign URL "ssh://$who@127.0.0.1:$port_ssh$at"
  assign OPTION_keyfile "$dir/user_key"
  assign READONLY_URL "ssh://$who@127.0.0.1:$port_readonly$at"
  assign WRONG_OPTION_keyfile "$dir/wrong_key"
  assign MISSING_URL "ssh://$who@127.0.0.1:$port_ssh$at/not/there"
}
