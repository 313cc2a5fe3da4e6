# shellcheck shell=bash disable=SC2034,SC2154
# lfs: JGit's Git LFS server (batch API, basic transfers). With nginx it is also behind basic authorisation; then objects come through
# there, too. There is one store: `place` empties it.
#
# Places: open (the default), basic.
programs="java"
port_names="lfs front"
front="lfs nginx"
jars=/usr/share/java
user=mlv

class_path() {
  local jar
  for jar in org.eclipse.jgit{,.pgm,.lfs,.lfs.server,.http.apache,.http.server,.archive,.ui} \
    jetty9-{server,servlet,util,http,io,security,continuation,util-ajax} servlet-api gson jsch args4j commons-compress commons-codec \
    commons-logging httpclient httpcore javaewah jzlib slf4j-api slf4j-nop; do
    [ ! -e "$jars/$jar.jar" ] || printf '%s:' "$jars/$jar.jar"
  done
}

random_password() { echo "mlv/+%:$(random_text)"; }

has_front() { command -v nginx >/dev/null && command -v openssl >/dev/null; }

start_front() {
  local as=
  [ "$(id -u)" != 0 ] || as="user root;"
  printf '%s:%s\n' "$user" "$(openssl passwd -apr1 "$(remembered password random_password)")" >"$dir/htpasswd"
  cat >"$dir/nginx.conf" <<C
daemon off; worker_processes 1; pid $dir/tmp/pid; error_log $dir/log/error warn; $as
events { worker_connections 512; }
http {
  access_log off; client_max_body_size 0; proxy_http_version 1.1; proxy_request_buffering off;
  client_body_temp_path $dir/tmp/body; proxy_temp_path $dir/tmp/proxy; fastcgi_temp_path $dir/tmp/fcgi;
  uwsgi_temp_path $dir/tmp/uwsgi; scgi_temp_path $dir/tmp/scgi;
  server {
    listen 127.0.0.1:$port_front;
    location /lfs/ { auth_basic lfs; auth_basic_user_file $dir/htpasswd; proxy_pass http://127.0.0.1:$port_lfs; }
    location /objects/ { proxy_pass http://127.0.0.1:$port_lfs; }
  }
}
C
  daemon nginx nginx -c "$dir/nginx.conf" -p "$dir" -e "$dir/log/error"
  await nginx "$port_front"
}

start() {
  local through=()
  [ -e $jars/org.eclipse.jgit.lfs.server.jar ] || cannot "no $jars/org.eclipse.jgit.lfs.server.jar"
  mkdir -p "$dir/store" "$dir/tmp" "$dir/log"
  if has_front; then
    start_front || return
    through=(--store-url "http://127.0.0.1:$port_front/objects/")
  fi
  daemon lfs java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(class_path)" org.eclipse.jgit.pgm.Main debug-lfs-store \
    --port "$port_lfs" --store fs "${through[@]}" "$dir/store"
  await lfs "$port_lfs" 60 || return
  touch "$dir/started"
}

describe() {
  assign LFS_URL "http://127.0.0.1:$port_lfs/lfs"
  assign LFS_ROOT "$dir/store"
  has_front || return 0
  assign LFS_BASIC_URL "http://127.0.0.1:$port_front/lfs"
  assign LFS_USER "$user"
  assign LFS_PASSWORD "$(<"$dir/password")"
}

place() {
  load_ports
  find "$dir/store" -mindepth 1 -delete
  assign PLACE_ROOT "$dir/store"
  case ${1:-open} in
  open) assign URL "lfs::http://127.0.0.1:$port_lfs/lfs" ;;
  basic)
    has_front || cannot "no nginx"
    assign URL "lfs::http://127.0.0.1:$port_front/lfs"
    assign OPTION_user "$user"
    assign OPTION_password "$(<"$dir/password")"
    assign WRONG_OPTION_password wrong
    ;;
  *)
    echo "lfs: no place '$1'" >&2
    return 2
    ;;
  esac
}
