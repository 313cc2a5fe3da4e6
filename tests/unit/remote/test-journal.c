#include "../tap.h"
#include "base/file.h"
#include "remote/journal.h"
#include "remote/window.h"

#include <fcntl.h>
#include <string.h>

static int open_file(void)
{
	int fd = open("journal", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	g_assert_cmpint(fd, >=, 0);
	return fd;
}

static void joins_ranges(void)
{
	autoptr(journal) journal = journal_new(-1);
	g_assert_true(journal_is_empty(journal));
	journal_add(journal, 100, 50);
	g_assert_cmpuint(journal_prefix(journal), ==, 0);
	journal_add(journal, 0, 40);
	g_assert_cmpuint(journal_prefix(journal), ==, 40);
	journal_add(journal, 30, 70);
	g_assert_cmpuint(journal_prefix(journal), ==, 150);
	g_assert_true(journal_has(journal, 0, 150));
	g_assert_true(journal_has(journal, 149, 1));
	g_assert_false(journal_has(journal, 149, 2));
	g_assert_false(journal_has(journal, 150, 1));
	g_assert_true(journal_has(journal, 150, 0));
}

/* Against a plain array of bytes. */
static void agrees_with_a_map(void)
{
	for (int round = 0; round < 200; round++) {
		bool map[64] = {false};
		autoptr(journal) journal = journal_new(-1);
		for (int i = 0; i < 8; i++) {
			unsigned from = (unsigned)g_test_rand_int_range(0, 60);
			unsigned length = (unsigned)g_test_rand_int_range(1, 5);
			journal_add(journal, from, length);
			memset(map + from, true, length);
		}
		for (unsigned from = 0; from < 64; from++) {
			bool all = true;
			for (unsigned length = 1; from + length <= 64; length++) {
				all = all && map[from + length - 1];
				g_assert_cmpint(journal_has(journal, from, length), ==, all);
			}
		}
		const bool *gap = memchr(map, false, sizeof(map));
		g_assert_cmpuint(journal_prefix(journal), ==, gap ? (uint64_t)(gap - map) : 64);
	}
}

static void remembers(void)
{
	struct journal *journal = journal_new(open_file());
	journal_reset(journal, "\"v1\"");
	journal_add(journal, 0, 10);
	journal_add(journal, 20, 5);
	journal_free(journal);
	journal = journal_new(open_file());
	g_assert_cmpstr(journal_version(journal), ==, "\"v1\"");
	g_assert_cmpuint(journal_prefix(journal), ==, 10);
	g_assert_true(journal_has(journal, 20, 5));
	journal_add(journal, 10, 10);
	journal_free(journal);
	journal = journal_new(open_file());
	g_assert_cmpuint(journal_prefix(journal), ==, 25);
	journal_reset(journal, NULL);
	journal_free(journal);
	journal = journal_new(open_file());
	g_assert_true(journal_is_empty(journal));
	g_assert_null(journal_version(journal));
	journal_free(journal);
}

/* What a kill leaves: all that was noted, at most some MiB less than what came. */
static void notes_while_it_goes(void)
{
	int fd = open_file();
	struct journal *killed = journal_new(fd);
	for (uint64_t at = 0; at < 100; at++)
		journal_add(killed, at << 20, 1 << 20);
	autoptr(journal) next = journal_new(open_file());
	g_assert_cmpuint(journal_prefix(next), >=, (uint64_t)95 << 20);
	journal_free(killed);
}

static void takes_nothing_from_garbage(void)
{
	static const char *const texts[] = {
		"", "hello\n", "mlv-journal 1\nhave -5 10\n", "mlv-journal 1\nhave 0 0\n",
		"mlv-journal 1\nhave 9223372036854775807 18446744073709551615\n", "mlv-journal 1\nhave 1 2 3\n",
		"mlv-journal 1\nlove 1 2\n",
	};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		int fd = open_file();
		g_assert_cmpint(ftruncate(fd, 0), ==, 0);
		g_assert_true(file_write_all(fd, texts[i], strlen(texts[i]), NULL));
		autoptr(journal) journal = journal_new(fd);
		g_assert_true(journal_is_empty(journal));
	}
	int fd = open_file();
	const char *cut = "mlv-journal 1\nhave 0 7\nhave 7 1";
	g_assert_cmpint(ftruncate(fd, 0), ==, 0);
	g_assert_true(file_write_all(fd, cut, strlen(cut), NULL));
	autoptr(journal) journal = journal_new(fd);
	g_assert_cmpuint(journal_prefix(journal), ==, 7);
}

static void window_adapts(void)
{
	struct window window;
	window_init(&window, 32);
	for (int i = 0; i < 100; i++)
		window_grow(&window);
	g_assert_cmpuint(window_size(&window), ==, 32);
	window_halve(&window, 5000000);
	window_halve(&window, 5000100);
	g_assert_cmpuint(window_size(&window), ==, 16);
	for (int i = 0; i < 8; i++)
		window_grow(&window);
	g_assert_cmpuint(window_size(&window), ==, 16);
	for (int64_t second = 10; second < 30; second++)
		window_halve(&window, second * 1000000);
	g_assert_cmpuint(window_size(&window), ==, 1);
	window_init(&window, 0);
	g_assert_cmpuint(window_size(&window), ==, 1);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/journal/joins-ranges", joins_ranges);
	g_test_add_func("/journal/agrees-with-a-map", agrees_with_a_map);
	g_test_add_func("/journal/remembers", remembers);
	g_test_add_func("/journal/notes-while-it-goes", notes_while_it_goes);
	g_test_add_func("/journal/takes-nothing-from-garbage", takes_nothing_from_garbage);
	g_test_add_func("/window/adapts", window_adapts);
	return g_test_run();
}
