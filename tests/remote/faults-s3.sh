#!/usr/bin/env bash
# faults-s3: S3 through faults, see faults.bash, and those that only S3 has.
# shellcheck source=tests/remote/faults.bash
. "${top_srcdir:-.}/tests/remote/faults.bash"
serve ceph S3_PORT || skip_all "$why"

# Credentials that expire in the middle are got anew, from the same source.
expired() {
  small y
  mkdir -p "$HOME/.aws"
  # shellcheck disable=SC2154 # the service's
  cat >"$HOME/.aws/process" <<P
#!/bin/sh
echo asked >>$scratch/asked
echo '{"Version":1,"AccessKeyId":"$OPTION_access_key_id","SecretAccessKey":"$OPTION_secret_access_key","Expiration":"2099-01-01T00:00:00Z"}'
P
  chmod +x "$HOME/.aws/process"
  printf '[profile short]\ncredential_process = %s\nregion = us-east-1\n' "$HOME/.aws/process" >"$HOME/.aws/config"
  git mlv remote modify --local -u store access_key_id
  git mlv remote modify --local -u store secret_access_key
  git mlv remote modify --local store profile short
  : >"$scratch/asked"
  rules "[{\"fault\":\"status\",\"status\":$1,\"code\":\"ExpiredToken\",\"method\":\"PUT\",\"after\":6,\"count\":1}]"
  git mlv push
  is [ "$(counted .faults.status)" = 1 ]
  is [ "$(wc -l <"$scratch/asked")" -ge 2 ]
  rm -r "$HOME/.aws"
}

skewed() {
  small z
  rules '[{"fault":"skew","seconds":600,"tolerance":300}]'
  git mlv push
  is [ "$(counted .faults.skew)" -ge 1 ]
  clone
  git mlv pull
  whole
}

# shellcheck disable=SC2034 # for faults.bash
kind=s3 server=ceph listing=list-type
suite
check "s3: nothing but 503 for a while, then on from there" fails_then_goes_on w '"fault":"status","status":503' 503
check "s3: credentials expire (400)" expired 400
check "s3: credentials expire (403)" expired 403
check "s3: the clocks differ" skewed
plan
