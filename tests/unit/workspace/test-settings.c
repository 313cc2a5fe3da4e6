#include "project.h"

#include "workspace/settings.h"

static void configure(struct project *project, const char *key, const char *value)
{
	kit_git(project->dir, "config", key, value);
}

/* What the project is set to now; NULL with the error for one that cannot be read. */
static struct settings *read_settings(struct project *project, GError **error)
{
	/* What Git is set to is read when the repository is opened. */
	autoptr(repo) repo = repo_open(error);
	autoptr(config) config = repo ? config_read(repo, error) : NULL;

	return config ? settings_read(repo, config, project->ws->dialect, project->root, error) : NULL;
}

static struct settings *get_settings(struct project *project)
{
	g_autoptr(GError) error = NULL;
	struct settings *settings = read_settings(project, &error);

	g_assert_no_error(error);
	return settings;
}

static void defaults_are_safe(struct project *project, gconstpointer dialect)
{
	autoptr(settings) settings = get_settings(project);
	g_autofree char *native = path_join(project->repo->common_dir, "mlv");
	g_autofree char *dvc = path_join(project->root, ".dvc/cache");

	g_assert_cmpstr(settings->store_root, ==, dialect == &dialect_dvc ? dvc : native);
	g_assert_cmpuint(settings->store.link_count, ==, 2);
	g_assert_cmpint(settings->store.links[0], ==, LINK_REFLINK);
	g_assert_cmpint(settings->store.links[1], ==, LINK_COPY);
	g_assert_true(settings->store.marks == (dialect == &dialect_native));
	g_assert_false(settings->autostage);
	g_assert_cmpuint(settings->threads, >=, 1);
	g_assert_cmpint(settings->gc_grace, ==, 14 * 24 * 3600);
	g_assert_cmpuint(settings->remotes->len, ==, 0);
}

static void git_config_overrides_the_committed_file(struct project *project, gconstpointer dialect)
{
	autoptr(settings) before = NULL;
	autoptr(settings) after = NULL;

	(void)dialect;
	project_write(project, ".mlvconfig",
		      "[mlv]\n\tlinks = hardlink\n\tremote = shared\n\tautostage = true\n"
		      "[mlv-remote \"shared\"]\n\turl = ../store\n\tregion = here\n");
	before = get_settings(project);
	g_assert_cmpint(before->store.links[0], ==, LINK_HARDLINK);
	g_assert_cmpstr(before->default_remote, ==, "shared");
	g_assert_true(before->autostage);
	configure(project, "mlv.links", "symlink,copy");
	configure(project, "mlv.remote", "mine");
	configure(project, "mlv.autostage", "no");
	configure(project, "mlv-remote.shared.region", "there");
	configure(project, "mlv-remote.mine.url", "s3://bucket/path");
	after = get_settings(project);
	g_assert_cmpint(after->store.links[0], ==, LINK_SYMLINK);
	g_assert_cmpstr(after->default_remote, ==, "mine");
	g_assert_false(after->autostage);
	g_assert_cmpuint(after->remotes->len, ==, 2);
	g_assert_cmpstr(remote_spec_get(after->remotes->pdata[0], "region"), ==, "there");
}

