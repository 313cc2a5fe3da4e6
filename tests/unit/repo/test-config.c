#include "base/error.h"
#include "kit.h"
#include "repo/config.h"

static void reads_all_scopes(void)
{
	g_autofree char *top = kit_repo(NULL);
	g_autoptr(GError) error = NULL;
	const struct config_value *value;

	kit_git(top, "config", "mlv.name", "first line\nsecond = line");
	kit_git(top, "config", "--add", "mlv.many", "1");
	kit_git(top, "config", "--add", "mlv.many", "2");
	kit_git(top, "config", "mlv-remote.Up.Stream.URL", "x");
	g_setenv("GIT_CONFIG_COUNT", "1", TRUE);
	g_setenv("GIT_CONFIG_KEY_0", "mlv.given", TRUE);
	g_setenv("GIT_CONFIG_VALUE_0", "yes", TRUE);
	{
		autoptr(repo) repo = kit_open(top);
		autoptr(config) config = config_read(repo, &error);
		autoptr(config) again = config_read(repo, &error);

		g_assert_no_error(error);
		g_assert_true(config == again);
		g_assert_cmpstr(config_get(config, "mlv.name"), ==, "first line\nsecond = line");
		g_assert_cmpstr(config_get(config, "mlv.many"), ==, "2");
		g_assert_cmpstr(config_get(config, "mlv-remote.Up.Stream.url"), ==, "x");
		g_assert_null(config_get(config, "mlv.absent"));
		value = config_find(config, "mlv.name");
		g_assert_cmpstr(value->scope, ==, "local");
		g_assert_true(g_str_has_prefix(value->origin, "file:"));
		g_assert_cmpstr(config_find(config, "user.name")->scope, ==, "global");
		g_assert_cmpstr(config_find(config, "mlv.given")->scope, ==, "command");
	}
	g_unsetenv("GIT_CONFIG_COUNT");
}

static void reads_outside(void)
{
	g_autofree char *dir = kit_dir();
	g_autoptr(GError) error = NULL;
	autoptr(config) config = NULL;

	g_assert_cmpint(chdir(dir), ==, 0);
	config = config_read(NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(config_get(config, "user.name"), ==, "A");
}

static void reads_worktree_settings(void)
{
	g_autofree char *top = kit_repo(NULL);
	g_autoptr(GError) error = NULL;

	kit_git(top, "config", "core.repositoryFormatVersion", "1");
	kit_git(top, "config", "extensions.worktreeConfig", "true");
	kit_git(top, "config", "--worktree", "mlv.here", "1");
	{
		autoptr(repo) repo = kit_open(top);
		autoptr(config) config = config_read(repo, &error);

		g_assert_no_error(error);
		g_assert_cmpstr(config_find(config, "mlv.here")->scope, ==, "worktree");
	}
}

static void understands_values(void)
{
	static const struct {
		const char *text;
		int as_bool;    /* -1: none */
		int64_t as_int; /* -1: none */
	} cases[] = {
		{"= true", 1, -1},      {"= Yes", 1, -1},  {"= ON", 1, -1},           {"", 1, -1},
		{"= false", 0, -1},     {"= no", 0, -1},   {"= off", 0, -1},          {"=", 0, -1},
		{"= 1", 1, 1},          {"= 0", 0, 0},     {"= 2k", 1, 2048},         {"= 3M", 1, 3 << 20},
		{"= 4g", 1, 4LL << 30}, {"= 0x10", 1, 16}, {"= 9000000000g", -1, -1}, {"= perhaps", -1, -1},
		{"= 1x", -1, -1},       {"= k", -1, -1},   {"= 1kk", -1, -1},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf("[mlv]\n\tkey %s\n", cases[i].text);
		g_autoptr(GError) error = NULL, bool_error = NULL, int_error = NULL;
		autoptr(config) config = NULL;
		int64_t number = 0;
		bool flag = false;

		kit_write("values", text);
		config = config_read_file("values", &error);
		g_assert_no_error(error);
		g_assert_true(config_get_bool(config, "mlv.key", false, &flag, &bool_error) == (cases[i].as_bool >= 0));
		g_assert_true(config_get_int(config, "mlv.key", 7, &number, &int_error) == (cases[i].as_int >= 0));
		if (bool_error)
			g_assert_error(bool_error, MLV_ERROR, ERROR_USAGE);
		else
			g_assert_cmpint(flag, ==, cases[i].as_bool);
		if (int_error)
			g_assert_nonnull(strstr(int_error->message, "mlv.key"));
		else
			g_assert_cmpint(number, ==, cases[i].as_int);
		g_assert_true(config_get_bool(config, "mlv.unset", true, &flag, &error) && flag);
		g_assert_true(config_get_int(config, "mlv.unset", 7, &number, &error) && number == 7);
	}
}

/* What our parser makes of a file, in the form of `git config --list -z`. */
static GString *listed(const struct config *config)
{
	GString *list = g_string_new(NULL);

	for (size_t i = 0; i < config_count(config); i++) {
		const struct config_value *value = config_at(config, i);

		g_string_append_printf(list, "%s\n%s", value->key, value->value);
		g_string_append_c(list, '\0');
	}
	return list;
}

/* The same file read by us and by git: equal, or refused by both. */
static void parses_as_git(void)
{
	static const char *const files[] = {
		"",
		"[a]\nb = c\n",
		"[a]b=c",
		"\xEF\xBB\xBF[a]\r\n\tb = c d \r\n",
		"# c\n; d\n[A]\nB = C ; e\n c = \"x ; y\" # z\n",
		"[a \"Sub x\\\"\\\\y\"]\nKey-1 = \" v \"w\n",
		"[a.B.c]\nd = 1\n",
		"[a \"\"]\nb = 1\n",
		"[a]\nb = x\\ty\\nz\\\\ \\\"q\\\"\n",
		"[a]\nb = one \\\n  two\\\nthree\n",
		"[a]\nb =\nc = \"\"\n",
		"[a]\nb = \"open\n",
		"[a]\nb = bad \\x\n",
		"[a]\nb c\n",
		"[a]\n1b = c\n",
		"[a]\nb_ = c\n",
		"b = c\n",
		"[a\nb = c\n",
		"[]\nb = c\n",
		"[a \"b]\nc = d\n",
		"[a \"b\" ]\nc = d\n",
		"[a] b = c\n[d] e = f",
		"[include]\npath = other\n",
		"[a]\nb = \\",
		"[a]\nb = x\\\n",
		"[a]\n=\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		static const char *const argv[] = {"git",           "config", "--file", "f",
						   "--no-includes", "--list", "-z",     NULL};
		struct proc_result result;
		g_autoptr(GError) error = NULL;
		autoptr(config) config = NULL;

		kit_write("f", files[i]);
		config = config_read_file("f", &error);
		g_assert_true(proc_run(argv, NULL, NULL, 0, 1 << 20, &result, NULL));
		if (result.status != 0) {
			g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
			g_assert_nonnull(strstr(error->message, "'f' line "));
		} else {
			g_assert_no_error(error);
			g_autoptr(GString) list = listed(config);

			g_assert_cmpmem(list->str, list->len, result.out, result.out_length);
		}
		proc_result_clear(&result);
	}
}

