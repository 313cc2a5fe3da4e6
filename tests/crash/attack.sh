#!/usr/bin/env bash
# attack: situations made by hand in which a careless program would lose what the user has.
# shellcheck source=tests/lib/tap.sh
[ -n "${TMPDIR:-}" ] || ! [ -w /dev/shm ] || export TMPDIR=/dev/shm
. "${top_srcdir:-.}/tests/lib/tap.sh"

# project NAME: two versions of data/, a commit each; at the second.
project() {
  cd "$scratch" && git init -q "$1" && cd "$1" && git mlv init -q && mkdir -p data/sub || exit 1
  echo one >data/a && echo same >data/b && echo deep >data/sub/c
  git mlv add -q data && git add -A && git commit -qm one && git tag v1
  echo two >data/a && echo more >data/new
  git mlv add -q data && git commit -qam two && git tag v2
}

# refused NAME: checkout ends with 1, and data/a - or data itself - is what it was.
refused() {
  local before status
  before=$(mine)
  git mlv checkout -q >"$scratch/out" 2>&1
  status=$?
  [ "$status:$(mine)" = "1:$before" ]
  before=$?
  [ $before = 0 ] || note "exit status $status: $(head -n 3 "$scratch/out")"
  ok "$1: refused, and it stays" $before
}

# mine: what stands at data/a, or at data if that is no folder.
mine() { find data/a data -maxdepth 0 -type l -printf '%p -> %l\n' -o -maxdepth 0 -type f -printf '%p\n' 2>/dev/null; find data/a -type f -exec cat {} + 2>/dev/null || cat data; }

# tree: everything in data with its content.
tree() { (find data; find data -type f -exec sha256sum {} +) | sort; }

project kinds
git checkout -q v1
echo mine >data/a
refused "an edited file"
git mlv checkout -q --force && rm data/a && mkdir data/a && echo mine >data/a/inner
git checkout -q v2
refused "a file replaced by a folder"
rm -rf data/a && ln -s /etc/passwd data/a
refused "a file replaced by a link"
rm -rf data && echo mine >data
refused "the folder replaced by a file"
rm data && mkdir "$scratch/elsewhere" && echo theirs >"$scratch/elsewhere/a" && ln -s "$scratch/elsewhere" data
git mlv checkout -q >/dev/null 2>&1
[ "$(ls "$scratch/elsewhere")" = a ] && [ "$(cat "$scratch/elsewhere/a")" = theirs ]
ok "the folder replaced by a link: nothing behind it is touched" $?

project linked
ln data/a "$scratch/other-name"
git checkout -q v1 && git mlv checkout -q
[ "$(cat "$scratch/other-name")" = two ] && [ "$(cat data/a)" = one ]
ok "a second name of a file that is replaced keeps its bytes" $?

project stale
cp -r .git/mlv/index "$scratch/index"
echo TWO >data/a && touch -r data/b data/a
rm -rf .git/mlv/index && cp -r "$scratch/index" .git/mlv/index
git checkout -q v1
refused "a stale index put back"
rm -rf .git/mlv/index
refused "the index deleted"
head -c 8192 /dev/urandom >"$scratch/noise" && cp "$scratch/noise" .git/mlv/index/index.mdb
refused "the index full of noise"

# as_nobody COMMAND…: without root's rights.
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && as_nobody test -x "$top_builddir/git-mlv"; then
  project denied
  git checkout -q v1
  chmod -R a+rwX "$scratch" && chmod a-w data/sub data && before=$(tree)
  as_nobody env HOME="$scratch/nobody" GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory \
    GIT_CONFIG_VALUE_0='*' git mlv checkout -q --force >"$scratch/out" 2>&1
  status=$?
  [ $status = 1 ] && [ "$(tree)" = "$before" ] && grep -q 'Permission denied' "$scratch/out"
  status=$?
  [ $status = 0 ] || sed 's/^/# /' "$scratch/out"
  ok "folders that may not be written: said so, nothing lost" $status
  chmod -R u+w data
else
  skip "folders that may not be written" "not root, no setpriv, or a build that only root can reach"
fi

project symlinks
git config mlv.links symlink && git mlv checkout -q --relink
echo three >"$scratch/three" && rm data/a && cp "$scratch/three" data/a && git mlv add -q data
git checkout -q -- data.mlv
git mlv gc -q -f --prune=now
[ "$(cat data/a)" = three ]
ok "collection keeps what a link of the workspace leads to" $?
git mlv add -q data && git worktree add -q "$scratch/symlinks2" 2>/dev/null && cd "$scratch/symlinks2" && git mlv checkout -q
echo four >"$scratch/four" && rm data/a && cp "$scratch/four" data/a && git mlv add -q data && git checkout -q -- data.mlv
cd "$scratch/symlinks" && git mlv gc -q -f --prune=now && [ "$(cat "$scratch/symlinks2/data/a")" = four ]
ok "also in another worktree" $?

project elsewhere
store=$(mktemp -d /tmp/mlv-store.XXXXXX)
trap 'chmod -R u+w "$scratch" "$store" 2>/dev/null; rm -rf "$scratch" "$store"' EXIT
git config mlv.store "$store" && git mlv add -q data && git mlv fsck --data -q >"$scratch/out" 2>&1
git config mlv.links hardlink && echo three >data/a && git mlv add -q data && git commit -qam three && echo mine >data/a
git checkout -q v2
refused "a store on another file system: an edited file"

project pulled
git mlv remote add -q -d r "$scratch/remote" && git mlv push -q --all-commits && git clone -q . "$scratch/clone"
cd "$scratch/clone" && git mlv remote add -q -d r "$scratch/remote" && chmod -R u+w "$scratch/remote"
rm "$scratch"/remote/files/sha256/*/"$(printf 'more\n' | sha256sum | cut -c 3-64)"
git mlv pull -q >/dev/null 2>&1
status=$?
echo mine >data/new 2>/dev/null || { mkdir -p data && echo mine >data/new; }
git mlv checkout -q >/dev/null 2>&1
[ $status != 0 ] && [ "$(cat data/new)" = mine ]
ok "a pull that lacked a file, then an own file there: it stays" $?
plan