static void a_clone_brings_only_harmless_settings(struct project *project, gconstpointer dialect)
{
	autoptr(settings) settings = NULL;
	const struct remote_spec *spec;

	(void)dialect;
	project_write(project, ".mlvconfig",
		      "[mlv]\n\tstore = /tmp/elsewhere\n\tgcGrace = now\n"
		      "[mlv-remote \"r\"]\n\turl = s3://b\n\tpassword = secret\n\tkeyfile = ~/.ssh/id\n"
		      "\tprofile = other\n\tssl-verify = false\n\tcredentialpath = /etc/x\n\tport = 22\n");
	settings = get_settings(project);
	spec = settings_remote(settings, "r", NULL);
	g_assert_true(g_str_has_prefix(settings->store_root, project->repo->common_dir));
	g_assert_cmpint(settings->gc_grace, ==, 14 * 24 * 3600);
	g_assert_true(spec->committed);
	g_assert_cmpstr(remote_spec_get(spec, "port"), ==, "22");
	g_assert_null(remote_spec_get(spec, "password"));
	g_assert_null(remote_spec_get(spec, "keyfile"));
	g_assert_null(remote_spec_get(spec, "profile"));
	g_assert_null(remote_spec_get(spec, "ssl_verify"));
	g_assert_null(remote_spec_get(spec, "credentialpath"));
	/* A place that the user named is the user's own. */
	configure(project, "mlv-remote.r.url", "s3://mine");
	settings_free(g_steal_pointer(&settings));
	settings = get_settings(project);
	g_assert_false(settings_remote(settings, "r", NULL)->committed);
}

static void relative_places_start_where_they_are_written(struct project *project, gconstpointer dialect)
{
	g_autofree char *base = path_parent(project->root), *shared = path_join(base, "store");
	g_autofree char *local = path_join(project->root, "inner"), *home = path_join(g_getenv("HOME"), "far");
	autoptr(settings) settings = NULL;

	(void)dialect;
	project_write(project, ".mlvconfig", "[mlv-remote \"a\"]\n\turl = ../store\n");
	configure(project, "mlv-remote.b.url", "inner");
	configure(project, "mlv-remote.c.url", "~/far");
	settings = get_settings(project);
	g_assert_cmpstr(settings_remote(settings, "a", NULL)->url, ==, shared);
	g_assert_cmpstr(settings_remote(settings, "b", NULL)->url, ==, local);
	g_assert_cmpstr(settings_remote(settings, "c", NULL)->url, ==, home);
}

static void nonsense_is_refused(struct project *project, gconstpointer dialect)
{
	static const char *const wrong[][2] = {
		{"mlv.links", "reflink,teleport"},
		{"mlv.links", "copy,copy"},
		{"mlv.links", ""},
		{"mlv.threads", "0"},
		{"mlv.threads", "x"},
		{"mlv.jobs", "-1"},
		{"mlv.gcGrace", "soon"},
		{"mlv.stallTimeout", "0"},
		{"mlv.autostage", "perhaps"},
	};

	(void)dialect;
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		configure(project, wrong[i][0], wrong[i][1]);
		g_assert_null(read_settings(project, &error));
		g_assert_true(error_is(error, ERROR_USAGE));
		kit_git(project->dir, "config", "--unset", wrong[i][0]);
	}
}

static void the_remote_is_chosen_or_explained(struct project *project, gconstpointer dialect)
{
	autoptr(settings) none = NULL;
	autoptr(settings) one = NULL;
	autoptr(settings) two = NULL;
	g_autoptr(GError) error = NULL;

	(void)dialect;
	none = get_settings(project);
	g_assert_null(settings_remote(none, NULL, &error));
	g_assert_nonnull(strstr(error_get_hint(error), "remote add"));
	g_clear_error(&error);
	configure(project, "mlv-remote.a.url", "/a");
	one = get_settings(project);
	g_assert_cmpstr(settings_remote(one, NULL, NULL)->name, ==, "a");
	configure(project, "mlv-remote.b.region", "x");
	two = get_settings(project);
	g_assert_null(settings_remote(two, NULL, &error));
	g_assert_nonnull(strstr(error_get_hint(error), "remote default"));
	g_clear_error(&error);
	g_assert_null(settings_remote(two, "b", &error));
	g_assert_nonnull(strstr(error->message, "no url"));
	g_clear_error(&error);
	g_assert_null(settings_remote(two, "c", &error));
	g_assert_true(error_is(error, ERROR_NOT_FOUND));
}

