#!/bin/bash
# contracts.sh: every declaration in a header has a comment that says what it means, and every header says what it is.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

problems()
{
	find "$1" -name '*.h' -print0 | sort -z | xargs -0 awk -f "$here/contracts.awk"
}

# A header opens with a comment that begins with its own name; a private one may leave out "-int".
openings()
{
	find "$1" -name '*.h' | sort | while read -r header; do
		name=$(basename "$header" .h)
		sed -n 2p "$header" | grep -qE "^ \* ${name%-int}(-int)?: " || echo "$header: does not open with '$name: what it is'"
	done
}

write_and_check()
{
	printf '%b' "$1" >"$scratch/x.h"
	problems "$scratch"
}

make_scratch
check "every declaration is explained" problems "$top_srcdir/src"
check "every header says what it is" openings "$top_srcdir/src"
check_finds "a bare prototype is found" "x.h:1: no comment" write_and_check 'int f(void);\n'
check_finds "a blank line ends what a comment covers" "x.h:4: no comment" write_and_check '/* f */\nint f(void);\n\nint g(void);\n'
check_finds "a bare variable is found" "x.h:1: no comment" write_and_check 'extern const int x[];\n'
check "groups, structs and long prototypes pass" write_and_check \
	'/* f\n * g */\nint f(int a,\n      int b);\nint g(void);\n\nstruct s {\n\tint (*call)(void);\n\n\tint (*more)(void);\n};\n'
done_checking
