#include "base/error.h"
#include "hash/oid.h"

#include "../tap.h"

#include <string.h>

#define MD5_TEXT    "d41d8cd98f00b204e9800998ecf8427e"
#define SHA256_TEXT "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void algorithms_have_names(void)
{
	static const struct {
		enum oid_algo algo;
		const char *name;
		size_t length;
	} cases[] = {
		{OID_MD5, "md5", 16},
		{OID_SHA256, "sha256", 32},
		{OID_MD5_2X, "md5-dos2unix", 16},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_assert_cmpstr(oid_algo_name(cases[i].algo), ==, cases[i].name);
		g_assert_cmpint(oid_algo_named(cases[i].name), ==, cases[i].algo);
		g_assert_cmpuint(oid_digest_length(cases[i].algo), ==, cases[i].length);
	}
	g_assert_null(oid_algo_name(OID_NONE));
	g_assert_cmpuint(oid_digest_length(OID_NONE), ==, 0);
	g_assert_cmpint(oid_algo_named("MD5"), ==, OID_NONE);
	g_assert_cmpint(oid_algo_named(""), ==, OID_NONE);
	g_assert_cmpint(oid_algo_named(NULL), ==, OID_NONE);
}

static void text_round_trip(void)
{
	static const struct {
		enum oid_algo algo;
		const char *text;
	} cases[] = {
		{OID_MD5, MD5_TEXT},       {OID_MD5, MD5_TEXT ".dir"},       {OID_MD5_2X, MD5_TEXT},
		{OID_SHA256, SHA256_TEXT}, {OID_SHA256, SHA256_TEXT ".dir"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *upper = g_ascii_strup(cases[i].text, -1);
		g_autoptr(GError) error = NULL;
		char buffer[OID_TEXT_MAX];
		struct oid oid;

		oid_parse(&oid, cases[i].algo, cases[i].text, &error);
		g_assert_no_error(error);
		g_assert_cmpint(oid.dir, ==, g_str_has_suffix(cases[i].text, ".dir"));
		g_assert_true(oid_text(&oid, buffer) == buffer);
		g_assert_cmpstr(buffer, ==, cases[i].text);
		/* Upper-case digits are fine, an upper-case suffix is not. */
		g_assert_cmpint(oid_parse(&oid, cases[i].algo, upper, NULL), ==,
				!g_str_has_suffix(cases[i].text, ".dir"));
	}
}

static void refuses_other_text(void)
{
	static const struct {
		enum oid_algo algo;
		const char *text;
	} cases[] = {
		{OID_MD5, ""},
		{OID_MD5, "d41d"},
		{OID_MD5, "d41d8cd98f00b204e9800998ecf8427"},
		{OID_MD5, MD5_TEXT "0"},
		{OID_MD5, MD5_TEXT "."},
		{OID_MD5, MD5_TEXT ".dir2"},
		{OID_MD5, MD5_TEXT ".DIR"},
		{OID_MD5, " " MD5_TEXT},
		{OID_MD5, "g41d8cd98f00b204e9800998ecf8427e"},
		{OID_MD5, "../../../../etc/passwd"},
		{OID_SHA256, MD5_TEXT},
		{OID_MD5, SHA256_TEXT},
		{OID_NONE, MD5_TEXT},
		{OID_NONE, ""},
	};
	g_autofree char *endless = g_strnfill(1 << 20, 'a');
	g_autoptr(GError) long_error = NULL;
	struct oid oid;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(oid_parse(&oid, cases[i].algo, cases[i].text, &error));
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
		g_assert_true(oid_is_none(&oid));
	}
	g_assert_false(oid_parse(&oid, OID_MD5, endless, &long_error));
	g_assert_cmpuint(strlen(long_error->message), <, 500);
}

static void none_is_empty_text(void)
{
	struct oid none = {0};
	char buffer[OID_TEXT_MAX];

	g_assert_true(oid_is_none(&none));
	g_assert_cmpstr(oid_text(&none, buffer), ==, "");
}

static void compares_every_part(void)
{
	struct oid ordered[5];

	g_assert_true(oid_parse(&ordered[0], OID_MD5, MD5_TEXT, NULL));
	g_assert_true(oid_parse(&ordered[1], OID_MD5, MD5_TEXT ".dir", NULL));
	g_assert_true(oid_parse(&ordered[2], OID_MD5, "f41d8cd98f00b204e9800998ecf8427e", NULL));
	g_assert_true(oid_parse(&ordered[3], OID_SHA256, SHA256_TEXT, NULL));
	g_assert_true(oid_parse(&ordered[4], OID_MD5_2X, MD5_TEXT, NULL));
	for (int i = 0; i < 5; i++)
		for (int k = 0; k < 5; k++) {
			int order = oid_compare(&ordered[i], &ordered[k]);

			g_assert_cmpint((order > 0) - (order < 0), ==, (i > k) - (i < k));
			g_assert_cmpint(oid_equal(&ordered[i], &ordered[k]), ==, i == k);
		}
}

static void is_a_key(void)
{
	g_autoptr(GHashTable) table = g_hash_table_new(oid_hash, oid_equal_key);
	struct oid file, dir, again;

	g_assert_true(oid_parse(&file, OID_MD5, MD5_TEXT, NULL));
	g_assert_true(oid_parse(&dir, OID_MD5, MD5_TEXT ".dir", NULL));
	g_assert_true(oid_parse(&again, OID_MD5, MD5_TEXT, NULL));
	g_hash_table_add(table, &file);
	g_assert_true(g_hash_table_contains(table, &again));
	g_assert_false(g_hash_table_contains(table, &dir));
	g_hash_table_add(table, &dir);
	g_assert_cmpuint(g_hash_table_size(table), ==, 2);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/oid/algorithms-have-names", algorithms_have_names);
	g_test_add_func("/oid/text-round-trip", text_round_trip);
	g_test_add_func("/oid/refuses-other-text", refuses_other_text);
	g_test_add_func("/oid/none-is-empty-text", none_is_empty_text);
	g_test_add_func("/oid/compares-every-part", compares_every_part);
	g_test_add_func("/oid/is-a-key", is_a_key);
	return g_test_run();
}
