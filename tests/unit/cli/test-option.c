#include "../tap.h"

#include "base/error.h"
#include "cli/option.h"

struct sample {
	bool force, recurse, cache;
	unsigned depth;
	char *remote;
	char **set;
	int64_t jobs;
	char *trace;
};

static const struct option_spec specs[] = {
	OPT_FLAG(sample, 'f', "force", force, "overwrite"),
	OPT_FLAG(sample, 'R', "recursive", recurse, "go down"),
	OPT_NO(sample, 0, "no-cache", cache, "leave the cache out"),
	OPT_COUNT(sample, 'd', "deep", depth, "deeper"),
	OPT_STRING(sample, 'r', "remote", remote, "<name>", "use this remote"),
	OPT_STRINGS(sample, 'S', "set-param", set, "<key=value>", "set a parameter"),
	{.kind = OPTION_STRINGS,
	 .long_name = "set-parameter",
	 .offset = offsetof(struct sample, set),
	 .value = "<key=value>",
	 .help = "as --set-param",
	 .hidden = true},
	{.kind = OPTION_INT,
	 .short_name = 'j',
	 .long_name = "jobs",
	 .offset = offsetof(struct sample, jobs),
	 .value = "<n>",
	 .help = "at once",
	 .elsewhere = true},
	{.kind = OPTION_STRING,
	 .short_name = 't',
	 .long_name = "trace",
	 .offset = offsetof(struct sample, trace),
	 .value = "<how>",
	 .fallback = "report",
	 .help = "watch"},
	OPT_END,
};

/* One parsed line. */
struct parsed {
	struct sample sample;
	struct option_result result;
};

/* Parse a line of words; with `expected`, it must fail with this text. */
static struct parsed parse(const char *line, bool stop, const char *expected)
{
	g_auto(GStrv) argv = g_strsplit(line, " ", -1);
	struct parsed parsed = {.sample.cache = true};
	g_autoptr(GError) error = NULL;
	bool good = option_parse(specs, argv, &parsed.sample, stop, &parsed.result, &error);

	if (!expected) {
		g_assert_no_error(error);
		g_assert_true(good);
		return parsed;
	}
	g_assert_false(good);
	g_assert_true(error_is(error, ERROR_USAGE));
	g_assert_cmpstr(error->message, ==, expected);
	return parsed;
}

static void check_rest(const struct parsed *parsed, const char *expected)
{
	g_autofree char *rest = g_strjoinv(" ", parsed->result.rest);

	g_assert_cmpstr(rest, ==, expected);
}

static void clear(struct parsed *parsed)
{
	option_clear(specs, &parsed->sample);
	option_result_clear(&parsed->result);
	g_assert_null(parsed->sample.remote);
	g_assert_null(parsed->sample.set);
	g_assert_null(parsed->result.common.cd);
}

static void nothing_given(void)
{
	struct parsed parsed = parse("add", false, NULL);

	check_rest(&parsed, "");
	g_assert_false(parsed.result.own);
	g_assert_false(parsed.result.elsewhere);
	clear(&parsed);
}

static void long_and_short_forms(void)
{
	struct parsed parsed =
		parse("add --force a -ddR --remote=x=y --remote s3 -S a=1 -Sb=2 b --no-cache", false, NULL);

	g_assert_true(parsed.sample.force && parsed.sample.recurse && parsed.result.own);
	g_assert_false(parsed.sample.cache);
	g_assert_cmpuint(parsed.sample.depth, ==, 2);
	g_assert_cmpstr(parsed.sample.remote, ==, "s3");
	g_assert_cmpstr(parsed.sample.set[0], ==, "a=1");
	g_assert_cmpstr(parsed.sample.set[1], ==, "b=2");
	g_assert_null(parsed.sample.set[2]);
	check_rest(&parsed, "a b");
	clear(&parsed);
}

static void values_are_taken_as_they_are(void)
{
	struct parsed parsed = parse("add -r --force --set-param= -S -- \xFF", false, NULL);

	g_assert_false(parsed.sample.force);
	g_assert_cmpstr(parsed.sample.remote, ==, "--force");
	g_assert_cmpstr(parsed.sample.set[0], ==, "");
	g_assert_cmpstr(parsed.sample.set[1], ==, "--");
	check_rest(&parsed, "\xFF");
	clear(&parsed);
}

static void some_values_may_be_left_out(void)
{
	static const struct {
		const char *line, *value, *rest;
	} cases[] = {
		{"cmd --trace strict", "report", "strict"},
		{"cmd --trace=strict x", "strict", "x"},
		{"cmd --trace= x", "", "x"},
		{"cmd -ft x", "report", "x"},
		{"cmd -ftstrict x", "strict", "x"},
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct parsed p = parse(cases[i].line, false, NULL);

		g_assert_cmpstr(p.sample.trace, ==, cases[i].value);
		check_rest(&p, cases[i].rest);
		clear(&p);
	}
}

