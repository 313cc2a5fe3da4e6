#include "doc/node-int.h"
#include "doc/yaml-int.h"

#include <errno.h>
#include <math.h>

/* Longest integer in base 2, 8 or 16 that is converted; more digits than that are no number that anyone wrote. */
#define RADIX_LENGTH_LIMIT 4096

/* A reader's place in a plain scalar. The patterns below are small enough for hand-made matching. */
struct cursor {
	const char *at, *end;
};

static bool at_end(const struct cursor *c)
{
	return c->at == c->end;
}

/* Step over one of the characters in `set`. */
static bool skip_one(struct cursor *c, const char *set)
{
	if (at_end(c) || !*c->at || !strchr(set, *c->at))
		return false;
	c->at++;
	return true;
}

/* Step over all characters in `set`, at most `limit`; how many there were. */
static size_t skip_many(struct cursor *c, const char *set, size_t limit)
{
	size_t count = 0;

	while (count < limit && skip_one(c, set))
		count++;
	return count;
}

#define ANY ((size_t)-1)
#define DIGITS "0123456789"

static bool text_is(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool text_is_any(const char *text, size_t length, const char *const *words)
{
	for (; *words; words++)
		if (text_is(text, length, *words))
			return true;
	return false;
}

static bool is_null(const char *text, size_t length)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};

	return text_is_any(text, length, words);
}

static bool is_bool(const char *text, size_t length)
{
	static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE", NULL};

	return text_is_any(text, length, words);
}

static bool is_int(const char *text, size_t length)
{
	struct cursor c = {text, text + length};
	struct cursor radix;

	skip_one(&c, "-+");
	radix = c;
	if (skip_many(&c, DIGITS "_", ANY) > 0 && at_end(&c))
		return true;
	if (!skip_one(&radix, "0") || at_end(&radix))
		return false;
	switch (*radix.at++) {
	case 'b':
		return skip_many(&radix, "01_", ANY) > 0 && at_end(&radix);
	case 'o':
		return skip_many(&radix, "01234567_", ANY) > 0 && at_end(&radix);
	case 'x':
		return skip_many(&radix, DIGITS "abcdefABCDEF_", ANY) > 0 && at_end(&radix);
	default:
		return false;
	}
}

static bool is_special_float(const char *text, size_t length)
{
	static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
	static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
	size_t sign = length > 0 && (*text == '-' || *text == '+');

	return text_is_any(text + sign, length - sign, infinities) || text_is_any(text, length, nans);
}

/* An exponent; `signless` allows one without a sign. */
static bool skip_exponent(struct cursor *c, bool signless)
{
	if (!skip_one(c, "eE"))
		return false;
	if (!skip_one(c, "-+") && !signless)
		return false;
	return skip_many(c, DIGITS, ANY) > 0;
}

static bool is_float(const char *text, size_t length)
{
	struct cursor c = {text, text + length};

	skip_one(&c, "-+");
	if (skip_one(&c, DIGITS)) {
		bool point;

		skip_many(&c, DIGITS "_", ANY);
		point = skip_one(&c, ".");
		if (point)
			skip_many(&c, DIGITS "_", ANY);
		if (at_end(&c))
			return point;
		return skip_exponent(&c, true) && at_end(&c);
	}
	if (skip_one(&c, ".") && skip_many(&c, DIGITS "_", ANY) > 0)
		return at_end(&c) || (skip_exponent(&c, false) && at_end(&c));
	return is_special_float(text, length);
}

/* What may follow the date of a full timestamp: "T10:00:00.5 +01:00". */
static bool skip_time(struct cursor *c)
{
	if (!skip_one(c, "Tt") && skip_many(c, " \t", ANY) == 0)
		return false;
	if (skip_many(c, DIGITS, 2) == 0 || !skip_one(c, ":") || skip_many(c, DIGITS, 2) != 2 || !skip_one(c, ":") ||
	    skip_many(c, DIGITS, 2) != 2)
		return false;
	if (skip_one(c, "."))
		skip_many(c, DIGITS, ANY);
	if (at_end(c))
		return true;
	skip_many(c, " \t", ANY);
	if (skip_one(c, "Z"))
		return true;
	if (!skip_one(c, "-+") || skip_many(c, DIGITS, 2) == 0)
		return false;
	return at_end(c) || (skip_one(c, ":") && skip_many(c, DIGITS, 2) == 2);
}

static bool is_date(const char *text, size_t length)
{
	struct cursor c = {text, text + length};
	size_t month, day;

	if (skip_many(&c, DIGITS, 4) != 4 || !skip_one(&c, "-"))
		return false;
	month = skip_many(&c, DIGITS, 2);
	if (month == 0 || !skip_one(&c, "-"))
		return false;
	day = skip_many(&c, DIGITS, 2);
	if (day == 0)
		return false;
	if (at_end(&c))
		return month == 2 && day == 2;
	return skip_time(&c) && at_end(&c);
}

enum node_kind yaml_plain_kind(const char *text, size_t length)
{
	if (is_null(text, length))
		return NODE_NULL;
	if (is_bool(text, length))
		return NODE_BOOL;
	if (!strchr("-+.0123456789", *text))
		return NODE_STRING;
	if (is_float(text, length))
		return NODE_FLOAT;
	if (*text != '.' && is_int(text, length))
		return NODE_INT;
	if (is_date(text, length))
		return NODE_DATE;
	return NODE_STRING;
}

