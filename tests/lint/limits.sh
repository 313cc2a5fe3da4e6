#!/bin/bash
# limits.sh: files, functions and parameter lists stay short, nobody uses goto, and no variable lives outside of functions.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

problems()
{
	find "$@" -name '*.[ch]' -print0 | sort -z | xargs -0 awk -f "$here/limits.awk"
	return 0
}

# Objects of libmlv.a that are written to while the program runs. The cancel flag is one, and GLib's once-only quarks are.
# A static of a function is `name.0` to gcc and `function.name` to clang.
variables()
{
	objdump -t "$top_builddir/libmlv.a" | awk '
		/:[[:space:]]+file format/ { object = $1; sub(/:$/, "", object) }
		$0 ~ /[[:space:]]O[[:space:]]/ && $0 ~ /[[:space:]]\.(data|bss|tdata|tbss)[[:space:]]/ && object != "cancel.o" {
			if ($NF !~ /(^|\.)(q|quark|once|initialized)(\.[0-9]+)?$/)
				print object ": " $NF " is a variable outside of functions or static"
		}'
}

instrumented()
{
	nm "$top_builddir/libmlv.a" 2>/dev/null | grep -q -e __asan_ -e __tsan_ -e __ubsan_ -e __gcov_ -e __sanitizer_
}

# One file with $1 lines of body and $2 parameters.
long_function()
{
	{
		printf 'int f('
		for ((i = 1; i < $2; i++)); do printf 'int p%d, ' "$i"; done
		printf 'int last)\n{\n'
		for ((i = 0; i < $1; i++)); do echo '	call();'; done
		printf '}\n'
	} >"$scratch/x.c"
	problems "$scratch"
}

write_and_check()
{
	printf '%b' "$1" >"$scratch/x.c"
	problems "$scratch"
}

make_scratch
check "sources keep to the limits" problems "$top_srcdir/src" "$top_srcdir/tests"
if [ ! -f "$top_builddir/libmlv.a" ]; then
	skip "no variables outside of functions" "not built"
elif instrumented; then
	skip "no variables outside of functions" "the compiler adds its own in this build"
else
	check "no variables outside of functions" variables
fi
check_finds "a long function is found" "x.c:1: a function of 81 lines" long_function 78 1
check "a function of 80 lines passes" long_function 77 6
check_finds "a long list of parameters is found" "7 parameters" long_function 1 7
check_finds "a long prototype is found" "7 parameters" write_and_check 'int f(int a, int b, int c,\n      int d, int e, int f, int g);\n'
check_finds "goto is found" "x.c:3: goto" write_and_check 'int f(void)\n{\n\tgoto out;\n}\n'
check "the word goto in comments and texts passes" write_and_check '/* no goto\n * goto\n */\nchar *f = "goto x";\n'
check_finds "a long file is found" "601 lines" write_and_check "$(printf '\\n%.0s' {1..601})"
done_checking
