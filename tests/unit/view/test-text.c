#include "../tap.h"

#include "view/size.h"
#include "view/text.h"

static void sizes(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0 B"},
		{1, "1 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{1536, "1.5 KiB"},
		{10 * 1024, "10 KiB"},
		{1024 * 1024 - 1, "1.0 MiB"},
		{20ULL << 30, "20 GiB"},
		{5ULL << 40, "5.0 TiB"},
		{3ULL << 50, "3.0 PiB"},
		{UINT64_MAX, "16 EiB"},
	};
	char buffer[16];

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpstr(view_size(buffer, cases[i].bytes), ==, cases[i].text);
}

static void durations(void)
{
	char buffer[16];

	g_assert_cmpstr(view_duration(buffer, 0), ==, "0:00");
	g_assert_cmpstr(view_duration(buffer, 67), ==, "1:07");
	g_assert_cmpstr(view_duration(buffer, 3 * 3600 + 309), ==, "3:05:09");
	g_assert_cmpstr(view_duration(buffer, 100 * 3600), ==, "4d 04h");
	g_assert_cmpint(strlen(view_duration(buffer, UINT64_MAX)), <, sizeof(buffer));
}

static void widths(void)
{
	g_assert_cmpuint(text_width(""), ==, 0);
	g_assert_cmpuint(text_width("abc"), ==, 3);
	g_assert_cmpuint(text_width("ä…"), ==, 2);
	g_assert_cmpuint(text_width("e\xCC\x81"), ==, 1);
	g_assert_cmpuint(text_width("数据"), ==, 4);
	g_assert_cmpuint(text_width("\xFF\xFE"), ==, 2);
}

static void check_cut(const char *text, unsigned width, const char *expected)
{
	g_autoptr(GString) out = g_string_new(NULL);

	text_append_cut(out, text, width);
	g_assert_cmpstr(out->str, ==, expected);
	g_assert_cmpuint(text_width(out->str), <=, width);
}

static void cuts(void)
{
	check_cut("data/a.csv", 10, "data/a.csv");
	check_cut("data/a.csv", 6, "…a.csv");
	check_cut("data/a.csv", 1, "…");
	check_cut("data/a.csv", 0, "");
	check_cut("数据", 3, "…据");
	check_cut("数据", 2, "…");
	check_cut("\xFF\xFF\xFF", 2, "…\xFF");
}

static void control_characters_do_no_harm(void)
{
	g_autoptr(GString) out = g_string_new(NULL);

	text_append_safe(out, "a\tb\033[2J\r\x7F\xC2\x9B\xC2\x8A\xC3\xA9\nc\n", 2);
	g_assert_cmpstr(out->str, ==, "a\tb?[2J????\xC3\xA9\n  c");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/text/sizes", sizes);
	g_test_add_func("/text/durations", durations);
	g_test_add_func("/text/widths", widths);
	g_test_add_func("/text/cuts", cuts);
	g_test_add_func("/text/control_characters_do_no_harm", control_characters_do_no_harm);
	return g_test_run();
}
