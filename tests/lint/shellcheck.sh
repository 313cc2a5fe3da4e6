#!/bin/bash
# The shell scripts of the tree are clean under shellcheck.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

# Scripts by name or first line.
scripts()
{
	find "$top_srcdir/tests" "$top_srcdir/contrib" "$top_srcdir/.ci" "$top_srcdir/autogen.sh" -type f -print0 |
		xargs -0 awk 'FNR == 1 { if (FILENAME ~ /\.(sh|bash|bats)$/ || /^#!.*(bash|\/sh|env sh|bats)/) print FILENAME; nextfile }'
}

problems()
{
	# SC1091: a file that is not found is sourced at run time only. SC2317: functions that check() runs. SC2016: programs in single
	# quotes, for awk and other shells. bats sets variables and runs each test in a shell of its own (SC2154, SC2030, SC2031), and
	# texts with quotes and formats are what some of them try (SC2059, SC2089, SC2090), and a failed cd ends a test (SC2103).
	cd "$top_srcdir" || return
	scripts | grep -v '\.bats$' | xargs -rd '\n' shellcheck --external-sources --format=gcc --exclude=SC1091,SC2016,SC2317
	scripts | grep '\.bats$' |
		xargs -rd '\n' shellcheck --external-sources --format=gcc --exclude=SC1091,SC2016,SC2030,SC2031,SC2059,SC2089,SC2090,SC2103,SC2154,SC2317
}

if command -v shellcheck >/dev/null; then
	check "shell scripts are clean" problems
else
	skip "shell scripts are clean" "no shellcheck"
fi
done_checking
