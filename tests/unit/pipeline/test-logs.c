#include "pipeline/logs.h"

#include "../tap.h"
#include "base/path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const commands[] = {"true", "echo a", NULL};

/* What the log of a stage with these commands holds if it prints nothing. */
#define SILENT "> true\n> echo a\n"

static struct logs *open_logs(void)
{
	g_autoptr(GError) error = NULL;
	struct logs *logs = logs_open(tap_tmpdir(), &error);

	g_assert_no_error(error);
	return logs;
}

static void put(const char *path, const char *text)
{
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void names(void)
{
	autoptr(logs) logs = open_logs();
	g_autofree char *one = logs_take(logs, "sub/mlv.yaml:tr\nain@\xc3\xa9"), *other = logs_take(logs, "train");
	g_autofree char *address = g_strnfill(4000, 'a'), *longest = logs_take(logs, address);
	g_autofree char *dir = path_join(tap_tmpdir(), "logs/sub_mlv.yaml_tr_ain@__.");

	g_assert_true(g_str_has_prefix(one, dir));
	g_assert_true(g_str_has_suffix(one, ".log"));
	g_assert_cmpstr(one, !=, other);
	put(longest, "x");
	unlink(longest);
}

/* The file of a stage that printed nothing becomes the log of the next, and goes in the end. */
static void silent_ones_are_used_again(void)
{
	struct logs *logs = open_logs();
	g_autofree char *first = logs_take(logs, "first"), *second = NULL, *third = NULL;
	struct stat was, is;

	put(first, SILENT);
	g_assert_cmpint(stat(first, &was), ==, 0);
	logs_give_back(logs, first, commands);
	second = logs_take(logs, "second");
	g_assert_false(exists(first));
	g_assert_cmpint(stat(second, &is), ==, 0);
	g_assert_cmpuint(was.st_ino, ==, is.st_ino);
	third = logs_take(logs, "third");
	g_assert_false(exists(third));
	logs_give_back(logs, second, commands);
	logs_free(logs);
	g_assert_false(exists(second));
}

static void others_stay(void)
{
	struct logs *logs = open_logs();
	g_autofree char *said = logs_take(logs, "said"), *gone = logs_take(logs, "gone"), *next = NULL;

	put(said, SILENT "a\n");
	logs_give_back(logs, said, commands);
	logs_give_back(logs, gone, commands);
	next = logs_take(logs, "next");
	g_assert_false(exists(next));
	logs_free(logs);
	g_assert_true(exists(said));
}

static void old_ones_go(void)
{
	autoptr(logs) logs = open_logs();
	g_autofree char *old = logs_take(logs, "old"), *recent = logs_take(logs, "recent");
	const gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	const struct timespec past[2] = {{.tv_sec = now - 31 * 24 * 3600}, {.tv_sec = now - 31 * 24 * 3600}};
	autoptr(logs) again = NULL;

	put(old, "x");
	put(recent, "x");
	g_assert_cmpint(utimensat(AT_FDCWD, old, past, 0), ==, 0);
	again = open_logs();
	g_assert_false(exists(old));
	g_assert_true(exists(recent));
}

static void tails(void)
{
	autoptr(logs) logs = open_logs();
	g_autofree char *path = logs_take(logs, "tail"), *none = logs_tail(path), *empty = NULL, *some = NULL, *end = NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	g_assert_null(none);
	put(path, "\n\n");
	empty = logs_tail(path);
	g_assert_null(empty);
	put(path, "one\ntwo\n\n");
	some = logs_tail(path);
	g_assert_cmpstr(some, ==, "one\ntwo");
	for (int i = 0; i < 5000; i++)
		g_string_append_printf(text, "%d\n", i);
	put(path, text->str);
	end = logs_tail(path);
	g_assert_cmpstr(end, ==, "4990\n4991\n4992\n4993\n4994\n4995\n4996\n4997\n4998\n4999");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/logs/names", names);
	g_test_add_func("/logs/silent-ones-are-used-again", silent_ones_are_used_again);
	g_test_add_func("/logs/others-stay", others_stay);
	g_test_add_func("/logs/old-ones-go", old_ones_go);
	g_test_add_func("/logs/tails", tails);
	return g_test_run();
}
