#!/bin/bash
# floors.sh: the code keeps to the floors of src/floors: no include upward, sideways, into a private header or in a circle, each
# library in its home folder only, and no extern in a .c file that would go round the headers.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

# The includes below directory $1, held against the table $2.
problems()
{
	find "$1" -name '*.[ch]' -print0 | sort -z | xargs -0 grep -Hn '^#[[:space:]]*include' |
		sed -n 's/^\([^:]*\):\([0-9]*\):[^"<]*\(["<]\)\([^">]*\)[">].*/\1 \2 \3 \4/p' |
		LC_ALL=C awk -v src="$1/" -v table="$2" -f "$here/floors.awk"
}

externs()
{
	find "$1" -name '*.c' -print0 | xargs -0 grep -Hn '^[[:space:]]*extern '
	return 0
}

# A tree of two files, each "path include-line".
broken_tree()
{
	rm -rf "$scratch/src"
	mkdir -p "$scratch/src"
	while [ $# -gt 0 ]; do
		mkdir -p "$scratch/src/$(dirname "$1")"
		printf '#include %s\n' "$2" >>"$scratch/src/$1"
		shift 2
	done
	problems "$scratch/src" "$top_srcdir/src/floors"
}

make_scratch
check "includes keep to the floors" problems "$top_srcdir/src" "$top_srcdir/src/floors"
check "no extern in a .c file" externs "$top_srcdir/src"
check_finds "an include upward is found" "base/x.c:1: floor 0 may not" broken_tree base/x.c '"hash/oid.h"'
check_finds "an include sideways is found" "neighbour" broken_tree hash/x.c '"doc/node.h"'
check_finds "a foreign private header is found" "private" broken_tree cmd/x.c '"cli/completion-int.h"'
check_finds "a library away from home is found" "repo/ only" broken_tree store/x.c '<git2.h>'
check_finds "a folder without a floor is found" "not in the table" broken_tree cellar/x.c '<stdio.h>'
check_finds "a circle of units is found" "circle: base/. -> base/. -> base/." broken_tree base/a.h '"base/b.h"' base/b.c '"base/a.h"'
check_finds "a circle of private headers is found" "circle: base/" broken_tree base/a-int.h '"base/b.h"' base/b.h '"base/a-int.h"'
check "a proper tree passes" broken_tree repo/x.c '<git2.h>' cmd/x.c '"cli/cli.h"' base/a.c '"base/a-int.h"' base/a-int.h '"base/a.h"'
done_checking
