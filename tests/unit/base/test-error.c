#include "base/error.h"

#include "../tap.h"

#include <errno.h>

static void carries_code_and_text(void)
{
	g_autoptr(GError) error = NULL;

	error_set(&error, ERROR_CORRUPT, "object %d", 7);
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	g_assert_cmpstr(error->message, ==, "object 7");
	g_assert_true(error_is(error, ERROR_CORRUPT));
	g_assert_false(error_is(error, ERROR_FAILED));
	g_assert_null(error_get_hint(error));
}

static void errno_gives_the_code(void)
{
	static const struct {
		int errnum;
		enum error_code code;
	} cases[] = {
		{ENOENT, ERROR_NOT_FOUND}, {ENOTDIR, ERROR_NOT_FOUND}, {EACCES, ERROR_DENIED},
		{EPERM, ERROR_DENIED},     {EROFS, ERROR_DENIED},      {EIO, ERROR_IO},
		{ENOSPC, ERROR_IO},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strdup_printf("open 'x': %s", g_strerror(cases[i].errnum));

		error_set_errno(&error, cases[i].errnum, "open '%s'", "x");
		g_assert_cmpint(error->code, ==, cases[i].code);
		g_assert_cmpstr(error->message, ==, text);
	}
}

static void hint_travels(void)
{
	GError *error = NULL;
	g_autoptr(GError) copy = NULL;
	g_autoptr(GError) outer = NULL;

	error_set(&error, ERROR_NOT_FOUND, "inner");
	error_hint(&error, "run '%s'", "one");
	error_hint(&error, "run '%s'", "two");
	g_prefix_error(&error, "outer: ");
	copy = g_error_copy(error);
	g_propagate_error(&outer, error);
	g_assert_cmpstr(outer->message, ==, "outer: inner");
	g_assert_cmpstr(error_get_hint(outer), ==, "run 'two'");
	g_assert_cmpstr(error_get_hint(copy), ==, "run 'two'");
}

static void absent_errors_are_left_alone(void)
{
	GError *none = NULL;
	g_autoptr(GError) foreign = g_error_new(G_FILE_ERROR, G_FILE_ERROR_IO, "foreign");

	error_set(NULL, ERROR_FAILED, "nobody wants to know");
	error_set_errno(NULL, EIO, "nobody wants to know");
	error_hint(NULL, "hint");
	error_hint(&none, "hint");
	g_assert_null(none);
	error_hint(&foreign, "hint");
	g_assert_null(error_get_hint(foreign));
	g_assert_null(error_get_hint(NULL));
	g_assert_false(error_is(foreign, (enum error_code)G_FILE_ERROR_IO));
	g_assert_false(error_is(NULL, ERROR_FAILED));
}

static void joins_many(void)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
	g_autoptr(GError) none = NULL;
	g_autoptr(GError) two = NULL;
	g_autoptr(GError) many = NULL;

	g_assert_true(error_join(list, &none));
	g_assert_no_error(none);
	for (int i = 0; i < 22; i++) {
		GError *one = NULL;

		error_set(&one, i ? ERROR_FAILED : ERROR_USAGE, "problem %d", i);
		error_hint(&one, "help %d", i);
		g_ptr_array_add(list, one);
		if (i == 1)
			g_assert_false(error_join(list, &two));
	}
	g_assert_cmpstr(two->message, ==, "problem 0\nproblem 1");
	g_assert_true(error_is(two, ERROR_USAGE));
	g_assert_cmpstr(error_get_hint(two), ==, "help 0");
	g_assert_false(error_join(list, &many));
	g_assert_true(g_str_has_suffix(many->message, "problem 19\nand 2 more"));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/error/carries-code-and-text", carries_code_and_text);
	g_test_add_func("/error/errno-gives-the-code", errno_gives_the_code);
	g_test_add_func("/error/hint-travels", hint_travels);
	g_test_add_func("/error/absent-errors-are-left-alone", absent_errors_are_left_alone);
	g_test_add_func("/error/joins-many", joins_many);
	return g_test_run();
}
