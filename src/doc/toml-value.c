#include "doc/node-int.h"
#include "doc/number.h"
#include "doc/toml-int.h"
#include "doc/toml.h"
#include "doc/yaml-int.h"

#include <math.h>
#include <string.h>

/* What a number or a date may consist of. */
#define WORD "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._:"

/* A place in a word. Words end in a NUL. */
struct cursor {
	const char *at;
};

static bool skip_any(struct cursor *c, const char *set)
{
	if (!*c->at || !strchr(set, *c->at))
		return false;
	c->at++;
	return true;
}

/* Digits out of `set`, single underscores between them. */
static bool skip_digits(struct cursor *c, const char *set)
{
	size_t length = number_digits(c->at, set);

	c->at += length;
	return length > 0;
}

/* Exactly `count` digits, a number from `low` to `high`; -1 if it is not. */
static int read_field(struct cursor *c, unsigned count, int low, int high)
{
	int value = 0;

	for (unsigned i = 0; i < count; i++, c->at++) {
		if (!g_ascii_isdigit(*c->at))
			return -1;
		value = value * 10 + (*c->at - '0');
	}
	return value >= low && value <= high ? value : -1;
}

/* "07:32:00.999" */
static bool skip_time(struct cursor *c)
{
	if (read_field(c, 2, 0, 23) < 0 || !skip_any(c, ":") || read_field(c, 2, 0, 59) < 0 || !skip_any(c, ":") ||
	    read_field(c, 2, 0, 60) < 0)
		return false;
	if (!skip_any(c, "."))
		return true;
	if (!skip_any(c, "0123456789"))
		return false;
	while (skip_any(c, "0123456789"))
		;
	return true;
}

/* "1979-05-27", a day that there is. */
static bool skip_day(struct cursor *c)
{
	int year = read_field(c, 4, 0, 9999), month, day;

	if (year < 0 || !skip_any(c, "-") || (month = read_field(c, 2, 1, 12)) < 0 || !skip_any(c, "-"))
		return false;
	day = read_field(c, 2, 1, 31);
	/* GLib's calendar begins with year 1; year 0 is like year 4. */
	return day > 0 && g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)(year > 0 ? year : 4));
}

/* A date, a time, or both with or without an offset. */
static bool is_date(const char *word)
{
	struct cursor c = {word}, time = {word};

	if (skip_time(&time) && !*time.at)
		return true;
	if (!skip_day(&c))
		return false;
	if (!*c.at)
		return true;
	if (!skip_any(&c, "Tt ") || !skip_time(&c))
		return false;
	if (skip_any(&c, "Zz"))
		return !*c.at;
	if (skip_any(&c, "+-") && (read_field(&c, 2, 0, 23) < 0 || !skip_any(&c, ":") || read_field(&c, 2, 0, 59) < 0))
		return false;
	return !*c.at;
}

/* Whether a word is a number as TOML writes it: all of these mean the same to YAML's reader. */
static bool is_number(const char *word)
{
	struct cursor c = {word};
	bool zero;

	if (word[0] == '0' && word[1] && strchr("xob", word[1])) {
		c.at += 2;
		return skip_digits(&c, word[1] == 'x'   ? "0123456789abcdefABCDEF"
				       : word[1] == 'o' ? "01234567"
							: "01") &&
		       !*c.at;
	}
	skip_any(&c, "+-");
	zero = *c.at == '0';
	if (zero)
		c.at++;
	else if (!skip_digits(&c, "0123456789"))
		return false;
	if (skip_any(&c, ".") && !skip_digits(&c, "0123456789"))
		return false;
	if (skip_any(&c, "eE")) {
		skip_any(&c, "+-");
		if (!skip_digits(&c, "0123456789"))
			return false;
	}
	return !*c.at;
}

/* Whether a word is inf or nan with or without a sign. */
static bool is_special(const char *word)
{
	word += *word == '+' || *word == '-';
	return strcmp(word, "inf") == 0 || strcmp(word, "nan") == 0;
}

static double special_value(const char *word)
{
	double value = strstr(word, "inf") ? (double)INFINITY : (double)NAN;

	return *word == '-' ? -value : value;
}

