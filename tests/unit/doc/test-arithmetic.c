#include "../tap.h"

#include "doc/arithmetic.h"
#include "doc/json.h"
#include "doc/python.h"
#include "doc/repr.h"

/* The value of a Python literal. */
static const struct node *value(struct doc **doc, const char *literal)
{
	g_autofree char *text = g_strconcat("x = ", literal, NULL);
	g_autoptr(GError) error = NULL;

	*doc = python_read(text, strlen(text), "x.py", &error);
	g_assert_no_error(error);
	g_assert_cmpuint((*doc)->root->count, ==, 1);
	return (*doc)->root->items[0];
}

static void assert_equal(const char *a, const char *b, bool expected)
{
	autoptr(doc) left = NULL;
	autoptr(doc) right = NULL;
	const struct node *x = value(&left, a), *y = value(&right, b);

	if (arithmetic_equal(x, y) != expected || arithmetic_equal(y, x) != expected)
		g_error("%s and %s", a, b);
}

static void equality(void)
{
	assert_equal("1", "1.0", true);
	assert_equal("True", "1", true);
	assert_equal("False", "0.0", true);
	assert_equal("9007199254740993", "9007199254740992.0", false);
	assert_equal("9223372036854775807", "9223372036854775808.0", false);
	assert_equal("9223372036854775808", "9223372036854775808.0", true);
	assert_equal("9223372036854775808", "9223372036854775808", true);
	assert_equal("9223372036854775808", "-9223372036854775808", false);
	assert_equal("'1'", "1", false);
	assert_equal("None", "None", true);
	assert_equal("None", "False", false);
	assert_equal("[1, {'a': 2}]", "[1.0, {'a': 2}]", true);
	assert_equal("[1]", "(1,)", false);
	assert_equal("[1]", "[1, 2]", false);
	assert_equal("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", true);
	assert_equal("{'a': 1}", "{'a': 1, 'b': 2}", false);
	assert_equal("{'a': 1}", "{'b': 1}", false);
	assert_equal("1e999", "1e999", true);
}

static void nan_equals_nothing(void)
{
	autoptr(doc) doc = doc_new();
	struct node *nan = node_float(doc, g_ascii_strtod("nan", NULL));

	g_assert_false(arithmetic_equal(nan, nan));
}

static void assert_difference(const char *a, const char *b, const char *expected)
{
	autoptr(doc) left = NULL;
	autoptr(doc) right = NULL;
	const struct node *x = value(&left, a), *y = value(&right, b);
	GString *text = json_write(arithmetic_subtract(left, x, y), JSON_COMPACT_PYTHON);

	g_assert_cmpstr(text->str, ==, expected);
	g_string_free(text, TRUE);
}

static void subtraction(void)
{
	assert_difference("3", "5", "-2");
	assert_difference("True", "False", "1");
	assert_difference("0.75", "0.5", "0.25");
	assert_difference("1", "0.5", "0.5");
	assert_difference("9223372036854775807", "-1", "9223372036854775808");
	assert_difference("-9223372036854775808", "1", "-9223372036854775809");
	assert_difference("100000000000000000000", "1", "99999999999999999999");
	assert_difference("1", "100000000000000000000", "-99999999999999999999");
	assert_difference("100000000000000000000", "99999999999999999999", "1");
	assert_difference("-100000000000000000000", "-100000000000000000000", "0");
	assert_difference("-100000000000000000000", "100000000000000000000", "-200000000000000000000");
	assert_difference("100000000000000000000", "0.5", "1e+20");
}

static void assert_repr(const char *literal, const char *expected)
{
	autoptr(doc) doc = NULL;
	GString *text = g_string_new(NULL);

	repr_append(text, value(&doc, literal));
	g_assert_cmpstr(text->str, ==, expected);
	g_string_free(text, TRUE);
}

static void representation(void)
{
	assert_repr("[1, 2.0, None, True, {'a': [], 1: ()}]", "[1, 2.0, None, True, {'a': [], 1: ()}]");
	assert_repr("(1,)", "(1,)");
	assert_repr("{1, 2}", "{1, 2}");
	assert_repr("set()", "set()");
	assert_repr("'it\\'s'", "\"it's\"");
	assert_repr("'it\\'s \"x\"'", "'it\\'s \"x\"'");
	assert_repr("'a\\\\\\n\\t\\x01\\xa0\\xe9\\u2028\\U0001F600'", "'a\\\\\\n\\t\\x01\\xa0\xC3\xA9\\u2028\xF0\x9F\x98\x80'");
	assert_repr("123456789012345678901234567890", "123456789012345678901234567890");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/doc/arithmetic/equality", equality);
	g_test_add_func("/doc/arithmetic/nan", nan_equals_nothing);
	g_test_add_func("/doc/arithmetic/subtraction", subtraction);
	g_test_add_func("/doc/repr", representation);
	return g_test_run();
}
