# shellcheck shell=bash
# lib.sh: what the lint scripts share. Each is a TAP program that runs anywhere: `bash tests/lint/floors.sh`.
#
#	. "$(dirname "$0")/lib.sh"
#	check "what holds" command that prints one line a problem
#	done_checking

top_srcdir=${top_srcdir:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
top_builddir=${top_builddir:-$PWD}
checks=0 failures=0

# Run a command; whatever it prints is a problem, and so is its failure.
check()
{
	local name=$1 problems status
	shift
	problems=$("$@" 2>&1)
	status=$?
	checks=$((checks + 1))
	if [ -z "$problems" ] && [ $status -eq 0 ]; then
		echo "ok $checks - $name"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $checks - $name"
	printf '%s\n' "${problems:-failed with status $status}" | sed 's/^/# /'
}

# The opposite, to prove that a check can fail: the command must print a problem that matches a pattern.
check_finds()
{
	local name=$1 pattern=$2 problems
	shift 2
	problems=$("$@" 2>&1)
	checks=$((checks + 1))
	if grep -q -e "$pattern" <<<"$problems"; then
		echo "ok $checks - $name"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $checks - $name: nothing matches '$pattern' in"
	printf '%s\n' "$problems" | sed 's/^/# /'
}

# A check that cannot be made here, and why.
skip()
{
	checks=$((checks + 1))
	echo "ok $checks - $1 # SKIP $2"
}

done_checking()
{
	echo "1..$checks"
	[ $failures -eq 0 ]
}

# An empty directory that goes when the script ends.
make_scratch()
{
	scratch=$(mktemp -d) || exit 99
	trap 'rm -rf "$scratch"' EXIT
}
