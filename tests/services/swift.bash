# shellcheck shell=bash disable=SC2034,SC2154
# swift: S3 by OpenStack Swift's s3api: proxy, account, container and object server with one replica on one device. Two users: one who
# makes buckets and one who may read them.
programs="swift-proxy-server swift-account-server swift-container-server swift-object-server swift-ring-builder memcached curl"
port_names="s3 object container account memcached"
front=proxy
end_signal=KILL
region=us-east-1
export PYTHONDONTWRITEBYTECODE=1 SWIFT_DIR=$dir/etc

random_key() { echo "mlv/+$(random_text)"; }

configure_storage() {
  local kind port
  printf '[swift-hash]\nswift_hash_path_prefix = mlv\nswift_hash_path_suffix = mlv\n[storage-policy:0]\nname = one\ndefault = yes\n' \
    >"$dir/etc/swift.conf"
  for kind in account container object; do
    port=port_$kind
    cat >"$dir/etc/$kind.conf" <<C
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${!port}
user = $(id -un)
swift_dir = $dir/etc
devices = $dir/devices
mount_check = false
workers = 2
disable_fallocate = true
fallocate_reserve = 0
log_level = WARNING
[pipeline:main]
pipeline = $kind-server
[app:$kind-server]
use = egg:swift#$kind
replication_server = true
C
    [ -s "$dir/etc/$kind.ring.gz" ] || (
      cd "$dir/etc" || exit
      swift-ring-builder "$kind.builder" create 4 1 0
      swift-ring-builder "$kind.builder" add "r1z1-127.0.0.1:${!port}/disk" 1
      swift-ring-builder "$kind.builder" rebalance
    ) >>"$dir/log/rings" 2>&1 &
  done
  wait
}

configure_proxy() {
  local filter
  {
    cat <<C
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port_s3
user = $(id -un)
swift_dir = $dir/etc
workers = 2
log_level = WARNING
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
conn_timeout = 5
node_timeout = 30
C
    for filter in catch_errors gatekeeper healthcheck listing_formats bulk copy slo dlo symlink; do
      printf '[filter:%s]\nuse = egg:swift#%s\n' $filter $filter
    done
    cat <<C
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$port_memcached
[filter:s3api]
use = egg:swift#s3api
location = $region
max_bucket_listing = 1000
max_multi_delete_objects = 1000
multi_delete_concurrency = 8
allow_multipart_uploads = true
dns_compliant_bucket_names = true
[filter:tempauth]
use = egg:swift#tempauth
user_mlv_owner = $(remembered secret random_key) .admin
user_mlv_reader = $(remembered reader_secret random_key)
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
C
  } >"$dir/etc/proxy.conf"
}

start() {
  local kind port as=()
  [ "$(id -u)" != 0 ] || as=(-u nobody)
  mkdir -p "$dir"/{etc,devices/disk,log}
  configure_storage
  configure_proxy
  daemon memcached memcached -l 127.0.0.1 -p "$port_memcached" -m 64 "${as[@]}"
  for kind in account container object proxy; do
    daemon $kind swift-$kind-server "$dir/etc/$kind.conf" -v
  done
  for kind in account container object; do
    port=port_$kind
    await $kind "${!port}" 60 || return
  done
  await proxy "$port_s3" 60 && within 30 curl -sf -o /dev/null "http://127.0.0.1:$port_s3/healthcheck" || return
  touch "$dir/started"
}

describe() {
  assign S3_ENDPOINT "http://127.0.0.1:$port_s3"
  assign S3_PORT "$port_s3"
  assign S3_ACCESS_KEY mlv:owner
  assign S3_SECRET_KEY "$(<"$dir/secret")"
  assign S3_READER_ACCESS_KEY mlv:reader
  assign S3_READER_SECRET_KEY "$(<"$dir/reader_secret")"
  assign S3_REGION $region
}

# token: for Swift's own interface, with which buckets are made.
token() {
  curl -sf --retry 3 -D - -o /dev/null -H "X-Auth-User: mlv:owner" -H "X-Auth-Key: $(<"$dir/secret")" "http://127.0.0.1:$port_s3/auth/v1.0" |
    sed -n 's/^x-auth-token: \([^\r]*\)\r*$/\1/Ip'
}

place() {
  local bucket
  load_ports
  bucket=place-$(random_text)
  curl -sf --retry 3 -X PUT -o /dev/null -H "X-Auth-Token: $(remembered token token)" -H "X-Container-Read: mlv:reader" \
    "http://127.0.0.1:$port_s3/v1/AUTH_mlv/$bucket"
  assign BUCKET "$bucket"
  assign URL "s3://$bucket"
  assign OPTION_endpointurl "http://127.0.0.1:$port_s3"
  assign OPTION_region $region
  assign OPTION_access_key_id mlv:owner
  assign OPTION_secret_access_key "$(<"$dir/secret")"
  assign READONLY_OPTION_access_key_id mlv:reader
  assign READONLY_OPTION_secret_access_key "$(<"$dir/reader_secret")"
  assign WRONG_OPTION_secret_access_key wrong
  assign MISSING_URL "s3://missing-$bucket"
}
