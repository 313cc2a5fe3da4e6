# shellcheck shell=bash disable=SC2034,SC2154
# apache: httpd with mod_dav. /dav/ with basic, /digest/ with digest authorisation, /open/ with none; /readonly/ is the tree of /dav/.
#
# Places: webdav (the default), webdavs, digest, open.
programs="apache2 openssl setpriv"
port_names="http https"
front=apache
modules=/usr/lib/apache2/modules
user=mlv

load_modules() {
  local module
  for module in mpm_event unixd authn_core authn_file authz_core authz_user auth_basic auth_digest alias mime dav dav_fs ssl http2 \
    socache_shmcb; do
    [ ! -e "$modules/mod_$module.so" ] || echo "LoadModule ${module}_module $modules/mod_$module.so"
  done
}

# protected PATH TYPE FILE: a WebDAV tree for who has the password.
protected() {
  cat <<C
<Location $1>
  Dav On
  AuthType $2
  AuthName mlv
  AuthUserFile $3
  Require valid-user
</Location>
C
}

configure() {
  local password
  [ -d $modules ] || cannot "no $modules"
  mkdir -p "$dir"/www/{dav,digest,open} "$dir/lock" "$dir/log"
  [ "$(id -u)" != 0 ] || chown www-data: "$dir"/www/{dav,digest,open} "$dir/lock"
  password=$(remembered password random_password)
  printf '%s:%s\n' "$user" "$(openssl passwd -apr1 "$password")" >"$dir/htpasswd"
  printf '%s:mlv:%s\n' "$user" "$(printf '%s' "$user:mlv:$password" | md5sum | cut -c1-32)" >"$dir/htdigest"
  chmod 644 "$dir/htpasswd" "$dir/htdigest"
  {
    load_modules
    cat <<C
ServerRoot $dir
ServerName localhost
DefaultRuntimeDir $dir/lock
PidFile $dir/lock/pid
ErrorLog $dir/log/error
LogLevel warn
User www-data
Group www-data
Mutex file:$dir/lock default
TypesConfig /dev/null
Listen 127.0.0.1:$port_http
Listen 127.0.0.1:$port_https https
Protocols h2 http/1.1
DocumentRoot $dir/www
LimitRequestBody 0
DavLockDB $dir/lock/dav
DavDepthInfinity On
MaxKeepAliveRequests 0
ServerLimit 4
ThreadsPerChild 32
MaxRequestWorkers 128
Alias /readonly $dir/www/dav
<Directory $dir/www>
  Require all granted
  AllowOverride None
</Directory>
<Location /open>
  Dav On
</Location>
$(protected /dav Basic "$dir/htpasswd")
$(protected /digest Digest "$dir/htdigest")
<VirtualHost 127.0.0.1:$port_https>
  SSLEngine on
  SSLCertificateFile $dir/tls/server.pem
  SSLCertificateKeyFile $dir/tls/server.key
</VirtualHost>
C
  } >"$dir/httpd.conf"
}

random_password() { echo "mlv/+%:$(random_text)"; }

start() {
  reachable_for www-data
  make_tls
  configure
  daemon apache apache2 -DFOREGROUND -f "$dir/httpd.conf"
  await apache "$port_http" && await apache "$port_https"
  touch "$dir/started"
}

describe() {
  assign HTTP_URL "http://127.0.0.1:$port_http"
  assign HTTPS_URL "https://localhost:$port_https"
  assign HTTP_PORT "$port_http"
  assign HTTPS_PORT "$port_https"
  assign HTTP_USER "$user"
  assign HTTP_PASSWORD "$(<"$dir/password")"
  assign HTTP_ROOT "$dir/www"
  assign CA_FILE "$dir/tls/ca.pem"
}

place() {
  local at base kind=${1:-webdav} tree=dav scheme=webdav
  load_ports
  base=127.0.0.1:$port_http
  case $kind in
  webdav) ;;
  webdavs)
    scheme=webdavs base=localhost:$port_https
    assign OPTION_ssl_verify "$dir/tls/ca.pem"
    ;;
  digest | open) tree=$kind ;;
  *)
    echo "apache: no place '$kind'" >&2
    return 2
    ;;
  esac
  at=place-$(random_text)
  mkdir "$dir/www/$tree/$at"
  [ "$(id -u)" != 0 ] || chown www-data: "$dir/www/$tree/$at"
  assign PLACE_ROOT "$dir/www/$tree/$at"
  assign URL "$scheme://$base/$tree/$at"
  [ "$kind" != open ] || return 0
  assign OPTION_user "$user"
  assign OPTION_password "$(<"$dir/password")"
  assign WRONG_OPTION_password wrong
  [ "$tree" != dav ] || assign READONLY_URL "$scheme://$base/readonly/$at"
}
