#include "../tap.h"

#include "base/error.h"
#include "view/view.h"

#include <errno.h>

/* A view whose two streams are files that can be read back. */
struct fixture {
	FILE *out, *err;
	struct view *view;
};

static struct fixture set_up(enum view_colour colour)
{
	struct fixture f = {tmpfile(), tmpfile(), NULL};

	f.view = view_new(f.out, f.err, colour, false, 0, true);
	return f;
}

/* What a stream holds so far; new string. */
static char *written(FILE *stream)
{
	char *text;
	long length;

	fflush(stream);
	length = ftell(stream);
	text = g_malloc0(length + 1);
	rewind(stream);
	g_assert_cmpint(fread(text, 1, length, stream), ==, length);
	return text;
}

static void tear_down(struct fixture *f, const char *out, const char *err)
{
	g_autofree char *have_out = written(f->out), *have_err = written(f->err);

	g_assert_cmpstr(have_out, ==, out);
	g_assert_cmpstr(have_err, ==, err);
	g_assert_true(view_close(f->view));
	fclose(f->out);
	fclose(f->err);
}

static void plain_text_has_no_escapes(void)
{
	struct fixture f = set_up(VIEW_COLOUR_AUTO);

	g_assert_false(f.view->out_terminal);
	g_assert_false(f.view->progress);
	view_print(f.view, VIEW_ADDED, "%s", "new");
	view_print(f.view, VIEW_PLAIN, " %d\n", 7);
	tear_down(&f, "new 7\n", "");
}

static void one_log_for_both_keeps_the_order(void)
{
	FILE *out = fopen("log", "w"), *err = fopen("log", "a");
	struct view *view = view_new(out, err, VIEW_COLOUR_NEVER, false, 0, false);
	g_autofree char *text = NULL;

	view_print(view, VIEW_PLAIN, "first\n");
	view_note(view, "second");
	g_assert_true(view_close(view));
	fclose(out);
	fclose(err);
	g_assert_true(g_file_get_contents("log", &text, NULL, NULL));
	g_assert_cmpstr(text, ==, "first\nsecond\n");
}

static void colour_ends_where_it_should(void)
{
	struct fixture f = set_up(VIEW_COLOUR_ALWAYS);

	view_print(f.view, VIEW_ADDED, "new");
	view_print(f.view, VIEW_BAD, "%s", "");
	view_print(f.view, VIEW_PLAIN, "\n");
	tear_down(&f, "\033[32mnew\033[m\n", "");
}

static void paths_are_quoted_as_git_does(void)
{
	struct fixture f = set_up(VIEW_COLOUR_NEVER);

	view_path(f.view, VIEW_PLAIN, "a b", '\n');
	view_path(f.view, VIEW_PLAIN, "a\nb", -1);
	view_path(f.view, VIEW_PLAIN, "ä", '\t');
	f.view->ascii_paths = false;
	view_path(f.view, VIEW_PLAIN, "ä", '\n');
	tear_down(&f, "a b\n\"a\\nb\"\"\\303\\244\"\tä\n", "");
}

static void nul_terminated_paths_are_raw(void)
{
	struct fixture f = set_up(VIEW_COLOUR_ALWAYS);

	view_path(f.view, VIEW_ADDED, "a\n\"b", '\0');
	fflush(f.out);
	g_assert_cmpint(ftell(f.out), ==, 5);
	tear_down(&f, "a\n\"b", "");
}

static void messages_have_prefixes_and_hints(void)
{
	struct fixture f = set_up(VIEW_COLOUR_NEVER);
	g_autoptr(GError) error = NULL;

	error_set(&error, ERROR_FAILED, "first\nsecond\033[31m\n");
	error_hint(&error, "run `it`");
	view_note(f.view, "%d done", 3);
	view_warn(f.view, "odd");
	view_error(f.view, error);
	view_fatal(f.view, error);
	tear_down(&f, "",
		  "3 done\nwarning: odd\nerror: first\n  second?[31m\nhint: run `it`\n"
		  "fatal: first\n  second?[31m\nhint: run `it`\n");
}

static void quiet_drops_notes_only(void)
{
	struct fixture f = set_up(VIEW_COLOUR_NEVER);

	view_set_volume(f.view, true, 0, true);
	view_note(f.view, "not seen");
	view_warn(f.view, "seen");
	watch_warn(f.view->watch, "%s", "seen too");
	tear_down(&f, "", "warning: seen\nwarning: seen too\n");
}

static void without_a_terminal_nobody_said_yes(void)
{
	struct fixture f = set_up(VIEW_COLOUR_NEVER);

	g_assert_false(view_confirm(f.view, "really?"));
	tear_down(&f, "", "");
}

static void count_call(void *user)
{
	++*(int *)user;
}

static void first_output_is_told_once(void)
{
	struct fixture f = set_up(VIEW_COLOUR_NEVER);
	int calls = 0;

	f.view->first_output = count_call;
	f.view->first_output_user = &calls;
	view_note(f.view, "not output");
	g_assert_cmpint(calls, ==, 0);
	view_write(f.view, "a", 1);
	view_write(f.view, "b", 1);
	g_assert_cmpint(calls, ==, 1);
	tear_down(&f, "ab", "not output\n");
}

static void a_full_disk_is_told(void)
{
	FILE *full = fopen("/dev/full", "w");
	struct view *view;

	if (!full) {
		g_test_skip("no /dev/full");
		return;
	}
	view = view_new(full, stderr, VIEW_COLOUR_NEVER, false, 0, true);
	/* The buffer overflows before the end, so the cause must be kept. */
	for (int i = 0; i < 10000; i++)
		view_print(view, VIEW_PLAIN, "%d\n", i);
	errno = 0;
	g_assert_false(view_close(view));
	g_assert_cmpint(errno, ==, ENOSPC);
	fclose(full);
}

static void a_broken_pipe_is_told(void)
{
	int fds[2];
	struct view *view;
	FILE *out;

	g_assert_cmpint(pipe(fds), ==, 0);
	close(fds[0]);
	out = fdopen(fds[1], "w");
	view = view_new(out, stderr, VIEW_COLOUR_NEVER, false, 0, true);
	view_print(view, VIEW_PLAIN, "text\n");
	g_assert_false(view_close(view));
	g_assert_cmpint(errno, ==, EPIPE);
	fclose(out);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/view/plain_text_has_no_escapes", plain_text_has_no_escapes);
	g_test_add_func("/view/one-log", one_log_for_both_keeps_the_order);
	g_test_add_func("/view/colour_ends_where_it_should", colour_ends_where_it_should);
	g_test_add_func("/view/paths_are_quoted_as_git_does", paths_are_quoted_as_git_does);
	g_test_add_func("/view/nul_terminated_paths_are_raw", nul_terminated_paths_are_raw);
	g_test_add_func("/view/messages_have_prefixes_and_hints", messages_have_prefixes_and_hints);
	g_test_add_func("/view/quiet_drops_notes_only", quiet_drops_notes_only);
	g_test_add_func("/view/without_a_terminal_nobody_said_yes", without_a_terminal_nobody_said_yes);
	g_test_add_func("/view/first_output_is_told_once", first_output_is_told_once);
	g_test_add_func("/view/a_full_disk_is_told", a_full_disk_is_told);
	g_test_add_func("/view/a_broken_pipe_is_told", a_broken_pipe_is_told);
	return g_test_run();
}
