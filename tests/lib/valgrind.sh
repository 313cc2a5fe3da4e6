#!/usr/bin/env bash
# valgrind: the main job with every git-mlv process under memcheck: no bad access, nothing uninitialised, no block lost. Part of
# `make check-valgrind`.
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh"

command -v valgrind >/dev/null || skip_all "no valgrind"
is_sanitized && skip_all "a sanitizer watches already"

# checked STATUS ARGUMENTS…: `git-mlv ARGUMENTS` ends with that status and memcheck finds nothing in it or its network program.
# Lines with -- are valgrind's own troubles: it does not know openat2() and answers ENOSYS for it.
checked() {
  local expected=$1 status found
  shift
  valgrind -q --trace-children=yes --trace-children-skip='*/git,*/sh' --leak-check=full --errors-for-leak-kinds=definite \
    --show-leak-kinds=definite --log-file="$scratch/memcheck.%p" \
    git-mlv "$@" >"$scratch/out" 2>&1
  status=$?
  found=$(cat "$scratch"/memcheck.* | grep -v '^--')
  rm -f "$scratch"/memcheck.*
  [ -z "$found" ] || printf '%s\n' "$found" | sed 's/^/# /' | head -n 60
  [ $status = "$expected" ] || sed 's/^/# /' "$scratch/out"
  [ $status = "$expected" ] && [ -z "$found" ]
  ok "git mlv $*" $?
}

git init -q "$scratch/work" && cd "$scratch/work" || exit 1
checked 0 init
checked 0 remote add -d store ../remote
mkdir data
make_file data/a 5000 a
make_file "data/b c" 300000 b
make_file model 70000 m
checked 0 add data model
git add -A && git commit -qm one
checked 0 status --granular
make_file data/a 6000 a2
rm "data/b c"
checked 1 status --quiet
checked 0 diff
checked 0 commit
git commit -qam two
checked 0 push --all-commits
git checkout -q HEAD~1
checked 0 checkout
rm -rf .git/mlv/files data
checked 0 pull
checked 0 fsck --data
checked 0 gc
checked 128 checkout nowhere
plan
