# contracts.awk: complains about declarations in headers that no comment explains. A comment holds for all lines that
# follow it without a blank line between.

FNR == 1 {
	covered = comment = depth = continued = 0
}

{ line = $0 }

comment {
	if (line ~ /\*\//) {
		comment = 0
		covered = 1
	}
	next
}

line ~ /^[[:space:]]*\/\*/ {
	if (line !~ /\*\//)
		comment = 1
	covered = 1
	next
}

line ~ /^[[:space:]]*$/ {
	if (!depth && !continued)
		covered = 0
	next
}

# Preprocessor lines and their continuations declare nothing.
line ~ /^#/ || in_macro {
	in_macro = line ~ /\\$/
	next
}

{
	if (!depth && !continued && line ~ /^[A-Za-z_]/ && !covered && line ~ /\(|^extern/ && line !~ /; *\/\*/ &&
	    line !~ /^(AUTO_DEFINE|G_DEFINE|G_BEGIN|G_END|struct [a-z_]+;|struct [a-z_]+ \{|enum )/)
		printf "%s:%d: no comment explains: %s\n", FILENAME, FNR, line
	text = line
	gsub(/"([^"\\]|\\.)*"|\/\*.*\*\//, "", text)
	if (text ~ /\/\*/) # a comment that begins behind code and goes on
		comment = 1
	sub(/\/\*.*/, "", text)
	depth += gsub(/\{/, "{", text) - gsub(/\}/, "}", text)
	sub(/[[:space:]]+$/, "", text)
	continued = !depth && text !~ /[;}]$/ && text !~ /^AUTO_DEFINE/
}
