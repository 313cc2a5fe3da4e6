#include "../tap.h"

#include "base/clock.h"
#include "view/progress.h"
#include "view/text.h"

#define GIB (1ULL << 30)

static void check_line(const struct progress_state *state, unsigned width, const char *expected)
{
	g_autoptr(GString) line = g_string_new(NULL);

	progress_line(line, state, width);
	g_assert_cmpstr(line->str, ==, expected);
	g_assert_cmpuint(text_width(line->str), <=, width);
}

static void says_all_it_knows(void)
{
	struct progress_state state = {
		.what = "Adding",
		.name = "data/b.bin",
		.items = 12,
		.items_total = 30,
		.bytes = GIB,
		.bytes_total = 4 * GIB,
		.elapsed_us = 9 * G_USEC_PER_SEC,
		.rate = GIB / 4,
	};

	check_line(&state, 200, "Adding  25% (12/30), 1.0 GiB of 4.0 GiB, 256 MiB/s, 0:12 left: data/b.bin");
	check_line(&state, 72, "Adding  25% (12/30), 1.0 GiB of 4.0 GiB, 256 MiB/s, 0:12 left: …ta/b.bin");
	check_line(&state, 66, "Adding  25% (12/30), 1.0 GiB of 4.0 GiB, 256 MiB/s, 0:12 left");
	check_line(&state, 10, "…0:12 left");
	check_line(&state, 0, "");
}

static void says_no_more_than_it_knows(void)
{
	struct progress_state state = {.what = "Scanning", .items = 7};

	check_line(&state, 80, "Scanning 7");
	state = (struct progress_state){.what = "Scanning"};
	check_line(&state, 80, "Scanning");
	state = (struct progress_state){.what = "Hashing", .bytes = 2048};
	check_line(&state, 80, "Hashing, 2.0 KiB");
}

static void time_left_comes_from_items_where_bytes_are_unknown(void)
{
	struct progress_state state = {
		.what = "Checking", .items = 10, .items_total = 40, .elapsed_us = 20 * G_USEC_PER_SEC};

	check_line(&state, 80, "Checking  25% (10/40), 1:00 left");
	state.items = 40;
	check_line(&state, 80, "Checking 100% (40/40)");
	/* More than announced is no more than all. */
	state.items = 50;
	check_line(&state, 80, "Checking 100% (50/40)");
}

static void hostile_names_are_quoted(void)
{
	struct progress_state state = {.what = "Adding", .name = "a\033[2J", .items = 1};

	check_line(&state, 80, "Adding 1: \"a\\033[2J\"");
}

static void tells_of_retries_and_of_what_is_under_way(void)
{
	struct progress_state state = {.what = "Sending", .name = "data/b.bin", .items = 3, .retries = 1};

	check_line(&state, 80, "Sending 3, 1 retry: data/b.bin");
	state.retries = 2;
	state.others = 7;
	check_line(&state, 80, "Sending 3, 2 retries: data/b.bin and 7 more");
	check_line(&state, 41, "Sending 3, 2 retries: …a/b.bin and 7 more");
	check_line(&state, 40, "Sending 3, 2 retries");
}

/* Everything that was drawn since the file was made. New string. */
static char *read_all(FILE *err)
{
	long length = ftell(err);
	char *text = g_malloc0(length + 1);

	rewind(err);
	g_assert_cmpint(fread(text, 1, length, err), ==, length);
	return text;
}

static void names_what_began_first(void)
{
	FILE *err = tmpfile();
	struct watch *watch = progress_new(err, true, false);
	g_autofree char *text = NULL;

	watch_begin(watch, "Sending", 3, 0);
	watch_start(watch, "large");
	watch_start(watch, "small");
	watch_start(watch, "other");
	watch_advance(watch, "small", 1, 10);
	watch_retry(watch, "large", "reset by peer");
	g_usleep(1100000);
	watch_advance(watch, NULL, 0, 10);
	progress_free(watch);
	text = read_all(err);
	g_assert_nonnull(strstr(text, "1 retry: large and 1 more"));
	fclose(err);
}

static void draws_nothing_in_the_first_second(void)
{
	FILE *err = tmpfile();
	struct watch *watch = progress_new(err, true, false);

	watch_begin(watch, "Adding", 10, 0);
	for (int i = 0; i < 10; i++)
		watch_advance(watch, "x", 1, 100);
	watch_end(watch);
	watch_advance(watch, "x", 1, 100);
	progress_free(watch);
	g_assert_cmpint(ftell(err), ==, 0);
	fclose(err);
}

static void draws_rarely_and_cleans_up(void)
{
	FILE *err = tmpfile();
	struct watch *watch = progress_new(err, true, false);
	g_autofree char *text = NULL;
	int64_t began = clock_steady_us(), took;
	unsigned drawn = 0;

	watch_begin(watch, "Adding", 0, 0);
	for (int i = 0; i < 130; i++) {
		watch_advance(watch, "x", 1, 100);
		g_usleep(10000);
	}
	took = clock_steady_us() - began;
	watch_warn(watch, "odd");
	watch_end(watch);
	progress_free(watch);
	text = read_all(err);
	for (char *at = text; (at = strstr(at, "Adding")); at++)
		drawn++;
	/* Nothing in the first second, then at most ten a second, however long a busy machine let the loop take. */
	g_assert_cmpuint(drawn, >=, 1);
	g_assert_cmpint(drawn, <=, (took - 1000000) / 100000 + 1);
	g_assert_true(g_str_has_suffix(text, "\r\033[Kwarning: odd\n"));
	fclose(err);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/progress/says_all_it_knows", says_all_it_knows);
	g_test_add_func("/progress/says_no_more_than_it_knows", says_no_more_than_it_knows);
	g_test_add_func("/progress/time_left_comes_from_items_where_bytes_are_unknown",
			time_left_comes_from_items_where_bytes_are_unknown);
	g_test_add_func("/progress/hostile_names_are_quoted", hostile_names_are_quoted);
	g_test_add_func("/progress/tells_of_retries_and_of_what_is_under_way", tells_of_retries_and_of_what_is_under_way);
	g_test_add_func("/progress/names_what_began_first", names_what_began_first);
	g_test_add_func("/progress/draws_nothing_in_the_first_second", draws_nothing_in_the_first_second);
	g_test_add_func("/progress/draws_rarely_and_cleans_up", draws_rarely_and_cleans_up);
	return g_test_run();
}
