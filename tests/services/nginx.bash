# shellcheck shell=bash disable=SC2034,SC2154
# nginx: static files, PUT and WebDAV, plain and over TLS with HTTP/2. One tree of files, $dir/www/files, seen as
#
#	/pub/     GET, HEAD and ranges only          /dav/   WebDAV with basic authorisation
#	/open/    WebDAV without authorisation       /put/   PUT and GET with basic authorisation
#	/fault/   pages that misbehave: 401 403 429 500 503 close loop slow/ redirect/ away/
#
# Places: webdav (the default), webdavs, http, https, open.
programs="nginx openssl setpriv"
port_names="http https away"
front=nginx
modules=/usr/lib/nginx/modules
user=mlv

locations() {
  cat <<C
    location /pub/ { alias $dir/www/files/; autoindex on; }
    location /open/ { alias $dir/www/files/; $dav }
    location /dav/ { alias $dir/www/files/; auth_basic mlv; auth_basic_user_file $dir/htpasswd; $dav }
    location /put/ { alias $dir/www/files/; auth_basic mlv; auth_basic_user_file $dir/htpasswd;
      client_max_body_size 0; create_full_put_path on; dav_methods PUT DELETE; dav_access user:rw; }
    location = /fault/401 { add_header WWW-Authenticate 'Basic realm="x"' always; return 401; }
    location = /fault/403 { return 403; }
    location = /fault/429 { add_header Retry-After 1 always; return 429; }
    location = /fault/500 { return 500; }
    location = /fault/503 { add_header Retry-After 1 always; return 503; }
    location = /fault/close { return 444; }
    location = /fault/loop { return 302 /fault/loop; }
    location /fault/slow/ { alias $dir/www/files/; limit_rate 64k; }
    location /fault/redirect/ { rewrite ^/fault/redirect/(.*)\$ /pub/\$1 redirect; }
    location /fault/away/ { rewrite ^/fault/away/(.*)\$ http://127.0.0.1:$port_away/pub/\$1 redirect; }
C
}

configure() {
  local dav as=
  dav="client_max_body_size 0; create_full_put_path on; dav_methods PUT DELETE MKCOL COPY MOVE; dav_access user:rw;
      dav_ext_methods PROPFIND OPTIONS; min_delete_depth 2;"
  [ "$(id -u)" != 0 ] || as="user root;"
  [ -d $modules ] || cannot "no $modules"
  [ -e $modules/ngx_http_dav_ext_module.so ] || cannot "no WebDAV module of nginx"
  mkdir -p "$dir/www/files" "$dir/tmp"
  password=$(remembered password random_password)
  printf '%s:%s\n' "$user" "$(openssl passwd -apr1 "$password")" >"$dir/htpasswd"
  locations >"$dir/locations"
  cat >"$dir/nginx.conf" <<C
load_module $modules/ngx_http_dav_ext_module.so;
daemon off; worker_processes 2; pid $dir/tmp/pid; error_log $dir/log/error warn; $as
events { worker_connections 1024; }
http {
  default_type application/octet-stream; access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
  client_body_temp_path $dir/tmp/body; proxy_temp_path $dir/tmp/proxy; fastcgi_temp_path $dir/tmp/fcgi;
  uwsgi_temp_path $dir/tmp/uwsgi; scgi_temp_path $dir/tmp/scgi;
  log_format seen '\$request_method \$uri authorization=\$http_authorization cookie=\$http_cookie x-secret=\$http_x_secret';
  ssl_certificate $dir/tls/server.pem; ssl_certificate_key $dir/tls/server.key;
  server { listen 127.0.0.1:$port_http; include $dir/locations; }
  server { listen 127.0.0.1:$port_https ssl http2; http2_max_concurrent_streams 128; include $dir/locations; }
  server { listen 127.0.0.1:$port_away; access_log $dir/log/away seen; location /pub/ { alias $dir/www/files/; } }
}
C
}

random_password() { echo "mlv/+%:$(random_text)"; }

start() {
  mkdir -p "$dir/log"
  make_tls
  configure
  daemon nginx nginx -c "$dir/nginx.conf" -p "$dir" -e "$dir/log/error"
  await nginx "$port_http" && await nginx "$port_https" && await nginx "$port_away"
  touch "$dir/started"
}

describe() {
  assign HTTP_URL "http://127.0.0.1:$port_http"
  assign HTTPS_URL "https://localhost:$port_https"
  assign HTTP_PORT "$port_http"
  assign HTTPS_PORT "$port_https"
  assign HTTP_USER "$user"
  assign HTTP_PASSWORD "$(<"$dir/password")"
  assign HTTP_ROOT "$dir/www/files"
  assign CA_FILE "$dir/tls/ca.pem"
  assign AWAY_LOG "$dir/log/away"
}

place() {
  local at base scheme=${1:-webdav}
  load_ports
  at=place-$(random_text)
  mkdir "$dir/www/files/$at"
  base=127.0.0.1:$port_http
  case $scheme in
  *s)
    base=localhost:$port_https
    assign OPTION_ssl_verify "$dir/tls/ca.pem"
    ;;
  esac
  assign PLACE_ROOT "$dir/www/files/$at"
  case $scheme in
  open)
    assign URL "webdav://$base/open/$at"
    assign READONLY_URL "webdav://$base/pub/$at"
    return
    ;;
  webdav | webdavs) assign URL "$scheme://$base/dav/$at" ;;
  http | https)
    assign URL "$scheme://$base/put/$at"
    assign OPTION_method PUT
    assign OPTION_auth basic
    ;;
  *)
    echo "nginx: no place '$scheme'" >&2
    return 2
    ;;
  esac
  assign OPTION_user "$user"
  assign OPTION_password "$(<"$dir/password")"
  assign READONLY_URL "$scheme://$base/pub/$at"
  assign WRONG_OPTION_password wrong
}
