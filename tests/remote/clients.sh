#!/usr/bin/env bash
# clients: other programs read what we pushed, and we fetch what they put there.
# shellcheck source=tests/remote/lib.bash
. "${top_srcdir:-.}/tests/remote/lib.bash"

project() {
  cd "$scratch"
  chmod -R u+w work clone theirs 2>/dev/null || true
  rm -rf work clone theirs
  mkdir theirs
  # shellcheck disable=SC2086 # up to two words
  place $server
  new_project work
  add_remote
  make_tree data 30 200 clients
  make_file big 20000000 clients
  git mlv add -q data big
  # git-lfs knows no empty objects.
  if [ "$server" != lfs ]; then
    : >empty
    git mlv add -q empty
  fi
  commit_all data
}

# named_right DIR N: so many files, all with the name of their hash.
named_right() {
  local n=0 name sum
  while read -r sum name; do
    name=${name#*files/sha256/}
    name=${name%.dir}
    is [ "${name/\//}" = "$sum" ]
    n=$((n + 1))
  done < <(cd "$1" && find . -type f -exec sha256sum {} +)
  is [ $n = "$2" ]
}

# 30 files, their manifest, the large one and perhaps the empty one.
they_read() {
  project
  git mlv push
  theirs_get
  named_right "$scratch/theirs" $((32 + $(find . -maxdepth 1 -name empty | wc -l)))
}

we_fetch() {
  project
  theirs_put .git/mlv/files
  cd "$scratch"
  colleague clone
  git mlv pull
  same_files "$scratch/work/data" data
  cmp big "$scratch/work/big"
  [ "$server" = lfs ] || is [ ! -s empty ]
}

aws_s3() { aws --endpoint-url "$S3_ENDPOINT" s3 "$@"; }

case_s3() {
  # shellcheck disable=SC2154 # the service's
  export AWS_ACCESS_KEY_ID=$S3_ACCESS_KEY AWS_SECRET_ACCESS_KEY=$S3_SECRET_KEY AWS_DEFAULT_REGION=$S3_REGION
  unset AWS_PROFILE
  theirs_get() { env -u GIT_DIR aws --endpoint-url "$S3_ENDPOINT" s3 sync --quiet "s3://$BUCKET" "$scratch/theirs"; }
  theirs_put() { aws --endpoint-url "$S3_ENDPOINT" s3 sync --quiet "$1" "s3://$BUCKET/files" --exclude '.mlv/*'; }
  check "$server: awscli reads" they_read
  check "$server: awscli writes" we_fetch
  # Or our keys would be found there.
  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION
}

case_http() {
  # By the names that are on the server's disk: reading them is the client's.
  theirs_get() {
    (cd "$PLACE_ROOT" && find files -type f) | while read -r name; do
      curl -sf --create-dirs -o "$scratch/theirs/$name" --user "$HTTP_USER:$HTTP_PASSWORD" --anyauth "$(web_url)/$name"
    done
  }
  theirs_put() {
    local name
    (cd "$(dirname "$1")" && find files -type d -not -path '*/.mlv*' | sort) | while read -r name; do
      curl -s -o /dev/null -X MKCOL --user "$HTTP_USER:$HTTP_PASSWORD" --anyauth "$(web_url)/$name/"
    done
    (cd "$(dirname "$1")" && find files -type f -not -path '*/.mlv/*') | while read -r name; do
      curl -sf -o /dev/null -T "$(dirname "$1")/$name" --user "$HTTP_USER:$HTTP_PASSWORD" --anyauth "$(web_url)/$name"
    done
  }
  check "$server: curl reads" they_read
  check "$server: curl writes" we_fetch
}

web_url() { printf '%s' "${URL/webdav/http}"; }

case_sftp() {
  mkdir -p "$HOME/.ssh"
  cp "$SSH_KNOWN_HOSTS" "$HOME/.ssh/known_hosts"
  batch() { sftp -q -b - -P "$SSH_PORT" -i "$SSH_KEY" -o "UserKnownHostsFile=$SSH_KNOWN_HOSTS" -o IdentitiesOnly=yes "$SSH_USER@127.0.0.1"; }
  theirs_get() { batch <<<"get -r $PLACE_ROOT/files $scratch/theirs/"; }
  theirs_put() {
    cp -r "$1" "$scratch/theirs/files"
    rm -rf "$scratch/theirs/files/.mlv"
    batch <<<"put -r $scratch/theirs/files $PLACE_ROOT/"
  }
  check "sshd: sftp reads" they_read
  check "sshd: sftp writes" we_fetch
}

# A repository of git-lfs with pointers to objects of these ids.
lfs_repository() {
  rm -rf "$scratch/lfs"
  git init -q "$scratch/lfs"
  cd "$scratch/lfs"
  git lfs install --local --skip-repo >/dev/null
  git config lfs.url "${URL#lfs::}"
  git config lfs.locksverify false
  echo '* filter=lfs -text' >.gitattributes
  echo '.gitattributes -filter' >>.gitattributes
}

case_lfs() {
  theirs_get() {
    local sum size name
    find .git/mlv/files/sha256 -type f -printf '%P %s\n' >"$scratch/objects"
    (
      lfs_repository
      while read -r name size; do
        sum=${name%.dir}
        sum=${sum/\//}
        mkdir -p "files/sha256/${sum:0:2}"
        printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %s\n' "$sum" "$size" >"files/sha256/$name"
      done <"$scratch/objects"
      git -c filter.lfs.clean=cat -c filter.lfs.required=false add -A
      git commit -qm pointers
      git lfs pull
      cp -r files "$scratch/theirs/"
    )
  }
  theirs_put() {
    local store=$PWD/$1
    (
      lfs_repository
      git remote add origin "$scratch/nowhere.git"
      git init -q --bare "$scratch/nowhere.git"
      find "$store/sha256" -type f -exec cp {} . \;
      git add -A
      git commit -qm objects
      git lfs push --all origin
    )
  }
  check "lfs: git-lfs reads" they_read
  check "lfs: git-lfs writes" we_fetch
}

# with PROGRAM SERVICE CASE
with() {
  server=$2
  if ! command -v "$1" >/dev/null; then
    skip "$1" "not installed"
  elif serve "${2%% *}"; then
    "$3"
  else
    skip "$2" "$why"
  fi
}

with aws ceph case_s3
with aws swift case_s3
with curl nginx case_http
with curl apache case_http
with sftp sshd case_sftp
with git-lfs lfs case_lfs
plan
