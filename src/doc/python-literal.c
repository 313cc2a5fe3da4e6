#include "doc/node-int.h"
#include "doc/number.h"
#include "doc/python-int.h"
#include "doc/yaml-int.h"

#include <string.h>

/* A literal that is being read. Its brackets and strings are known to be whole, and not nested too deep. */
struct literal {
	struct python *python;
	const char *at, *end;
};

static struct node *read_value(struct literal *literal);

void python_set(struct doc *doc, struct node *map, GHashTable *places, struct node *key, struct node *value)
{
	size_t place = GPOINTER_TO_SIZE(g_hash_table_lookup(places, key));

	if (place > 0) {
		map->items[place - 1] = value;
		return;
	}
	doc_add_pair(doc, map, key, value);
	g_hash_table_insert(places, key, GSIZE_TO_POINTER(map->count));
}

/* Step over white space, line ends and comments: inside the value of a statement they mean nothing. */
static void skip_space(struct literal *literal)
{
	for (; literal->at < literal->end; literal->at++) {
		if (*literal->at == '#')
			while (literal->at < literal->end && *literal->at != '\n' && *literal->at != '\r')
				literal->at++;
		if (literal->at == literal->end || !strchr(" \t\f\r\n\\", *literal->at))
			return;
	}
}

/* Step over this character and the white space before it if it comes next. */
static bool skip(struct literal *literal, char c)
{
	skip_space(literal);
	if (literal->at == literal->end || *literal->at != c)
		return false;
	literal->at++;
	return true;
}

static bool is_at_end(struct literal *literal)
{
	skip_space(literal);
	return literal->at == literal->end;
}

/* A new node for the text from `start` on. */
static struct node *new_node(struct literal *literal, enum node_kind kind, const char *start)
{
	struct node *node = doc_node(literal->python->doc, kind);

	node->place = places_find(&literal->python->places, start, literal->at);
	return node;
}

/* Note where a collection ends. */
static struct node *end_here(struct literal *literal, struct node *node)
{
	node->place.end = (size_t)(literal->at - literal->python->doc->source);
	return node;
}

/* Append the character of a hexadecimal or octal escape; false for one that no text here can hold. */
static bool append_code(GString *text, const char *digits, size_t count, unsigned base)
{
	gunichar code = 0;

	for (size_t i = 0; i < count; i++) {
		int digit = g_ascii_xdigit_value(digits[i]);

		if (digit < 0 || (unsigned)digit >= base)
			return false;
		code = code * base + (gunichar)digit;
	}
	if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
		return false;
	g_string_append_unichar(text, code);
	return true;
}

/* What a backslash begins; how many bytes it took, 0 if the value cannot be had. */
static size_t append_escape(GString *text, const char *at)
{
	static const char names[] = "\\'\"abfnrtv", values[] = "\\'\"\a\b\f\n\r\t\v";
	const char *found = at[1] ? strchr(names, at[1]) : NULL;
	size_t digits = at[1] == 'x' ? 2 : at[1] == 'u' ? 4 : at[1] == 'U' ? 8 : 0;

	if (at[1] == '\n' || at[1] == '\r')
		return at[1] == '\r' && at[2] == '\n' ? 3 : 2;
	if (found) {
		g_string_append_c(text, values[found - names]);
		return 2;
	}
	if (digits > 0)
		return append_code(text, at + 2, digits, 16) ? 2 + digits : 0;
	if (at[1] >= '0' && at[1] <= '7') {
		while (digits < 3 && at[1 + digits] >= '0' && at[1 + digits] <= '7')
			digits++;
		return append_code(text, at + 1, digits, 8) ? 1 + digits : 0;
	}
	if (at[1] == 'N')
		return 0; /* a character by its name */
	g_string_append_c(text, '\\');
	return 1;
}

/* Append what is between the quotes at literal->at; false if it is no plain text. */
static bool append_string(struct literal *literal, GString *text, bool raw)
{
	const char *at = literal->at;
	char quote = *at;
	bool lines = at[1] == quote && at[2] == quote;

	for (at += lines ? 3 : 1; *at != quote || (lines && (at[1] != quote || at[2] != quote));) {
		size_t length = 1;

		if (*at == '\\' && raw) {
			length = 2;
			g_string_append_len(text, at, 2);
		} else if (*at == '\\') {
			length = append_escape(text, at);
			if (length == 0)
				return false;
		} else if (*at == '\r') {
			g_string_append_c(text, '\n');
			length = at[1] == '\n' ? 2 : 1;
		} else {
			g_string_append_c(text, *at);
		}
		at += length;
	}
	literal->at = at + (lines ? 3 : 1);
	return true;
}

