# shellcheck shell=bash disable=SC2034,SC2154
# ceph: S3 by Ceph's RADOS gateway over a cluster of one monitor and one object store daemon, in memory, or on disk with
# CEPH_STORE=bluestore. Two users: one who makes buckets and one who may read them.
#
# Places: s3 (the default), s3s (over TLS).
programs="radosgw radosgw-admin ceph-mon ceph-osd ceph monmaptool curl openssl"
port_names="s3 s3s mon"
front=radosgw
# Nothing that a clean end would save is wanted again.
end_signal=KILL
region=us-east-1
fsid=9f2f3c52-6c1c-4b2e-9f6c-0a7b9f3c1d2e
export CEPH_CONF=$dir/ceph.conf CEPH_ARGS="--log-to-stderr=false"

random_key() { echo "mlv/+$(random_text)mlv/+$(random_text)"; }

configure() {
  cat >"$CEPH_CONF" <<C
[global]
fsid = $fsid
mon host = v2:127.0.0.1:$port_mon
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr1 = false
auth cluster required = none
auth service required = none
auth client required = none
auth allow insecure global id reclaim = false
run dir = $dir/run
admin socket =
pid file =
log file = $dir/log/\$name.log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 2
mon osd full ratio = .96
mon pg warn on pool no redundancy = false
[mon]
mon data = $dir/mon
paxos propose interval = 0.02
paxos min wait = 0.01
[osd]
osd data = $dir/osd
osd objectstore = ${CEPH_STORE:-memstore}
memstore device bytes = 12G
bluestore block size = 12G
bluestore block create = true
osd memory target = 939524096
osd client watch timeout = 2
osd check max object name len on startup = false
osd class load list = *
osd class default list = *
[client.rgw]
ms mon client mode = crc
rgw frontends = beast endpoint=127.0.0.1:$port_s3 ssl_endpoint=127.0.0.1:$port_s3s ssl_certificate=$dir/tls/both.pem
rgw enable apis = s3, admin
rgw dns name = s3.localhost
rgw thread pool size = 64
rgw enable usage log = false
rgw enable ops log = false
rgw gc obj min wait = 1
rgw gc processor period = 5
rgw enable lc threads = false
rgw enable quota threads = false
rgw run sync thread = false
rgw dynamic resharding = false
C
}

has_osd() { ceph --connect-timeout 2 osd stat | grep -q ' 1 up'; }

start_cluster() {
  local uuid
  if [ ! -e "$dir/mon/kv_backend" ]; then
    monmaptool --create --clobber --fsid $fsid --addv a "[v2:127.0.0.1:$port_mon]" "$dir/monmap" >/dev/null || return
    ceph-mon --mkfs -i a --monmap "$dir/monmap" >>"$dir/log/mon" 2>&1 || return
  fi
  daemon mon ceph-mon -f -i a
  await mon "$port_mon" && within 30 ceph --connect-timeout 2 mon stat || return
  if [ ! -e "$dir/osd/made" ]; then
    uuid=$(</proc/sys/kernel/random/uuid)
    ceph osd new "$uuid" 0 >/dev/null 2>&1 || return
    ceph-osd --mkfs -i 0 --osd-uuid "$uuid" >>"$dir/log/osd" 2>&1 || return
    touch "$dir/osd/made"
  fi
  daemon osd ceph-osd -f -i 0
  within 60 has_osd
}

# add_user NAME ACCESS SECRET
add_user() {
  local admin=(timeout 60 radosgw-admin -n client.rgw --log-file=/dev/null)
  "${admin[@]}" user create --uid="$1" --display-name="$1" --access-key="$2" --secret-key="$3" --max-buckets=0 \
    >>"$dir/log/admin" 2>&1 || "${admin[@]}" user info --uid="$1" >>"$dir/log/admin" 2>&1
}

start() {
  mkdir -p "$dir"/{run,log,mon,osd}
  # What is in memory is lost with its daemon: the rest of such a cluster is of no use.
  if [ -e "$dir/started" ] && [ "${CEPH_STORE:-memstore}" = memstore ]; then
    alive osd || cannot "its object store has died"
  fi
  make_tls
  configure
  start_cluster || return
  daemon radosgw radosgw -f -n client.rgw
  await radosgw "$port_s3" 60 && within 60 curl -sf -o /dev/null "http://127.0.0.1:$port_s3/" || return
  if [ ! -e "$dir/started" ]; then
    add_user mlv mlvowner "$(remembered secret random_key)" && add_user reader mlvreader "$(remembered reader_secret random_key)" || return
  fi
  touch "$dir/started"
}

describe() {
  assign S3_ENDPOINT "http://127.0.0.1:$port_s3"
  assign S3_PORT "$port_s3"
  assign S3S_ENDPOINT "https://s3.localhost:$port_s3s"
  assign S3_ACCESS_KEY mlvowner
  assign S3_SECRET_KEY "$(<"$dir/secret")"
  assign S3_READER_ACCESS_KEY mlvreader
  assign S3_READER_SECRET_KEY "$(<"$dir/reader_secret")"
  assign S3_REGION $region
  assign CA_FILE "$dir/tls/ca.pem"
}

# ask METHOD PATH [BODY]: one request of the owner, signed the old way, which takes one line.
ask() {
  local date signature
  date=$(date -uR)
  signature=$(printf '%s\n\n%s\n%s\n/%s' "$1" "${3:+text/plain}" "$date" "$2" | openssl dgst -sha1 -hmac "$(<"$dir/secret")" -binary | base64)
  curl -sf --retry 3 -X "$1" -o /dev/null -H "Date: $date" -H "Authorization: AWS mlvowner:$signature" \
    ${3:+-H "Content-Type: text/plain" --data-binary "$3"} "http://127.0.0.1:$port_s3/$2"
}

place() {
  local bucket endpoint
  load_ports
  bucket=place-$(random_text)
  case ${1:-s3} in
  s3) endpoint=http://127.0.0.1:$port_s3 ;;
  s3s)
    endpoint=https://s3.localhost:$port_s3s
    assign OPTION_ssl_verify "$dir/tls/ca.pem"
    ;;
  *)
    echo "ceph: no place '$1'" >&2
    return 2
    ;;
  esac
  ask PUT "$bucket"
  ask PUT "$bucket?policy" "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"arn:aws:iam:::user/reader\"]},
    \"Action\":[\"s3:GetObject\",\"s3:ListBucket\",\"s3:GetBucketLocation\"],\"Resource\":[\"arn:aws:s3:::$bucket\",\"arn:aws:s3:::$bucket/*\"]}]}"
  assign BUCKET "$bucket"
  assign URL "s3://$bucket"
  assign OPTION_endpointurl "$endpoint"
  assign OPTION_region $region
  assign OPTION_access_key_id mlvowner
  assign OPTION_secret_access_key "$(<"$dir/secret")"
  assign READONLY_OPTION_access_key_id mlvreader
  assign READONLY_OPTION_secret_access_key "$(<"$dir/reader_secret")"
  assign WRONG_OPTION_secret_access_key wrong
  assign MISSING_URL "s3://missing-$bucket"
}
