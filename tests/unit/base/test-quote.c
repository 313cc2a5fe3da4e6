#include "base/error.h"
#include "base/quote.h"

#include "../tap.h"

#include <string.h>

static char *quoted(const char *text, bool ascii)
{
	GString *out = g_string_new(NULL);

	quote_append(out, text, ascii);
	return g_string_free(out, FALSE);
}

static void plain_text_stays(void)
{
	static const char *const cases[] = {"", "a b", "a'b", "\xc3\xa4", "\xff", "$(x)", "~"};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *out = quoted(cases[i], false);

		g_assert_cmpstr(out, ==, cases[i]);
	}
}

static void escapes_as_git_does(void)
{
	static const struct {
		const char *text;
		bool ascii;
		const char *result;
	} cases[] = {
		{"a\"b", false, "\"a\\\"b\""},
		{"a\\b", false, "\"a\\\\b\""},
		{"\a\b\t\n\v\f\r", false, "\"\\a\\b\\t\\n\\v\\f\\r\""},
		{"\001\033\177", false, "\"\\001\\033\\177\""},
		{"\xc3\xa4\n", false, "\"\xc3\xa4\\n\""},
		{"\xc3\xa4", true, "\"\\303\\244\""},
		{"x\xff", true, "\"x\\377\""},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *out = quoted(cases[i].text, cases[i].ascii);

		g_assert_cmpstr(out, ==, cases[i].result);
	}
}

static void appends_behind_what_is_there(void)
{
	g_autoptr(GString) out = g_string_new("x ");

	quote_append(out, "a\nb", false);
	g_assert_cmpstr(out->str, ==, "x \"a\\nb\"");
}

static void every_byte_comes_back(void)
{
	char all[256];

	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	for (int ascii = 0; ascii < 2; ascii++) {
		g_autofree char *out = quoted(all, ascii);
		g_autoptr(GError) error = NULL;
		g_autofree char *back = quote_decode(out, strlen(out), &error);

		g_assert_no_error(error);
		g_assert_cmpstr(back, ==, all);
		for (int i = 0; i < 255; i++) {
			char one[2] = {all[i], '\0'};
			g_autofree char *single = quoted(one, ascii);
			g_autofree char *decoded = quote_decode(single, strlen(single), NULL);

			g_assert_cmpstr(decoded, ==, one);
		}
	}
}

static void messages_cannot_harm_a_terminal(void)
{
	static const char *const shown_as_is[] = {"\xc3\xa4", "\xf0\x9f\x98\x80", "a b"};
	static const char *const quoted_ones[] = {"\xff",
						  "\xc2\x9b"
						  "31m",
						  "\xe2\x80\xae"
						  "txt",
						  "\xe2\x81\xa6",
						  "\033[0m",
						  "a\xed\xa0\x80"};

	for (size_t i = 0; i < G_N_ELEMENTS(shown_as_is); i++) {
		g_autofree char *out = quote_path(shown_as_is[i]);

		g_assert_cmpstr(out, ==, shown_as_is[i]);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(quoted_ones); i++) {
		g_autofree char *out = quote_path(quoted_ones[i]);
		g_autofree char *back = quote_decode(out, strlen(out), NULL);

		g_assert_true(g_str_is_ascii(out));
		g_assert_cmpint(out[0], ==, '"');
		g_assert_cmpstr(back, ==, quoted_ones[i]);
	}
}

static void decodes_only_up_to_length(void)
{
	g_autofree char *plain = quote_decode("abcdef", 3, NULL);
	g_autofree char *inside = quote_decode("a\"b\\", 4, NULL);
	g_autofree char *empty = quote_decode("", 0, NULL);
	g_autofree char *octal = quote_decode("\"\\101\"", 6, NULL);

	g_assert_cmpstr(plain, ==, "abc");
	g_assert_cmpstr(inside, ==, "a\"b\\");
	g_assert_cmpstr(empty, ==, "");
	g_assert_cmpstr(octal, ==, "A");
}

static void refuses_broken_quoting(void)
{
	static const char *const cases[] = {
		"\"",       "\"a",       "\"a\\",     "\"a\\\"",   "\"\\q\"",   "\"a\"b", "\"\\1\"",
		"\"\\18\"", "\"\\000\"", "\"\\400\"", "\"\\08a\"", "\"\\777\"", "\"a\" ",
	};
	g_autoptr(GError) nul = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(quote_decode(cases[i], strlen(cases[i]), &error));
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	}
	g_assert_null(quote_decode("a\0b", 3, &nul));
	g_assert_error(nul, MLV_ERROR, ERROR_CORRUPT);
}

/* Random bytes decode to an error or to text that quotes and decodes to itself. */
static void survives_any_bytes(void)
{
	static const char alphabet[] = "\"\\\\\\01237nqx\n\xff";

	for (int i = 0; i < 20000; i++) {
		char text[16] = "\"";
		int length = g_test_rand_int_range(0, sizeof(text));
		g_autofree char *decoded = NULL;

		for (int k = 1; k < length; k++)
			text[k] = alphabet[g_test_rand_int_range(0, sizeof(alphabet))];
		decoded = quote_decode(text, (gsize)length, NULL);
		if (decoded) {
			g_autofree char *again = quoted(decoded, true);
			g_autofree char *back = quote_decode(again, strlen(again), NULL);

			g_assert_cmpstr(back, ==, decoded);
		}
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/quote/plain-text-stays", plain_text_stays);
	g_test_add_func("/quote/escapes-as-git-does", escapes_as_git_does);
	g_test_add_func("/quote/appends-behind-what-is-there", appends_behind_what_is_there);
	g_test_add_func("/quote/every-byte-comes-back", every_byte_comes_back);
	g_test_add_func("/quote/messages-cannot-harm-a-terminal", messages_cannot_harm_a_terminal);
	g_test_add_func("/quote/decodes-only-up-to-length", decodes_only_up_to_length);
	g_test_add_func("/quote/refuses-broken-quoting", refuses_broken_quoting);
	g_test_add_func("/quote/survives-any-bytes", survives_any_bytes);
	return g_test_run();
}