static void spans_of_time_are_read(struct project *project, gconstpointer dialect)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} spans[] = {{"now", 0},
		     {"90", 90},
		     {"2h", 7200},
		     {"3.days", 259200},
		     {"2.weeks.ago", 1209600},
		     {"1 week", 604800},
		     {"5minutes", 300},
		     {"never", INT64_MAX}};

	(void)dialect;
	for (gsize i = 0; i < G_N_ELEMENTS(spans); i++) {
		autoptr(settings) settings = NULL;

		configure(project, "mlv.gcGrace", spans[i].text);
		settings = get_settings(project);
		g_assert_cmpint(settings->gc_grace, ==, spans[i].seconds);
	}
}

static void dvc_levels_override_each_other(struct project *project, gconstpointer dialect)
{
	g_autofree char *global = path_join(g_getenv("HOME"), "global"), *file = path_join(global, "config");
	g_autofree char *marker = path_join(project->root, ".dvc"), *near = path_join(project->root, "near");
	g_autofree char *far = path_join(global, "far");
	autoptr(settings) settings = NULL;

	(void)dialect;
	g_setenv("DVC_GLOBAL_CONFIG_DIR", global, true);
	kit_write(file, "[core]\n    autostage = true\n    remote = far\n['remote \"far\"']\n    url = far\n");
	project_write(project, ".dvc/config",
		      "[core]\n    remote = near\n[cache]\n    type = hardlink,copy\n    shared = group\n"
		      "['remote \"near\"']\n    url = ../near\n    verify = true\n");
	project_write(project, ".dvc/config.local", "[cache]\n    dir = local-cache\n    type = symlink\n");
	configure(project, "mlv.jobs", "7");
	settings = get_settings(project);
	g_unsetenv("DVC_GLOBAL_CONFIG_DIR");
	g_assert_true(settings->autostage);
	g_assert_true(settings->store.shared_group);
	g_assert_cmpstr(settings->default_remote, ==, "near");
	g_assert_cmpuint(settings->store.link_count, ==, 1);
	g_assert_cmpint(settings->store.links[0], ==, LINK_SYMLINK);
	g_assert_true(g_str_has_prefix(settings->store_root, marker));
	g_assert_true(g_str_has_suffix(settings->store_root, "/local-cache"));
	g_assert_cmpstr(settings_remote(settings, "near", NULL)->url, ==, near);
	g_assert_true(settings_remote(settings, "near", NULL)->committed);
	g_assert_cmpstr(settings_remote(settings, "far", NULL)->url, ==, far);
	g_assert_false(settings_remote(settings, "far", NULL)->committed);
	g_assert_cmpuint(settings->jobs, ==, 7);
}

static void what_dvc_rejects_is_rejected(struct project *project, gconstpointer dialect)
{
	static const char *const wrong[] = {"[core]\n    nonsense = 1\n", "[what]\n    x = 1\n", "[core\n",
					    "[core]\n    autostage = maybe\n", "[cache]\n    type = teleport\n"};

	(void)dialect;
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		project_write(project, ".dvc/config", wrong[i]);
		g_assert_null(read_settings(project, &error));
		g_assert_nonnull(error);
	}
}

static void configure_global(struct project *project, const char *key, const char *value)
{
	kit_git(project->dir, "config", "--global", key, value);
}

/* What the project's remote "r" has for a password, and what is said to be left out. */
static void check_password(struct project *project, const char *password, const char *withheld)
{
	autoptr(settings) settings = get_settings(project);
	const struct remote_spec *spec = settings_remote(settings, "r", NULL);

	g_assert_cmpstr(remote_spec_get(spec, "password"), ==, password);
	g_assert_cmpstr(spec->withheld, ==, withheld);
	g_assert_nonnull(spec->config);
	g_assert_nonnull(spec->repo);
}

