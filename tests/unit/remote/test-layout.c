#include "../tap.h"
#include "remote/layout.h"
#include "remote/rate.h"

#include <string.h>

static struct oid oid_of(enum oid_algo algo, const char *text)
{
	struct oid oid;
	g_assert_true(oid_parse(&oid, algo, text, NULL));
	return oid;
}

static void keys_are_dvcs(void)
{
	static const struct {
		enum oid_algo algo;
		const char *text, *key;
	} cases[] = {
		{OID_MD5, "b1946ac92492d2347c6235b4d2611184", "files/md5/b1/946ac92492d2347c6235b4d2611184"},
		{OID_MD5, "404dc319148f25bad2d86209a9644b47.dir", "files/md5/40/4dc319148f25bad2d86209a9644b47.dir"},
		{OID_MD5_2X, "dd8c6a395b5dd36c56d23275028f526c", "dd/8c6a395b5dd36c56d23275028f526c"},
		{OID_MD5_2X, "dd8c6a395b5dd36c56d23275028f526c.dir", "dd/8c6a395b5dd36c56d23275028f526c.dir"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct oid oid = oid_of(cases[i].algo, cases[i].text), back;
		g_autofree char *key = layout_key(&oid);
		g_assert_cmpstr(key, ==, cases[i].key);
		g_assert_true(layout_parse(key, &back));
		g_assert_true(oid_equal(&oid, &back));
	}
}

/* Whatever collection does not take for an object, it leaves alone. */
static void other_keys_are_none(void)
{
	static const char *const keys[] = {
		"",
		"files",
		"files/md5",
		"files/md5/",
		"files/md5/b1/",
		"files/md5/b1/946ac92492d2347c6235b4d261118",
		"files/md5/b1/946ac92492d2347c6235b4d2611184x",
		"files/md5/b1/946ac92492d2347c6235b4d2611184.dirx",
		"files/md5/B1/946ac92492d2347c6235b4d2611184",
		"files/md5/b19/46ac92492d2347c6235b4d2611184",
		"files/md5/b1/94/6ac92492d2347c6235b4d2611184",
		"files/sha256/b1/946ac92492d2347c6235b4d2611184",
		"files/md5-dos2unix/b1/946ac92492d2347c6235b4d2611184",
		"files/crc/b1/946ac92492d2347c6235b4d2611184",
		"runs/b1/946ac92492d2347c6235b4d2611184",
		"README.md",
		".mlv/trash/2024-01-31/b1/946ac92492d2347c6235b4d2611184",
	};
	struct oid oid;
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		g_assert_false(layout_parse(keys[i], &oid));
}

static void prefixes_cover_everything(void)
{
	g_autofree char *first = layout_prefix(OID_SHA256, 0);
	g_assert_cmpstr(first, ==, "files/sha256/00/");
	g_autofree char *last = layout_prefix(OID_MD5_2X, LAYOUT_PREFIXES - 1);
	g_assert_cmpstr(last, ==, "ff/");
}

static void trash_keys_go_both_ways(void)
{
	char day[11];
	g_autofree char *key = layout_trash_key("files/md5/b1/94", "2024-01-31");
	g_assert_cmpstr(key, ==, ".mlv/trash/2024-01-31/files/md5/b1/94");
	g_assert_cmpstr(layout_trash_parse(key, day), ==, "files/md5/b1/94");
	g_assert_cmpstr(day, ==, "2024-01-31");
	g_assert_null(layout_trash_parse(".mlv/trash/2024-01-31", day));
	g_assert_null(layout_trash_parse(".mlv/trash/2024-01-31/", day));
	g_assert_null(layout_trash_parse(".mlv/trash/yesterday!/x", day));
	g_assert_null(layout_trash_parse("files/md5/b1/94", day));
}

static void rate_lets_a_burst_through_and_then_spreads(void)
{
	autoptr(rate) rate = rate_new(1000);
	int64_t now = 10000000;
	g_assert_cmpint(rate_take(rate, 500, now), ==, 0);
	g_assert_cmpint(rate_take(rate, 500, now), ==, 500000);
	g_assert_cmpint(rate_take(rate, 1000, now), ==, 1500000);
	/* a long pause saves up no more than half a second */
	now += 3600 * (int64_t)1000000;
	g_assert_cmpint(rate_take(rate, 1500, now), ==, 1000000);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/layout/keys-are-dvcs", keys_are_dvcs);
	g_test_add_func("/layout/other-keys-are-none", other_keys_are_none);
	g_test_add_func("/layout/prefixes-cover-everything", prefixes_cover_everything);
	g_test_add_func("/layout/trash-keys-go-both-ways", trash_keys_go_both_ways);
	g_test_add_func("/rate/lets-a-burst-through-and-then-spreads", rate_lets_a_burst_through_and_then_spreads);
	return g_test_run();
}
