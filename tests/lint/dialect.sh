#!/bin/bash
# dialect.sh: the names of files in which the two dialects differ are strings in format/dialect.c alone. DVC's config
# syntax is a format of its own, so its reader may name them, too.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

names='(\\.dvc|dvc\\.yaml|dvc\\.lock|\\.dvcignore|\\.mlvconfig|mlv\\.yaml|mlv\\.lock|\\.mlvignore)'

# Strings below directory $1 that hold such a name. Comments do not count; format/ignore.c has the rules that DVC has built in.
problems()
{
	find "$1" -name '*.[ch]' ! -path '*/format/dialect.c' ! -path '*/format/configobj*.c' ! -path '*/format/ignore.c' -print0 |
		sort -z | xargs -0 awk -v names="$names" '
			FNR == 1 { comment = 0 }
			{
				code = $0
				if (comment && !sub(/^.*\*\//, "", code))
					next
				comment = 0
				gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", code)
				if (sub(/\/\*.*/, "", code))
					comment = 1
				while (match(code, /"([^"\\]|\\.)*"/)) {
					text = substr(code, RSTART, RLENGTH)
					code = substr(code, RSTART + RLENGTH)
					if (text ~ names "([^a-z.]|$)")
						printf "%s:%d: %s\n", FILENAME, FNR, text
				}
			}'
}

write_and_check()
{
	mkdir -p "$scratch/base"
	printf '%b' "$1" >"$scratch/base/x.c"
	problems "$scratch"
}

make_scratch
check "only format/dialect.c knows the names" problems "$top_srcdir/src"
check_finds "a name is found" "x.c:1:" write_and_check 'f("dvc.yaml");\n'
check_finds "a name inside a text is found" "x.c:2:" write_and_check '\nf("a", "look into .mlvconfig please");\n'
check "names in comments pass" write_and_check '/* "dvc.yaml"\n * ".dvc" */\n\tf("mlv");\n'
done_checking
