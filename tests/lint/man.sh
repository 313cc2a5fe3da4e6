#!/bin/bash
# man.sh: every command has a manual page, the pages and the option tables name the same options, and mandoc has nothing to
# say against them. The tables are asked by way of the bash completion, which is made from them.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

man=$top_srcdir/man
export GIT_MLV_EXEC_PATH=$top_builddir

# The command $1 with all its subcommands, one full name a line.
family()
{
	echo "$1"
	__git_mlv_commands "$1" | while read -r sub; do family "$1 $sub"; done
}

# The options of $1 and its subcommands without the common ones; "--name" or "-n" a line.
options_of()
{
	family "$1" | while read -r name; do
		__git_mlv_options "$name" | head -n "-$common_count"
	done | sed 's/=$//' | sort -u
}

# The options that stand as items of lists in a page: ".It Fl f , Fl -force Ns = Ns Ar x".
options_in()
{
	grep '^\.It Fl ' "$1" | grep -oE 'Fl -?[A-Za-z0-9][A-Za-z0-9-]*' | sed 's/^Fl /-/' | sort -u
}

compare()
{
	local page=$man/git-mlv-$1.1
	if [ ! -f "$page" ]; then
		echo "no page $page"
		return
	fi
	comm -23 <(options_of "$1") <(options_in "$page") | sed "s/^/git-mlv-$1.1 does not explain /"
	comm -13 <(sort -u <(options_of "$1") <(__git_mlv_options '' | sed 's/=$//')) <(options_in "$page") |
		sed "s/^/git-mlv-$1.1 explains what there is not: /"
}

lint()
{
	find "$man" -name '*.[1-8]' -print0 | sort -z | xargs -0r mandoc -T lint -W warning
}

make_scratch
"$top_builddir/git-mlv" completion bash >"$scratch/tables" || exit 99
# shellcheck source=/dev/null
. "$scratch/tables"
common_count=$(__git_mlv_options '' | wc -l)
check "git-mlv has a page" test -f "$man/git-mlv.1"
for command in $(__git_mlv_commands ''); do
	check "git-mlv-$command and its page agree" compare "$command"
done
if command -v mandoc >/dev/null; then
	check "mandoc has no warnings" lint
else
	skip "mandoc has no warnings" "no mandoc"
fi
done_checking