/* An underscore in an exponent is TOML's alone. */
static void set_number(struct doc *doc, struct node *node, const char *word)
{
	g_autofree char *plain = g_strdup(word);
	char *to = plain;

	for (const char *from = word; *from; from++)
		if (*from != '_')
			*to++ = *from;
	*to = '\0';
	yaml_type_plain(doc, node, plain, strlen(plain));
}

/* The end of the word at toml->at. A date and a time may have a blank between them. */
static const char *word_end(const struct toml *toml)
{
	const char *end = toml->at + strspn(toml->at, WORD);
	struct cursor day = {toml->at};

	if (*end == ' ' && g_ascii_isdigit(end[1]) && skip_day(&day) && day.at == end)
		end += 1 + strspn(end + 1, WORD);
	return end;
}

/* true, a number or a date. */
static struct node *read_word(struct toml *toml, GError **error)
{
	const char *start = toml->at, *end = word_end(toml);
	g_autofree char *word = g_strndup(start, (gsize)(end - start));
	struct node *node = doc_node(toml->doc, NODE_BOOL);

	node->place = places_find(&toml->places, start, end);
	if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
		node->boolean = *word == 't';
	} else if (is_number(word)) {
		set_number(toml->doc, node, word);
	} else if (is_special(word)) {
		node->kind = NODE_FLOAT;
		node->real = special_value(word);
	} else if (is_date(word)) {
		node->kind = NODE_DATE;
		node->text = doc_text(toml->doc, word, strlen(word));
	} else {
		toml_fail(toml, error, "%s", *word ? "this is no value: text needs quotes" : "a value is expected here");
		return NULL;
	}
	toml->at = end;
	return node;
}

static struct node *read_array(struct toml *toml, unsigned depth, GError **error)
{
	const char *start = toml->at++;
	struct node *list = doc_node(toml->doc, NODE_LIST);

	list->place = places_find(&toml->places, start, toml->at);
	list->flow = true;
	for (;;) {
		struct node *item;

		if (!toml_skip_lines(toml, error))
			return NULL;
		if (toml_skip(toml, ']'))
			break;
		item = toml_read_value(toml, depth + 1, error);
		if (!item || !toml_skip_lines(toml, error))
			return NULL;
		node_append(toml->doc, list, item);
		if (toml_skip(toml, ','))
			continue;
		if (toml_skip(toml, ']'))
			break;
		toml_fail(toml, error, "a ',' or the end of the array is expected here");
		return NULL;
	}
	list->place.end = (size_t)(toml->at - toml->doc->source);
	return list;
}

static struct node *read_inline_table(struct toml *toml, unsigned depth, GError **error)
{
	const char *start = toml->at++;
	struct node *table = toml_new_table(toml, TOML_INLINE, depth, error);

	if (!table)
		return NULL;
	table->place = places_find(&toml->places, start, toml->at);
	table->flow = true;
	toml_skip_blanks(toml);
	if (toml_skip(toml, '}')) {
		table->place.end = (size_t)(toml->at - toml->doc->source);
		return table;
	}
	do {
		toml_skip_blanks(toml);
		if (!toml_read_pair(toml, table, error))
			return NULL;
		toml_skip_blanks(toml);
	} while (toml_skip(toml, ','));
	if (!toml_skip(toml, '}')) {
		toml_fail(toml, error, "a ',' or a '}' is expected here, on the same line");
		return NULL;
	}
	table->place.end = (size_t)(toml->at - toml->doc->source);
	return table;
}

struct node *toml_read_value(struct toml *toml, unsigned depth, GError **error)
{
	if (depth > TOML_DEPTH_LIMIT) {
		toml_fail(toml, error, "nested more than %d deep", TOML_DEPTH_LIMIT);
		return NULL;
	}
	switch (*toml->at) {
	case '"':
	case '\'':
		return toml_read_string(toml, false, error);
	case '[':
		return read_array(toml, depth, error);
	case '{':
		return read_inline_table(toml, depth, error);
	default:
		return read_word(toml, error);
	}
}
