# limits.awk: complains about files, functions and parameter lists that are longer than HACKING allows, and about goto.
# Relies on the house style: a function's '{' and '}' stand in the first column.

function complain(line, text)
{
	printf "%s:%d: %s\n", FILENAME, line, text
}

# How many parameters a signature has: the commas inside its outer parentheses. The error at its end is none.
function parameters(text,    i, c, depth, count)
{
	count = text ~ /GError \*\*[a-z]*\)/ ? 0 : 1
	for (i = index(text, "("); i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "(")
			depth++
		else if (c == ")")
			depth--
		else if (c == "," && depth == 1)
			count++
	}
	return count
}

FNR == 1 {
	if (last_lines > 600)
		printf "%s: %d lines, more than 600\n", last_file, last_lines
	signature = ""
	body = 0
	comment = 0
}

{
	last_file = FILENAME
	last_lines = FNR
	code = $0
	gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
	if (comment && sub(/^.*\*\//, "", code))
		comment = 0
	else if (comment)
		next
	gsub(/\/\*([^*]|\*[^\/])*\*\//, "", code)
	if (sub(/\/\*.*/, "", code))
		comment = 1
	sub(/\/\/.*/, "", code)
}

code ~ /(^|[^A-Za-z0-9_])goto[^A-Za-z0-9_]/ { complain(FNR, "goto") }

code ~ /^\{/ {
	body = FNR
	if (parameters(signature) > 6)
		complain(start, parameters(signature) " parameters, more than 6")
	next
}

code ~ /^\}/ {
	if (body && FNR - start + 1 > 80)
		complain(start, "a function of " FNR - start + 1 " lines, more than 80")
	body = 0
	signature = ""
	next
}

# Outside of bodies: the lines since the last end of something are a signature.
!body {
	if (code ~ /^[A-Za-z_]/ && (signature == "" || signature ~ /[;}]$/)) {
		signature = ""
		start = FNR
	}
	signature = signature code
	# A prototype has no body, but the same limit.
	if (code ~ /;$/) {
		if (signature ~ /^[A-Za-z_][^={]*\(.*\)[^={]*;$/ && signature !~ /^([A-Z_]+\(|typedef|struct [a-z_]+ \{|#)/ && parameters(signature) > 6)
			complain(start, parameters(signature) " parameters, more than 6")
		signature = ""
	}
	if (code ~ /^[[:space:]]*$/ || code ~ /^#/)
		signature = ""
}

END {
	if (last_lines > 600)
		printf "%s: %d lines, more than 600\n", last_file, last_lines
}
