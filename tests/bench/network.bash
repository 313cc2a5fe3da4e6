# shellcheck shell=bash disable=SC2154
# network.bash: the rows of bench.sh that need a server: S3 on Ceph's gateway in memory, against rclone, awscli and s3cmd on
# the same server. The best of them is the yardstick; each run uploads to a bucket of its own.
service="${top_srcdir:-.}/tests/services/service"
cloud=$scratch/s3-server

start_cloud() {
  SERVICE_OWNER=$$ CEPH_STORE=memstore bash "$service" ceph up "$cloud" >"$scratch/cloud.env" 2>>"$log" || return
  # shellcheck source=/dev/null
  . "$scratch/cloud.env"
  export AWS_ACCESS_KEY_ID=$S3_ACCESS_KEY AWS_SECRET_ACCESS_KEY=$S3_SECRET_KEY AWS_DEFAULT_REGION=$S3_REGION
  export AWS_ENDPOINT_URL_S3=$S3_ENDPOINT AWS_EC2_METADATA_DISABLED=true
  unset AWS_CA_BUNDLE # rclone does not start with it
  export RCLONE_CONFIG=$scratch/rclone.conf
  export RCLONE_CONFIG_BENCH_TYPE=s3 RCLONE_CONFIG_BENCH_PROVIDER=Ceph RCLONE_CONFIG_BENCH_ENV_AUTH=true
  export RCLONE_CONFIG_BENCH_ENDPOINT=$S3_ENDPOINT
  printf '[default]\nhost_base = %s\nhost_bucket = %s\nuse_https = False\naccess_key = %s\nsecret_key = %s\n' \
    "${S3_ENDPOINT#http://}" "${S3_ENDPOINT#http://}" "$S3_ACCESS_KEY" "$S3_SECRET_KEY" >"$scratch/s3cfg"
}

new_bucket() { # sets BUCKET
  # shellcheck source=/dev/null
  . <(bash "$service" ceph place "$cloud" | grep ^BUCKET=)
}

# bury DIR: out of the way. ext4 looks long for an inode that was not deleted a moment ago, which nobody should pay for.
bury() { [ ! -e "$1" ] || mv "$1" "$(mktemp -d -p "$scratch" buried.XXXXXX)"; }

mlv_up() { cd "$p" && git mlv remote modify -q cloud url "s3://$BUCKET" && network_time git mlv push -q; }
mlv_down() { cd "$p" && bury .git/mlv/files && network_time git mlv fetch -q; }
rclone_up() { network_time rclone copy -q --transfers 32 --s3-no-check-bucket "$src" "bench:$BUCKET/data"; }
rclone_down() { network_time rclone copy -q --transfers 32 "bench:$BUCKET/data" "$copy"; }
aws_up() { network_time aws --endpoint-url "$S3_ENDPOINT" s3 cp --only-show-errors --recursive "$src" "s3://$BUCKET/data"; }
aws_down() { network_time aws --endpoint-url "$S3_ENDPOINT" s3 cp --only-show-errors --recursive "s3://$BUCKET/data" "$copy"; }
s3cmd_up() { network_time s3cmd -q -c "$scratch/s3cfg" put --recursive "$src/" "s3://$BUCKET/data/"; }
s3cmd_down() { mkdir -p "$copy" && network_time s3cmd -q -c "$scratch/s3cfg" get --recursive "s3://$BUCKET/data/" "$copy/"; }

# network_time COMMAND…: run it until what it wrote is durable; append seconds, seconds of processor and KiB at most to $figures.
network_time() {
  local start=$EPOCHREALTIME status
  /usr/bin/time -f '%U %S %M' -o "$scratch/figures.one" "$@" >>"$log" 2>&1
  status=$?
  sync -f "$scratch"
  awk -v a="$start" -v b="$EPOCHREALTIME" 'END { print b - a, $1 + $2, $3 }' "$scratch/figures.one" >>"$figures"
  return $status
}

# middle FILE COLUMN: the median of a column.
middle() { sort -n -k "$2,$2" "$1" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'; }

# network_row WHAT up|down BOUND: ours against the best of the others.
network_row() {
  local n tool best=- bound=$3 name="S3 $2 of $1"
  wanted "$name" || return 0
  for tool in mlv rclone aws s3cmd; do
    rm -f "$scratch/figures.$tool"
    if have "${tool/mlv/git-mlv}"; then : >"$scratch/figures.$tool"; fi
  done
  for ((n = 0; n < (runs + 1) / 2; n++)); do
    for tool in mlv rclone aws s3cmd; do
      [ -e "$scratch/figures.$tool" ] || continue
      figures=$scratch/figures.$tool
      bury "$copy" && sync -f "$scratch"
      [ "$2" = down ] || new_bucket
      [ "$2" = up ] || BUCKET=${uploaded[$tool]}
      ("${tool}_$2") || echo "- - -" >>"$figures"
      uploaded[$tool]=$BUCKET
    done
  done
  for tool in rclone aws s3cmd; do
    [ -e "$scratch/figures.$tool" ] || continue
    if grep -q -- '^-' "$scratch/figures.$tool"; then
      echo "    $tool failed"
      continue
    fi
    best=$(printf '%s\n%s\n' "${best/-/1e9}" "$(middle "$scratch/figures.$tool" 1)" | sort -g | head -n 1)
    awk -v n="$tool" -v s="$(middle "$scratch/figures.$tool" 1)" -v c="$(middle "$scratch/figures.$tool" 2)" \
      -v m="$(middle "$scratch/figures.$tool" 3)" 'BEGIN { printf "    %-52s %9.3f s  cpu %7.3f s  %6.1f MiB\n", n, s, c, m / 1024 }'
  done
  awk -v n="$name / the best of them" -v x="$best" -v y="$(middle "$scratch/figures.mlv" 1)" -v c="$(middle "$scratch/figures.mlv" 2)" \
    -v m="$(middle "$scratch/figures.mlv" 3)" -v b="$bound" 'BEGIN {
    if (x == "-" || y == "-") { printf "%-56s FAILED\n", n; exit }
    printf "%-56s %9.3f s %9.3f s %6.2f  <= %-5s %s  cpu %.3f s, %.1f MiB\n", n, x, y, y / x, b, y / x <= b ? "met" : "MISSED", c, m / 1024 }'
}

# network_rows WHAT BOUND: of the data in $src.
network_rows() {
  declare -A uploaded
  start_project && git mlv add -q data && git mlv remote add -q -d cloud s3://none >>"$log" 2>&1
  git mlv remote modify -q cloud endpointurl "$S3_ENDPOINT"
  network_row "$1" up "$2"
  network_row "$1" down "$2"
  clear_projects
  rm -rf "$scratch"/buried.*
}

cloud_rows() {
  start_cloud || {
    echo "    no S3 server: $(tail -n 1 "$log")"
    return 0
  }
  mkdir "$src" && make_file "$src/large" $((large * 1048576)) 1
  network_rows "1 x $large MiB" 1.11
  rm -rf "$src" && make_many "$src" $((2000 / scale)) 4096
  network_rows "$((2000 / scale)) x 4 KiB" 0.5
  bash "$service" ceph down "$cloud"
}