static void reads_files_carefully(void)
{
	g_autoptr(GError) error = NULL;
	autoptr(config) absent = config_read_file("no/such/file", &error);

	g_assert_no_error(error);
	g_assert_cmpuint(config_count(absent), ==, 0);
	g_file_set_contents("nul", "[a]\nb = c\0d\n", 12, NULL);
	g_assert_null(config_read_file("nul", &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	g_clear_error(&error);
	g_assert_null(config_read_file(".", &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	g_clear_error(&error);
	kit_write("third", "[a]\nb = c\n d\\\n= e\n");
	g_assert_null(config_read_file("third", &error));
	g_assert_nonnull(strstr(error->message, "line 3"));
}

static const char *get_fresh(const struct repo *repo, const char *key)
{
	autoptr(config) config = config_read(repo, NULL);

	return g_intern_string(config_get(config, key));
}

static void sets_and_unsets(void)
{
	g_autofree char *top = kit_repo(NULL), *file = NULL;
	autoptr(repo) repo = kit_open(top);
	g_autoptr(GError) error = NULL;

	g_assert_true(config_set(repo, "local", "mlv.key", "-v 1", &error));
	g_assert_cmpstr(get_fresh(repo, "mlv.key"), ==, "-v 1");
	kit_git(top, "config", "--add", "mlv.key", "2");
	g_assert_true(config_set(repo, "local", "mlv.key", "3", &error));
	g_assert_cmpstr(get_fresh(repo, "mlv.key"), ==, "3");
	g_assert_true(config_set(repo, "local", "mlv.key", NULL, &error));
	g_assert_cmpstr(get_fresh(repo, "mlv.key"), ==, NULL);
	g_assert_no_error(error);
	g_assert_false(config_set(repo, "local", "mlv.key", NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_clear_error(&error);
	g_assert_false(config_set(repo, "local", "nosection", "1", &error));
	g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	g_clear_error(&error);
	g_assert_false(config_set(repo, "local", "--list", "1", &error));
	g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	g_clear_error(&error);

	/* A file, named from the current directory, not from the top. */
	g_assert_cmpint(chdir("dir"), ==, 0);
	g_assert_true(config_set(repo, "./.mlvconfig", "mlv-remote.x.url", "y", &error));
	file = kit_read(".mlvconfig");
	g_assert_cmpstr(file, ==, "[mlv-remote \"x\"]\n\turl = y\n");
	g_assert_true(config_set(NULL, "global", "mlv.everywhere", "1", &error));
	g_assert_no_error(error);
}

static void renames_sections(void)
{
	g_autofree char *top = kit_repo(NULL);
	autoptr(repo) repo = kit_open(top);
	g_autoptr(GError) error = NULL;

	g_assert_true(config_set(repo, "local", "mlv-remote.a.url", "u", &error));
	g_assert_true(config_rename_section(repo, "local", "mlv-remote.a", "mlv-remote.b c", &error));
	g_assert_cmpstr(get_fresh(repo, "mlv-remote.b c.url"), ==, "u");
	g_assert_true(config_rename_section(repo, "local", "mlv-remote.b c", NULL, &error));
	g_assert_cmpstr(get_fresh(repo, "mlv-remote.b c.url"), ==, NULL);
	g_assert_no_error(error);
	g_assert_false(config_rename_section(repo, "local", "mlv-remote.a", "mlv-remote.z", &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	g_test_add_func("/config/reads-all-scopes", reads_all_scopes);
	g_test_add_func("/config/reads-outside", reads_outside);
	g_test_add_func("/config/reads-worktree-settings", reads_worktree_settings);
	g_test_add_func("/config/understands-values", understands_values);
	g_test_add_func("/config/parses-as-git", parses_as_git);
	g_test_add_func("/config/reads-files-carefully", reads_files_carefully);
	g_test_add_func("/config/sets-and-unsets", sets_and_unsets);
	g_test_add_func("/config/renames-sections", renames_sections);
	return g_test_run();
}