/* The name of a remote is no secret: anyone can call his own server like mine. */
static void a_committed_url_gets_no_foreign_secret(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	project_write(project, ".mlvconfig", "[mlv-remote \"r\"]\n\turl = https://evil.example/x\n");
	configure_global(project, "mlv-remote.r.password", "secret");
	check_password(project, NULL, "password");
	/* meant for another host, as the user says */
	configure_global(project, "mlv-remote.s.url", "https://good.example/x");
	check_password(project, NULL, "password");
	/* given in this clone, whose remote it can only mean */
	configure(project, "mlv-remote.r.password", "mine");
	check_password(project, "mine", NULL);
}

static void an_own_url_keeps_its_secret(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	configure_global(project, "mlv-remote.r.url", "https://good.example/x");
	configure_global(project, "mlv-remote.r.password", "secret");
	check_password(project, "secret", NULL);
	/* the user's url holds, so a committed one changes nothing */
	project_write(project, ".mlvconfig", "[mlv-remote \"r\"]\n\turl = https://evil.example/x\n");
	check_password(project, "secret", NULL);
	/* but a committed endpoint would lead the secret astray */
	project_write(project, ".mlvconfig", "[mlv-remote \"r\"]\n\tendpointurl = https://evil.example/x\n");
	check_password(project, NULL, "password");
}

/* What was given for the url of yesterday is not for that of today. */
static void a_changed_url_gets_no_secret_of_the_old_one(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	configure(project, "mlv-remote.r.password", "mine");
	configure(project, "mlv-remote.r.secrets-for", "https://good.example");
	project_write(project, ".mlvconfig", "[mlv-remote \"r\"]\n\turl = webdavs://good.example:443/x\n");
	check_password(project, "mine", NULL);
	project_write(project, ".mlvconfig", "[mlv-remote \"r\"]\n\turl = https://evil.example/x\n");
	check_password(project, NULL, "password");
	project_write(project, ".mlvconfig", "[mlv-remote \"r\"]\n\turl = https://good.example\n"
					     "\tendpointurl = evil.example:9000\n\tsecrets-for = evil.example:9000\n");
	check_password(project, NULL, "password");
	configure(project, "mlv-remote.r.secrets-for", "https://evil.example");
	project_write(project, ".mlvconfig", "[mlv-remote \"r\"]\n\turl = https://evil.example/x\n");
	check_password(project, "mine", NULL);
}

/* DVC's project file overrides the user's global one. */
/* An url that names its server by way of the clone's Git remotes, or as scp does, is nobody's own, either. */
static void a_committed_url_without_a_host_gets_no_secret(struct project *project, gconstpointer dialect)
{
	static const char *const urls[] = {"lfs::", "lfs::origin", "lfs::host:path", "lfs::git@host:path"};

	(void)dialect;
	configure_global(project, "mlv-remote.r.password", "secret");
	for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
		g_autofree char *text = g_strdup_printf("[mlv-remote \"r\"]\n\turl = %s\n", urls[i]);

		project_write(project, ".mlvconfig", text);
		configure_global(project, "mlv-remote.r.url", "/elsewhere");
		kit_git(project->dir, "config", "mlv-remote.r.url", urls[i]);
		check_password(project, "secret", NULL); /* this clone's own url */
		kit_git(project->dir, "config", "--unset", "mlv-remote.r.url");
		kit_git(project->dir, "config", "--global", "--unset", "mlv-remote.r.url");
		check_password(project, NULL, "password");
		configure(project, "mlv-remote.r.secrets-for", urls[i]);
		check_password(project, "secret", NULL);
		configure(project, "mlv-remote.r.secrets-for", "https://good.example");
		check_password(project, NULL, "password");
	}
}

