# floors.awk: reads "file line kind name" of every #include (kind '"' or '<') and complains about what src/floors forbids.
# Variables: src, with a '/' at its end; table, the path of src/floors.

function complain(text)
{
	printf "%s:%d: %s\n", file, $2, text
}

# A unit is a .c file with its header. A private header, by which the files of one module know each other, is none.
function unit(name)
{
	sub(/\.[ch]$/, "", name)
	return name
}

BEGIN {
	while ((getline line < table) > 0) {
		split(line, field, " ")
		if (field[1] ~ /^[0-9]+$/)
			floor[field[2]] = field[1]
		else if (field[1] == "home")
			home[field[2]] = field[3]
	}
	if (length(floor) == 0) {
		print table ": no floors"
		exit 1
	}
}

{
	file = substr($1, length(src) + 1)
	from = file
	if (!sub(/\/.*/, "", from))
		next # the main programs stand above all floors
	if (!(from in floor)) {
		complain("folder " from " is not in the table of floors")
		next
	}
	if ($3 == "<") {
		for (prefix in home)
			if (index($4, prefix) == 1 && home[prefix] != from)
				complain("<" $4 "> may be used in " home[prefix] "/ only")
		next
	}
	to = $4
	if (!sub(/\/.*/, "", to) || !(to in floor)) {
		complain("\"" $4 "\" is no path below src/")
		next
	}
	if (from != to && floor[to] > floor[from])
		complain("floor " floor[from] " may not include " $4 " of floor " floor[to])
	else if (from != to && floor[to] == floor[from])
		complain($4 " is a neighbour on floor " floor[to])
	if (from != to && $4 ~ /-int\.h$/)
		complain($4 " is private to " to "/")
	if (file ~ /\.h$/)
		edge[file " " $4] = 1
	if ($4 !~ /-int\.h$/ && file !~ /-int\.h$/ && unit(file) != unit($4))
		edge[unit(file) " " unit($4)] = 1
}

# Visit what a unit includes, and say so when the way comes back to a unit that it is still on.
function visit(name,    i, count, next_name, part)
{
	on_way[name] = ++depth
	way[depth] = name
	count = split(includes[name], part, " ")
	for (i = 1; i <= count; i++) {
		next_name = part[i]
		if (next_name in on_way)
			print_circle(on_way[next_name])
		else if (!(next_name in seen))
			visit(next_name)
	}
	delete on_way[name]
	seen[name] = 1
	depth--
}

function print_circle(first,    i, text)
{
	text = "circle: "
	for (i = first; i <= depth; i++)
		text = text way[i] " -> "
	print text way[first]
}

END {
	for (e in edge) {
		split(e, part, " ")
		includes[part[1]] = includes[part[1]] " " part[2]
	}
	for (name in includes)
		if (!(name in seen))
			visit(name)
}