/* Decimal digits of an integer in another base that does not fit 64 bits. */
static char *radix_to_decimal(const char *digits, unsigned base)
{
	g_autoptr(GByteArray) decimal = g_byte_array_new(); /* digits, lowest first */
	GString *out = g_string_new(NULL);

	for (; *digits; digits++) {
		unsigned carry = g_ascii_xdigit_value(*digits);

		for (guint i = 0; i < decimal->len; i++) {
			carry += decimal->data[i] * base;
			decimal->data[i] = carry % 10;
			carry /= 10;
		}
		for (; carry > 0; carry /= 10) {
			guint8 digit = carry % 10;

			g_byte_array_append(decimal, &digit, 1);
		}
	}
	for (guint i = decimal->len; i > 0; i--)
		g_string_append_c(out, '0' + decimal->data[i - 1]);
	return g_string_free(out, FALSE);
}

static void set_bigint(struct doc *doc, struct node *node, bool negative, const char *digits, unsigned base)
{
	g_autofree char *decimal = base == 10 ? g_strdup(digits) : radix_to_decimal(digits, base);
	g_autofree char *text = g_strconcat(negative ? "-" : "", decimal, NULL);

	node->kind = NODE_BIGINT;
	node->text = doc_text(doc, text, strlen(text));
}

/* Value of an integer without underscores; false if it has no digits after its sign and prefix. */
static bool set_int(struct doc *doc, struct node *node, const char *text)
{
	bool negative = *text == '-';
	unsigned base = 10;
	guint64 magnitude;

	if (*text == '-' || *text == '+')
		text++;
	if (*text == '0' && text[1] && !g_ascii_isdigit(text[1])) {
		base = text[1] == 'b' ? 2 : text[1] == 'o' ? 8 : 16;
		text += 2;
		if (strlen(text) > RADIX_LENGTH_LIMIT)
			return false;
	}
	if (!*text)
		return false;
	while (*text == '0' && text[1])
		text++;
	errno = 0;
	magnitude = g_ascii_strtoull(text, NULL, base);
	if (errno == ERANGE || magnitude > (guint64)G_MAXINT64 + negative) {
		set_bigint(doc, node, negative, text, base);
		return true;
	}
	node->kind = NODE_INT;
	node->integer = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}

/* Value of a float without underscores; false if it has no digits. */
static bool set_float(struct node *node, const char *text)
{
	const char *unsigned_text = text + (*text == '-' || *text == '+');

	node->kind = NODE_FLOAT;
	if (g_ascii_strcasecmp(unsigned_text, ".inf") == 0)
		node->real = *text == '-' ? -INFINITY : INFINITY;
	else if (g_ascii_strcasecmp(unsigned_text, ".nan") == 0)
		node->real = NAN;
	else if (strpbrk(text, DIGITS))
		node->real = g_ascii_strtod(text, NULL);
	else
		return false;
	return true;
}

static char *without_underscores(const char *text, size_t length)
{
	char *out = g_malloc(length + 1), *to = out;

	for (size_t i = 0; i < length; i++)
		if (text[i] != '_')
			*to++ = text[i];
	*to = '\0';
	return out;
}

static void set_text(struct doc *doc, struct node *node, enum node_kind kind, const char *text, size_t length)
{
	node->kind = kind;
	node->text = doc_text(doc, text, length);
}

/* Give node the value of text, which yaml_plain_kind() called `kind`. */
static void set_value(struct doc *doc, struct node *node, enum node_kind kind, const char *text, size_t length)
{
	g_autofree char *number = NULL;

	switch (kind) {
	case NODE_NULL:
		node->kind = NODE_NULL;
		return;
	case NODE_BOOL:
		node->kind = NODE_BOOL;
		node->boolean = *text == 't' || *text == 'T';
		return;
	case NODE_INT:
	case NODE_FLOAT:
		number = without_underscores(text, length);
		if (kind == NODE_INT ? !set_int(doc, node, number) : !set_float(node, number))
			set_text(doc, node, NODE_STRING, text, length);
		return;
	default:
		set_text(doc, node, kind, text, length);
	}
}

void yaml_type_plain(struct doc *doc, struct node *node, const char *text, size_t length)
{
	set_value(doc, node, yaml_plain_kind(text, length), text, length);
}

bool yaml_type_tagged(struct doc *doc, struct node *node, enum node_kind kind, const char *text, size_t length)
{
	enum node_kind found = yaml_plain_kind(text, length);

	if (kind == NODE_STRING) {
		set_text(doc, node, NODE_STRING, text, length);
		return true;
	}
	if (kind == NODE_FLOAT && found == NODE_INT) {
		set_value(doc, node, NODE_INT, text, length);
		if (node->kind == NODE_STRING)
			return false;
		node->real = node->kind == NODE_INT ? (double)node->integer : g_ascii_strtod(node->text, NULL);
		node->kind = NODE_FLOAT;
		node->text = NULL;
		return true;
	}
	if (found != kind)
		return false;
	set_value(doc, node, kind, text, length);
	return node->kind != NODE_STRING;
}