static void dashes_end_the_options(void)
{
	struct parsed parsed = parse("add - a -- -f -- --force", false, NULL);

	g_assert_false(parsed.sample.force);
	check_rest(&parsed, "- a -f -- --force");
	clear(&parsed);
}

static void names_may_be_cut_short(void)
{
	struct parsed parsed = parse("add --fo --no-c --set-p x=1 --verb", false, NULL);

	g_assert_true(parsed.sample.force);
	g_assert_false(parsed.sample.cache);
	g_assert_cmpuint(parsed.result.common.verbose, ==, 1);
	clear(&parsed);
	parsed = parse("add --no", false, "unclear option '--no': '--no-cache' or '--no-progress'?");
	clear(&parsed);
	parsed = parse("add --re=x", false, "unclear option '--re': '--recursive' or '--remote'?");
	clear(&parsed);
}

static void mistakes_are_named(void)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"add --bogus", "unknown option '--bogus'"},
		{"add --bogus=1", "unknown option '--bogus'"},
		{"add -fx", "unknown option '-x'"},
		{"add -\xC3\xA4", "unknown option '-\xC3\xA4'"},
		{"add -5", "unknown option '-5'"},
		{"add --force=yes", "option '--force' takes no value"},
		{"add --remote", "option '--remote' wants a value"},
		{"add -r", "option '-r' wants a value"},
		{"add -j x", "option '-j' wants a number, not 'x'"},
		{"add --jobs=", "option '--jobs' wants a number, not ''"},
		{"add --jobs=9223372036854775808", "option '--jobs' wants a number, not '9223372036854775808'"},
		{"add --jobs=9007199254740992k", "option '--jobs' wants a number, not '9007199254740992k'"},
		{"add --jobs=1kk", "option '--jobs' wants a number, not '1kk'"},
		{"add --jobs=+1", "option '--jobs' wants a number, not '+1'"},
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct parsed parsed = parse(cases[i].line, false, cases[i].message);

		clear(&parsed);
	}
}

static void numbers_have_units(void)
{
	static const struct {
		const char *line;
		int64_t value;
	} cases[] = {
		{"x -j7", 7},
		{"x -j -1", -1},
		{"x -j 2k", 2048},
		{"x --jobs 3M", 3 << 20},
		{"x --jobs=1g", 1 << 30},
		{"x --jobs=9223372036854775807", INT64_MAX},
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct parsed parsed = parse(cases[i].line, false, NULL);

		g_assert_cmpint(parsed.sample.jobs, ==, cases[i].value);
		g_assert_true(parsed.result.elsewhere);
		clear(&parsed);
	}
}

static void parsing_stops_for_subcommands(void)
{
	struct parsed parsed = parse("remote -q add -f -- x", true, NULL);

	g_assert_true(parsed.result.common.quiet);
	g_assert_false(parsed.sample.force || parsed.result.own);
	check_rest(&parsed, "add -f -- x");
	clear(&parsed);
}

static void help_needs_no_correct_rest(void)
{
	struct parsed parsed = parse("add -fh --bogus", false, NULL);

	g_assert_true(parsed.result.common.usage);
	clear(&parsed);
	parsed = parse("add --help --bogus", false, NULL);
	g_assert_true(parsed.result.common.help);
	clear(&parsed);
}

static void common_options_add_up(void)
{
	static char *first[] = {
		(char *)"remote",
		(char *)"-v",
		(char *)"--cd=a",
		NULL,
	};
	static char *second[] = {
		(char *)"add", (char *)"-v", (char *)"--cd", (char *)"b", NULL,
	};
	struct option_result result = {0};

	g_assert_true(option_parse(NULL, first, NULL, true, &result, NULL));
	g_assert_true(option_parse(NULL, second, NULL, false, &result, NULL));
	g_assert_cmpuint(result.common.verbose, ==, 2);
	g_assert_cmpstr(result.common.cd, ==, "b");
	option_result_clear(&result);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/option/nothing_given", nothing_given);
	g_test_add_func("/option/long_and_short_forms", long_and_short_forms);
	g_test_add_func("/option/values_are_taken_as_they_are", values_are_taken_as_they_are);
	g_test_add_func("/option/some_values_may_be_left_out", some_values_may_be_left_out);
	g_test_add_func("/option/dashes_end_the_options", dashes_end_the_options);
	g_test_add_func("/option/names_may_be_cut_short", names_may_be_cut_short);
	g_test_add_func("/option/mistakes_are_named", mistakes_are_named);
	g_test_add_func("/option/numbers_have_units", numbers_have_units);
	g_test_add_func("/option/parsing_stops_for_subcommands", parsing_stops_for_subcommands);
	g_test_add_func("/option/help_needs_no_correct_rest", help_needs_no_correct_rest);
	g_test_add_func("/option/common_options_add_up", common_options_add_up);
	return g_test_run();
}