/* Whether a string begins at literal->at; *prefix is how many letters are before its quote. */
static bool is_string(const struct literal *literal, size_t *prefix)
{
	const char *at = literal->at;

	for (*prefix = 0; *prefix < 3 && at < literal->end; at++, (*prefix)++)
		if (*at == '"' || *at == '\'')
			return true;
		else if (!g_ascii_isalpha(*at))
			return false;
	return false;
}

/* Strings in a row are one. */
static struct node *read_string(struct literal *literal)
{
	const char *start = literal->at, *last;
	GString *text = g_string_new(NULL);
	struct node *node = NULL;
	size_t prefix;
	bool ok;

	do {
		bool raw = false;

		ok = is_string(literal, &prefix);
		for (; ok && prefix > 0; prefix--, literal->at++) {
			raw |= g_ascii_tolower(*literal->at) == 'r';
			ok = strchr("rRuU", *literal->at) != NULL;
		}
		ok = ok && append_string(literal, text, raw);
		last = literal->at;
		skip_space(literal);
	} while (ok && is_string(literal, &prefix));
	if (ok) {
		literal->at = last;
		node = new_node(literal, NODE_STRING, start);
		node->text = doc_text(literal->python->doc, text->str, text->len);
	}
	g_string_free(text, TRUE);
	return node;
}

/* The length of an integer with a base prefix, or without one; 0 if there is none. */
static size_t integer_length(const char *at)
{
	const char *set = "0123456789";
	size_t length;

	if (at[0] == '0' && at[1] && strchr("xXoObB", at[1])) {
		char base = g_ascii_tolower(at[1]);

		set = base == 'x' ? "0123456789abcdefABCDEF" : base == 'o' ? "01234567" : "01";
		length = number_digits(at + 2 + (at[2] == '_'), set);
		return length > 0 ? length + 2 + (at[2] == '_') : 0;
	}
	length = number_digits(at, set);
	/* 007 is no number. */
	return *at == '0' && number_digits(at, "0") != length ? 0 : length;
}

/* The length of a float; 0 if there is none. */
static size_t float_length(const char *at)
{
	size_t whole = number_digits(at, "0123456789"), length = whole, fraction = 0, exponent;

	if (at[length] == '.') {
		fraction = number_digits(at + length + 1, "0123456789");
		if (whole + fraction == 0)
			return 0;
		length += 1 + fraction;
	}
	if (at[length] == 'e' || at[length] == 'E') {
		size_t sign = at[length + 1] == '+' || at[length + 1] == '-';

		exponent = number_digits(at + length + 1 + sign, "0123456789");
		return exponent > 0 && length > 0 ? length + 1 + sign + exponent : 0;
	}
	return length > whole ? length : 0;
}

/* A number with its sign. */
static struct node *read_number(struct literal *literal)
{
	const char *start = literal->at;
	GString *plain = g_string_new(NULL);
	struct node *node = NULL;
	size_t length, integer;

	if (*start == '-' || *start == '+') {
		g_string_append_c(plain, *start);
		literal->at++;
		skip_space(literal);
	}
	integer = integer_length(literal->at);
	length = float_length(literal->at);
	if (length == 0)
		length = integer;
	else
		integer = 0;
	if (length > 0 && !python_is_name(literal->at[length]) && literal->at[length] != '.') {
		for (size_t i = 0; i < length; i++)
			if (literal->at[i] != '_')
				g_string_append_c(plain, g_ascii_tolower(literal->at[i]));
		literal->at += length;
		node = new_node(literal, NODE_FLOAT, start);
		if (integer > 0)
			yaml_type_plain(literal->python->doc, node, plain->str, plain->len);
		else
			node->real = g_ascii_strtod(plain->str, NULL);
	}
	g_string_free(plain, TRUE);
	return node;
}

