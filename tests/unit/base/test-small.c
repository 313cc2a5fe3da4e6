/* The units too small for a program of their own: hex, clock, stamp, watch, trace. */
#include "base/clock.h"
#include "base/hex.h"
#include "base/stamp.h"
#include "base/trace.h"
#include "base/watch.h"

#include "../tap.h"

#include <string.h>
#include <sys/stat.h>

static void hex_round_trip(void)
{
	uint8_t bytes[256], back[256];
	char text[513];

	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	hex_encode(text, bytes, 256);
	g_assert_cmpuint(strlen(text), ==, 512);
	g_assert_true(g_str_has_prefix(text, "000102"));
	g_assert_true(g_str_has_suffix(text, "fdfeff"));
	g_assert_true(hex_decode(back, text, 256));
	g_assert_cmpmem(bytes, 256, back, 256);
	g_assert_true(hex_decode(back, "aBCdEF", 3));
	g_assert_cmpmem(back, 3, "\xab\xcd\xef", 3);
	hex_encode(text, bytes, 0);
	g_assert_cmpstr(text, ==, "");
}

static void hex_refuses_the_rest(void)
{
	uint8_t out[8];

	for (int c = 0; c < 256; c++) {
		char text[3] = {'0', (char)c, '\0'};

		g_assert_cmpint(hex_decode(out, text, 1), ==, c != 0 && strchr("0123456789abcdefABCDEF", c) != NULL);
	}
	/* Too short a text ends at its NUL. */
	g_assert_false(hex_decode(out, "", 4));
	g_assert_false(hex_decode(out, "abc", 2));
}

static void clock_agrees_with_files(void)
{
	int64_t before = clock_file_now(), steady = clock_steady_us();
	struct stat st;

	g_assert_true(g_file_set_contents("clocked", "x", 1, NULL));
	g_assert_cmpint(stat("clocked", &st), ==, 0);
	/* What is written later never looks older. The other bound is precise, as stamps may be since Linux 6.13. */
	g_assert_cmpint(stamp_of(&st).mtime_ns, >=, before);
	g_assert_cmpint(stamp_of(&st).mtime_ns / 1000, <=, g_get_real_time());
	g_assert_cmpint(clock_steady_us(), >=, steady);
}

static void stamp_sees_every_change(void)
{
	struct stat st = {.st_dev = 1, .st_ino = 2, .st_size = 3, .st_mode = S_IFREG | 0644, .st_nlink = 1};
	struct stamp a, b;

	st.st_mtim = (struct timespec){4, 5};
	st.st_ctim = (struct timespec){-6, 7};
	a = b = stamp_of(&st);
	g_assert_cmpint(a.mtime_ns, ==, 4000000005);
	g_assert_cmpint(a.ctime_ns, ==, -5999999993);
	g_assert_true(stamp_same(&a, &b));
	b.mode = S_IFREG | 0755;
	b.nlink = 2;
	g_assert_true(stamp_same(&a, &b));
	b.mode = S_IFLNK | 0644;
	g_assert_false(stamp_same(&a, &b));
	b = a;
	b.size++;
	g_assert_false(stamp_same(&a, &b));
	b = a;
	b.mtime_ns++;
	g_assert_false(stamp_same(&a, &b));
	b = a;
	b.ctime_ns++;
	g_assert_false(stamp_same(&a, &b));
	g_assert_true(stamp_same_file(&a, &b));
	b.ino++;
	g_assert_false(stamp_same(&a, &b));
	g_assert_false(stamp_same_file(&a, &b));
	b = a;
	b.dev++;
	g_assert_false(stamp_same_file(&a, &b));
}

/* A watch that writes down what it is told. */
struct recorder {
	struct watch watch;
	GString *log;
};

static void record_begin(struct watch *watch, const char *what, uint64_t items, uint64_t bytes)
{
	g_string_append_printf(((struct recorder *)watch)->log, "begin %s %d %d;", what, (int)items, (int)bytes);
}

static void record_advance(struct watch *watch, const char *name, uint64_t items, uint64_t bytes)
{
	g_string_append_printf(((struct recorder *)watch)->log, "advance %s %d %d;", name, (int)items, (int)bytes);
}

static void record_end(struct watch *watch)
{
	g_string_append(((struct recorder *)watch)->log, "end;");
}

