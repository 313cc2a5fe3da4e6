#include "../tap.h"

#include "base/error.h"
#include "format/configobj.h"

static struct configobj *read_text(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct configobj *config = configobj_read(text, strlen(text), "config", &error);

	g_assert_no_error(error);
	return config;
}

static void values(void)
{
	static const char *const cases[][2] = {
		{"plain text", "plain text"}, {"x # c", "x"},	     {"x#c", "x"},	   {"'q # r' # c", "q # r"},
		{"\"a, b\"", "a, b"},	      {"a, b ,\"c,d\"", "a,b,c,d"}, {"a,", "a"},	   {",", ""},
		{"", ""},		      {"''", ""},	     {"p;q", "p;q"},	   {"'''it's \"x\"''' # c", "it's \"x\""},
		{"\"\"\"two\nlines\"\"\"", "two\nlines"}, {"100%", "100%"}, {"%(a)s/%(b)s", "A/A2"}, {"http://h/?a=1", "http://h/?a=1"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf("[core]\r\na = A\r\nb = %%(a)s2\r\n  Value=%s\r\n", cases[i][0]);
		autoptr(configobj) config = read_text(text);

		g_assert_cmpstr(configobj_get(config, "core", "value"), ==, cases[i][1]);
	}
}

static void names(void)
{
	autoptr(configobj) config = read_text("# c\n[CORE] # c\nRemote = x\n['remote \"Upper\"']\nurl = a\n[ remote  \"b c\" ]\n"
					      "\"url\" = b\n");
	g_auto(GStrv) sections = configobj_sections(config);
	g_auto(GStrv) options = configobj_options(config, "Remote \"UPPER\"");
	g_auto(GStrv) none = configobj_options(config, "absent");

	g_assert_cmpuint(g_strv_length(sections), ==, 3);
	g_assert_cmpstr(sections[0], ==, "core");
	g_assert_cmpstr(sections[1], ==, "remote \"upper\"");
	g_assert_cmpstr(sections[2], ==, "remote \"b c\"");
	g_assert_cmpuint(g_strv_length(options), ==, 1);
	g_assert_cmpuint(g_strv_length(none), ==, 0);
	g_assert_cmpstr(configobj_get(config, "core", "REMOTE"), ==, "x");
	g_assert_null(configobj_get(config, "core", "url"));
	g_assert_null(configobj_get(config, "cache", "url"));
}

static void refused(void)
{
	static const char *const texts[][2] = {
		{"[core]\n; c\n", "config:2: "},
		{"[core]\nautostage\n", "config:2: "},
		{"[core]\n= x\n", "config:2: "},
		{"x = 1\n", "config:1: an option must"},
		{"[core\nx = 1\n", "config:1: "},
		{"[[core]]\n", "config:1: sections inside"},
		{"[]\n", "config:1: the section has no name"},
		{"[core]\n[CORE]\n", "config:2: this section is there twice"},
		{"[core]\na = 1\nA = 2\n", "config:3: this option is there twice"},
		{"[core]\na = \"x\n", "config:2: the value is badly quoted"},
		{"[core]\na = x,,y\n", "config:2: the value is badly quoted"},
		{"[core]\na = '''x\ny\n", "the value is badly quoted"},
		{"[core]\na = %(nope)s\n", "'%(nope)s' names no option"},
		{"[core]\na = %(b)s\nb = %(a)s\n", "never comes to an end"},
		{"\xef\xbb\xbf[core]\n", "config:1: "},
		{"[core]\na = \xff\n", "not UTF-8"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(configobj_read(texts[i][0], strlen(texts[i][0]), "config", &error));
		g_assert_true(error_is(error, ERROR_CORRUPT));
		if (!strstr(error->message, texts[i][1]))
			g_error("%s: not in: %s", texts[i][1], error->message);
	}
}

/* Values that refer to each other many times over must not fill the memory. */
static void growing_values(void)
{
	g_autoptr(GString) text = g_string_new("[core]\na0 = 0123456789012345678901234567890123456789\n");

	for (int i = 1; i < 10; i++) {
		g_string_append_printf(text, "a%d = ", i);
		for (int k = 0; k < 20; k++)
			g_string_append_printf(text, "%%(a%d)s", i - 1);
		g_string_append_c(text, '\n');
	}
	g_assert_null(configobj_read(text->str, text->len, "config", NULL));
}

static void writing(void)
{
	autoptr(configobj) config = read_text("# lost\n['remote \"a\"']\nurl = x\n[core]\nremote = a\n[cache]\n[db \"pg\"]\nurl = y\n");
	size_t length;
	g_autofree char *text = NULL;

	configobj_set(config, "remote \"a\"", "user", "name, with comma");
	configobj_set(config, "remote \"b\"", "url", "it's \"x\"");
	configobj_set(config, "remote \"b\"", "password", "");
	configobj_set(config, "remote \"b\"", "auth", " lead");
	configobj_set(config, "remote \"b\"", "method", "p;q");
	configobj_set(config, "remote \"b\"", "token", "q\"r,s");
	configobj_set(config, "parsing", "list", "append");
	configobj_set(config, "exp", "git_remote", "a # b");
	configobj_set(config, "CORE", "Remote", "b");
	text = configobj_write(config, &length);
	g_assert_cmpstr(text, ==,
			"[core]\n"
			"    remote = b\n"
			"[exp]\n"
			"    git_remote = \"a # b\"\n"
			"[parsing]\n"
			"    list = append\n"
			"['remote \"a\"']\n"
			"    url = x\n"
			"    user = \"name, with comma\"\n"
			"['remote \"b\"']\n"
			"    url = '''it's \"x\"'''\n"
			"    password = \"\"\n"
			"    auth = \" lead\"\n"
			"    method = p;q\n"
			"    token = 'q\"r,s'\n"
			"['db \"pg\"']\n"
			"    url = y\n");
	g_assert_cmpuint(length, ==, strlen(text));
}

static void unsetting(void)
{
	autoptr(configobj) config = read_text("[core]\nremote = a\n[exp]\ngit_remote = o\n");
	size_t length;
	g_autofree char *text = NULL;

	g_assert_true(configobj_unset(config, "core", "remote"));
	g_assert_false(configobj_unset(config, "core", "remote"));
	g_assert_true(configobj_unset_section(config, "exp"));
	g_assert_false(configobj_unset_section(config, "exp"));
	text = configobj_write(config, &length);
	g_assert_cmpstr(text, ==, "\n");
}

static void checks(void)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"[core]\nremote = a\nchecksum_jobs = 2\n[cache]\ntype = reflink, copy\nshared = Group\n", NULL},
		{"[remote \"a\"]\nurl = /x\nverify = TRUE\n", NULL},
		{"[remote \"a\"]\njobs = 2\npassword = x\n", NULL},
		{"[remote \"a\"]\nurl = remote://b/x\nanything = 1\n", NULL},
		{"[remote \"a\"]\nurl = s3://b\nregion = r\n", NULL},
		{"[remote \"a\"]\nurl = https://h/p\nssl_verify = /ca\nread_timeout = 1.5\n", NULL},
		{"[feature]\nwhatever = 1\n", NULL},
		{"[db \"d\"]\nurl = x\n[machine \"m\"]\nspot = true\n", NULL},
		{"[core]\nnope = 1\n", "[core] cannot have the option 'nope'"},
		{"[feature]\na b = 1\n", "'a b' is no name"},
		{"[nope]\nx = 1\n", "the section [nope] is not known"},
		{"[remote \"\"]\nurl = x\n", "is not known"},
		{"[remote \"a\"]\nurl = /x\npassword = p\n", "cannot have the option 'password' with a URL of its kind"},
		{"[remote \"a\"]\nurl = ftp://h/x\nuser = p\n", "cannot have the option 'user'"},
		{"[remote \"a\"]\nnope = 1\n", "cannot have the option 'nope'"},
		{"[core]\nchecksum_jobs = two\n", "'two' is not an integer from 1 on"},
		{"[core]\nchecksum_jobs = 0\n", "'0' is not an integer from 1 on"},
		{"[core]\nautostage = yes\n", "'yes' is not true or false"},
		{"[cache]\ntype = copy, clone\n", "is not some of reflink"},
		{"[state]\nrow_cleanup_quota = 101\n", "from 0 to 100"},
		{"[hydra]\nconfig_dir = a\nconfig_module = b\n", "both config_dir and config_module"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		autoptr(configobj) config = read_text(cases[i].text);
		g_autoptr(GError) error = NULL;
		bool ok = configobj_check(config, "config", &error);

		if (!cases[i].message) {
			g_assert_no_error(error);
			g_assert_true(ok);
			continue;
		}
		g_assert_true(error_is(error, ERROR_USAGE));
		if (!strstr(error->message, cases[i].message))
			g_error("%s: not in: %s", cases[i].message, error->message);
	}
}

/* DVC would read these as something else, or not at all. */
static void values_that_no_file_can_hold(void)
{
	static const char *const values[] = {"%(x)s", "a\rb", "'''\"\"\" # ", "x''' # \"\ny"};

	for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
		autoptr(configobj) config = configobj_new();

		configobj_set(config, "core", "remote", values[i]);
		g_assert_false(configobj_check(config, "config", NULL));
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/configobj/values", values);
	g_test_add_func("/configobj/names", names);
	g_test_add_func("/configobj/refused", refused);
	g_test_add_func("/configobj/growing_values", growing_values);
	g_test_add_func("/configobj/writing", writing);
	g_test_add_func("/configobj/unsetting", unsetting);
	g_test_add_func("/configobj/checks", checks);
	g_test_add_func("/configobj/values_that_no_file_can_hold", values_that_no_file_can_hold);
	return g_test_run();
}