/* Values up to `close`, commas between them, onto a list; *comma tells whether one came last. */
static bool read_items(struct literal *literal, struct node *list, char close, bool *comma)
{
	while (!skip(literal, close)) {
		struct node *item;

		if (list->count > 0 && !*comma)
			return false;
		item = read_value(literal);
		if (!item)
			return false;
		node_append(literal->python->doc, list, item);
		*comma = skip(literal, ',');
	}
	return true;
}

/* A list in `[]`; a tuple, or a value with brackets around it, in `()`. */
static struct node *read_sequence(struct literal *literal)
{
	bool round = *literal->at == '(', comma = false;
	const char *start = literal->at++;
	struct node *list = new_node(literal, NODE_LIST, start);

	if (!read_items(literal, list, round ? ')' : ']', &comma))
		return NULL;
	if (round && list->count == 1 && !comma)
		return list->items[0];
	list->flow = true;
	list->sequence = round ? NODE_SEQUENCE_TUPLE : NODE_SEQUENCE_LIST;
	return end_here(literal, list);
}

/* The pairs of a dict after the key of the first, which is read. */
static bool read_pairs(struct literal *literal, struct node *map, struct node *key)
{
	g_autoptr(GHashTable) places = g_hash_table_new(node_scalar_hash, node_scalar_same);

	for (;;) {
		struct node *value = key && skip(literal, ':') ? read_value(literal) : NULL;

		if (!value || key->kind == NODE_LIST || key->kind == NODE_MAP)
			return false;
		python_set(literal->python->doc, map, places, key, value);
		if (!skip(literal, ','))
			return skip(literal, '}');
		if (skip(literal, '}'))
			return true;
		key = read_value(literal);
	}
}

/* A dict or a set. */
static struct node *read_braces(struct literal *literal)
{
	const char *start = literal->at++;
	struct node *node = new_node(literal, NODE_MAP, start), *first;
	bool comma;

	node->flow = true;
	if (skip(literal, '}'))
		return end_here(literal, node);
	first = read_value(literal);
	skip_space(literal);
	if (first && literal->at < literal->end && *literal->at == ':')
		return read_pairs(literal, node, first) ? end_here(literal, node) : NULL;
	if (!first)
		return NULL;
	node->kind = NODE_LIST;
	node->sequence = NODE_SEQUENCE_SET;
	node_append(literal->python->doc, node, first);
	comma = skip(literal, ',');
	return read_items(literal, node, '}', &comma) ? end_here(literal, node) : NULL;
}

/* True, False, None or set(). */
static struct node *read_name(struct literal *literal)
{
	const char *start = literal->at;
	g_autofree char *name = NULL;
	struct node *node;

	while (literal->at < literal->end && python_is_name(*literal->at))
		literal->at++;
	name = g_strndup(start, (gsize)(literal->at - start));
	if (strcmp(name, "None") == 0)
		return new_node(literal, NODE_NULL, start);
	if (strcmp(name, "set") == 0 && skip(literal, '(') && skip(literal, ')')) {
		node = new_node(literal, NODE_LIST, start);
		node->sequence = NODE_SEQUENCE_SET;
		return node;
	}
	if (strcmp(name, "True") != 0 && strcmp(name, "False") != 0)
		return NULL;
	node = new_node(literal, NODE_BOOL, start);
	node->boolean = *name == 'T';
	return node;
}

static struct node *read_value(struct literal *literal)
{
	size_t prefix;

	if (is_at_end(literal))
		return NULL;
	if (*literal->at == '(' || *literal->at == '[')
		return read_sequence(literal);
	if (*literal->at == '{')
		return read_braces(literal);
	if (is_string(literal, &prefix))
		return read_string(literal);
	if (python_is_name_start(*literal->at))
		return read_name(literal);
	return read_number(literal);
}

struct node *python_read_literal(struct python *python, const char *end)
{
	struct literal literal = {python, python->at, end};
	struct node *value = read_value(&literal), *tuple;

	if (!value || is_at_end(&literal))
		return value;
	if (*literal.at != ',')
		return NULL;
	tuple = doc_node(python->doc, NODE_LIST);
	tuple->place = value->place;
	tuple->sequence = NODE_SEQUENCE_TUPLE;
	node_append(python->doc, tuple, value);
	while (skip(&literal, ',') && !is_at_end(&literal)) {
		value = read_value(&literal);
		if (!value)
			return NULL;
		node_append(python->doc, tuple, value);
	}
	return is_at_end(&literal) ? end_here(&literal, tuple) : NULL;
}