static void record_warn(struct watch *watch, const char *line)
{
	g_string_append_printf(((struct recorder *)watch)->log, "warn %s;", line);
}

static void record_start(struct watch *watch, const char *name)
{
	g_string_append_printf(((struct recorder *)watch)->log, "start %s;", name);
}

static void record_retry(struct watch *watch, const char *name, const char *reason)
{
	g_string_append_printf(((struct recorder *)watch)->log, "retry %s %s;", name, reason);
}

static void watch_passes_on(void)
{
	g_autoptr(GString) log = g_string_new(NULL);
	struct recorder recorder = {
		{record_begin, record_advance, record_end, record_warn, record_start, record_retry}, log};

	watch_begin(&recorder.watch, "Adding", 2, 30);
	watch_start(&recorder.watch, "x");
	watch_retry(&recorder.watch, "x", "cut");
	watch_advance(&recorder.watch, "x", 1, 10);
	watch_warn(&recorder.watch, "odd %s", "thing");
	watch_end(&recorder.watch);
	g_assert_cmpstr(log->str, ==, "begin Adding 2 30;start x;retry x cut;advance x 1 10;warn odd thing;end;");
	/* who does not care need not listen */
	recorder.watch.start = NULL;
	recorder.watch.retry = NULL;
	watch_start(&recorder.watch, "x");
	watch_retry(&recorder.watch, "x", "cut");
}

static void no_watch_swallows(void)
{
	watch_begin(NULL, "Adding", 1, 1);
	watch_start(NULL, "x");
	watch_retry(NULL, "x", "cut");
	watch_advance(NULL, "x", 1, 1);
	watch_warn(NULL, "%s", "x");
	watch_end(NULL);
}

/* Run this program again for the test `path` with GIT_MLV_TRACE set. */
static void with_trace(const char *value, const char *path)
{
	g_setenv("GIT_MLV_TRACE", value, TRUE);
	g_test_trap_subprocess(path, 0, 0);
	g_unsetenv("GIT_MLV_TRACE");
	g_test_trap_assert_passed();
}

static void trace_child(void)
{
	bool expected = g_str_equal(g_getenv("GIT_MLV_TRACE"), "1");

	g_assert_cmpint(trace_on(), ==, expected);
	trace("store", "put '%s'", "a\nb\033[0m");
}

static void trace_to_stderr(void)
{
	with_trace("1", "/trace/to-stderr/subprocess");
	g_test_trap_assert_stderr("*??:??:??.?????? store: put 'a?b?[0m'\n*");
}

static void trace_off(void)
{
	with_trace("0", "/trace/to-stderr/subprocess");
	g_test_trap_assert_stderr_unmatched("*store*");
	with_trace("", "/trace/to-stderr/subprocess");
	g_test_trap_assert_stderr_unmatched("*store*");
}

static void trace_file_child(void)
{
	g_assert_true(trace_on());
	trace("a", "one");
	trace("b", "two");
}

static void trace_to_file(void)
{
	g_autofree char *path = g_build_filename(tap_tmpdir(), "trace", NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	g_assert_true(g_file_set_contents(path, "before\n", -1, NULL));
	with_trace(path, "/trace/to-file/subprocess");
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 4);
	g_assert_cmpstr(lines[0], ==, "before");
	g_assert_true(g_str_has_suffix(lines[1], " a: one"));
	g_assert_true(g_str_has_suffix(lines[2], " b: two"));
	g_assert_cmpstr(lines[3], ==, "");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/hex/round-trip", hex_round_trip);
	g_test_add_func("/hex/refuses-the-rest", hex_refuses_the_rest);
	g_test_add_func("/clock/agrees-with-files", clock_agrees_with_files);
	g_test_add_func("/stamp/sees-every-change", stamp_sees_every_change);
	g_test_add_func("/watch/passes-on", watch_passes_on);
	g_test_add_func("/watch/no-watch-swallows", no_watch_swallows);
	g_test_add_func("/trace/to-stderr", trace_to_stderr);
	g_test_add_func("/trace/to-stderr/subprocess", trace_child);
	g_test_add_func("/trace/off", trace_off);
	g_test_add_func("/trace/to-file", trace_to_file);
	g_test_add_func("/trace/to-file/subprocess", trace_file_child);
	return g_test_run();
}
