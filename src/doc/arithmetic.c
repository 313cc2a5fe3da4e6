#include "doc/arithmetic.h"

#include "doc/node-int.h"

#include <math.h>
#include <string.h>

/* Room for the decimal digits of a 64-bit integer, a sign and a NUL. */
#define INT_TEXT 24

/* 2^63, the first double that fits no int64_t. */
#define INT_LIMIT 9223372036854775808.0

bool arithmetic_is_number(const struct node *node)
{
	return node->kind == NODE_BOOL || node->kind == NODE_INT || node->kind == NODE_BIGINT || node->kind == NODE_FLOAT;
}

/* A number that is no float, as decimal digits with an optional sign. */
static const char *integer_text(const struct node *node, char buffer[INT_TEXT])
{
	if (node->kind == NODE_BIGINT)
		return node->text;
	g_snprintf(buffer, INT_TEXT, "%" G_GINT64_FORMAT,
		   node->kind == NODE_BOOL ? (gint64)node->boolean : (gint64)node->integer);
	return buffer;
}

static double to_real(const struct node *node)
{
	if (node->kind == NODE_FLOAT)
		return node->real;
	if (node->kind == NODE_BIGINT)
		return g_ascii_strtod(node->text, NULL);
	return node->kind == NODE_BOOL ? node->boolean : (double)node->integer;
}

static bool numbers_equal(const struct node *a, const struct node *b)
{
	char left[INT_TEXT], right[INT_TEXT];
	const struct node *real = a->kind == NODE_FLOAT ? a : b, *other = real == a ? b : a;

	if (real->kind != NODE_FLOAT)
		return strcmp(integer_text(a, left), integer_text(b, right)) == 0;
	if (other->kind != NODE_INT)
		return to_real(a) == to_real(b);
	/* Large integers differ that round to the same double. */
	return real->real == (double)other->integer && real->real < INT_LIMIT && (int64_t)real->real == other->integer;
}

/* The value of that key, which may have any kind; NULL if there is none. `hint` is where it may be. */
static const struct node *find(const struct node *map, const struct node *key, size_t hint)
{
	if (hint < map->count && arithmetic_equal(map->keys[hint], key))
		return map->items[hint];
	for (size_t i = 0; i < map->count; i++)
		if (arithmetic_equal(map->keys[i], key))
			return map->items[i];
	return NULL;
}

static bool collections_equal(const struct node *a, const struct node *b)
{
	if (a->count != b->count || a->sequence != b->sequence)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct node *other = a->kind == NODE_MAP ? find(b, a->keys[i], i) : b->items[i];

		if (!other || !arithmetic_equal(a->items[i], other))
			return false;
	}
	return true;
}

bool arithmetic_equal(const struct node *a, const struct node *b)
{
	if (arithmetic_is_number(a) && arithmetic_is_number(b))
		return numbers_equal(a, b);
	if (a->kind != b->kind)
		return false;
	if (a->kind == NODE_LIST || a->kind == NODE_MAP)
		return collections_equal(a, b);
	return a->kind == NODE_NULL || strcmp(a->text, b->text) == 0;
}

/* The digit of a number's text that is worth 10^place. */
static int digit_at(const char *digits, size_t length, size_t place)
{
	return place < length ? digits[length - 1 - place] - '0' : 0;
}

/* How the magnitudes compare; neither begins with a 0 that is not alone. */
static int compare_digits(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b);

	return m != n ? (m < n ? -1 : 1) : strcmp(a, b);
}

/* a + b, or a - b for a >= b, of decimal digits. New string. */
static char *combine_digits(const char *a, const char *b, bool add)
{
	size_t m = strlen(a), n = strlen(b), places = MAX(m, n) + 1;
	char *out = g_malloc(places + 1), *start = out;
	int carry = 0;

	out[places] = '\0';
	for (size_t i = 0; i < places; i++) {
		int other = digit_at(b, n, i) + carry;
		int sum = digit_at(a, m, i) + (add ? other : -other);

		carry = add ? sum > 9 : sum < 0;
		out[places - 1 - i] = (char)('0' + (sum + 10) % 10);
	}
	while (*start == '0' && start[1])
		start++;
	memmove(out, start, strlen(start) + 1);
	return out;
}

/* a - b of integers as text. New string. */
static char *subtract_text(const char *a, const char *b)
{
	bool minus_a = *a == '-', minus_b = *b == '-', minus;
	const char *x = a + minus_a, *y = b + minus_b;
	g_autofree char *digits = NULL;

	if (minus_a != minus_b) {
		digits = combine_digits(x, y, true);
		minus = minus_a;
	} else {
		bool swap = compare_digits(x, y) < 0;

		digits = swap ? combine_digits(y, x, false) : combine_digits(x, y, false);
		minus = minus_a != swap;
	}
	return g_strconcat(minus && strcmp(digits, "0") != 0 ? "-" : "", digits, NULL);
}

struct node *arithmetic_subtract(struct doc *doc, const struct node *a, const struct node *b)
{
	char left[INT_TEXT], right[INT_TEXT];
	g_autofree char *text = NULL;
	struct node *result;
	gint64 small;

	if (a->kind == NODE_FLOAT || b->kind == NODE_FLOAT)
		return node_float(doc, to_real(a) - to_real(b));
	text = subtract_text(integer_text(a, left), integer_text(b, right));
	if (g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &small, NULL))
		return node_int(doc, small);
	result = doc_node(doc, NODE_BIGINT);
	result->text = doc_text(doc, text, strlen(text));
	return result;
}