static void dvc_secrets_stay_with_their_host(struct project *project, gconstpointer dialect)
{
	g_autofree char *global = g_strconcat(g_getenv("HOME"), "/dvc-secrets", NULL);
	g_autofree char *file = path_join(global, "config");

	(void)dialect;
	g_setenv("DVC_GLOBAL_CONFIG_DIR", global, true);
	kit_write(file, "['remote \"r\"']\n    url = webdavs://good.example/x\n    password = secret\n");
	project_write(project, ".dvc/config", "['remote \"r\"']\n    url = https://evil.example/x\n");
	check_password(project, NULL, "password");
	project_write(project, ".dvc/config", "['remote \"r\"']\n    url = http://good.example/x\n");
	check_password(project, NULL, "password");
	project_write(project, ".dvc/config", "['remote \"r\"']\n    url = https://good.example:443/y\n");
	check_password(project, "secret", NULL);
	/* nor does another name lead there */
	project_write(project, ".dvc/config", "['remote \"bad\"']\n    url = https://evil.example\n"
					      "['remote \"r\"']\n    url = remote://bad/x\n");
	check_password(project, NULL, "password");
	project_write(project, ".dvc/config.local", "['remote \"r\"']\n    password = mine\n");
	check_password(project, "mine", NULL);
	g_unsetenv("DVC_GLOBAL_CONFIG_DIR");
}

static void dvc_files_of_a_clone_weaken_nothing(struct project *project, gconstpointer dialect)
{
	autoptr(settings) settings = NULL;
	const struct remote_spec *spec;

	(void)dialect;
	project_write(project, ".dvc/config",
		      "['remote \"r\"']\n    url = https://h/x\n    password = p\n    ssl_verify = false\n"
		      "    user = u\n    auth = basic\n"
		      "['remote \"s\"']\n    url = s3://b\n    configpath = ./aws\n    credentialpath = ./keys\n"
		      "    use_ssl = false\n"
		      "['remote \"t\"']\n    url = s3://b\n    use_ssl = true\n");
	settings = get_settings(project);
	spec = settings_remote(settings, "r", NULL);
	g_assert_cmpstr(remote_spec_get(spec, "user"), ==, "u");
	g_assert_null(remote_spec_get(spec, "password"));
	g_assert_null(remote_spec_get(spec, "ssl_verify"));
	spec = settings_remote(settings, "s", NULL);
	g_assert_null(remote_spec_get(spec, "configpath"));
	g_assert_null(remote_spec_get(spec, "credentialpath"));
	g_assert_null(remote_spec_get(spec, "use_ssl"));
	spec = settings_remote(settings, "t", NULL);
	g_assert_cmpstr(remote_spec_get(spec, "use_ssl"), ==, "true");
}

#define ADD(test, dialect)                                                                                             \
	g_test_add("/settings/" #test, struct project, &dialect, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	g_setenv("XDG_CONFIG_DIRS", g_getenv("HOME"), true);
	ADD(defaults_are_safe, dialect_native);
	g_test_add("/settings/defaults_of_dvc", struct project, &dialect_dvc, project_set_up, defaults_are_safe,
		   project_tear_down);
	ADD(git_config_overrides_the_committed_file, dialect_native);
	ADD(a_clone_brings_only_harmless_settings, dialect_native);
	ADD(relative_places_start_where_they_are_written, dialect_native);
	ADD(nonsense_is_refused, dialect_native);
	ADD(the_remote_is_chosen_or_explained, dialect_native);
	ADD(spans_of_time_are_read, dialect_native);
	ADD(dvc_levels_override_each_other, dialect_dvc);
	ADD(what_dvc_rejects_is_rejected, dialect_dvc);
	ADD(a_committed_url_gets_no_foreign_secret, dialect_native);
	ADD(a_changed_url_gets_no_secret_of_the_old_one, dialect_native);
	/* sets a global url */
	ADD(an_own_url_keeps_its_secret, dialect_native);
	ADD(a_committed_url_without_a_host_gets_no_secret, dialect_native);
	ADD(dvc_secrets_stay_with_their_host, dialect_dvc);
	ADD(dvc_files_of_a_clone_weaken_nothing, dialect_dvc);
	return g_test_run();
}
