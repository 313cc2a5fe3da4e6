#!/bin/bash
# completion.sh: the scripts that `git mlv completion` prints are understood by their shells and complete what they should.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

program=$top_builddir/git-mlv
export GIT_MLV_EXEC_PATH=$top_builddir

# The shell $1 reads its script without complaint.
syntax()
{
	"$program" completion "$1" >"$scratch/$1" && "$1" -n "$scratch/$1"
}

# What bash completes the words to, as one line; it must be $1.
completes()
{
	local expected=$1
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_git_mlv
	[ "${COMPREPLY[*]}" = "$expected" ] || echo "'$*' completes to '${COMPREPLY[*]}', not '$expected'"
}

# The same by way of Git's own completion, as a user has it.
completes_through_git()
{
	local expected=$1
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
	__git_wrap__git_main
	[ "${COMPREPLY[*]}" = "$expected" ] || echo "'$*' completes to '${COMPREPLY[*]}', not '$expected'"
}

fish_completes()
{
	local found
	found=$(PATH=$top_builddir:$PATH fish -c "source $scratch/fish; complete -C '$2'" | cut -f 1 | tr '\n' ' ')
	[ "$found" = "$1 " ] || echo "'$2' completes to '$found', not '$1'"
}

make_scratch
for shell in bash zsh fish; do
	if command -v $shell >/dev/null; then
		check "$shell reads its script" syntax $shell
	else
		skip "$shell reads its script" "no $shell"
	fi
done

# shellcheck source=/dev/null
. "$scratch/bash"
check "a command" completes "version " git mlv ver
check "a command of git-mlv by itself" completes "version " git-mlv ver
check "a command behind options" completes "version " git -c a=b mlv -C / ver
check "an option" completes "--build " git mlv version --bu
check "an option that wants a value" completes "--shell=" git mlv completion --sh
check "a value behind '='" completes "bash " git mlv completion --shell = ba
check "a value behind a blank" completes "bash " git mlv completion --shell ba
check "a value of a short option" completes "zsh " git mlv completion -s z
check "an argument" completes "fish " git mlv completion f
check "a command as an argument" completes "version " git mlv help ver
check "directories" completes "/usr/" git mlv -C /us
check "files are left to bash" completes "" git mlv version x
check "nothing behind --" completes "" git mlv version -- --bu

git_completion=/usr/share/bash-completion/completions/git
if [ -f $git_completion ]; then
	# shellcheck source=/dev/null
	. $git_completion
	check "a command through git's completion" completes_through_git "version " git mlv ver
	check "an option through git's completion" completes_through_git "--build " git mlv version --bu
else
	skip "a command through git's completion" "git's completion is not installed"
fi

if command -v fish >/dev/null; then
	check "fish completes a command" fish_completes version "git mlv versi"
	check "fish completes an option" fish_completes --build "git mlv version --bui"
	check "fish completes a value" fish_completes zsh "git mlv completion --shell z"
fi
done_checking
