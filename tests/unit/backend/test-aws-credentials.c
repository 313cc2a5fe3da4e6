#include "aws-kit.h"
#include "hash/digest.h"
#include "repo/repo.h"

#include <stdatomic.h>
#include <sys/stat.h>

/* --- order --- */

static void options_go_before_all(void)
{
	autoptr(remote_spec) spec = aws_kit_spec("access_key_id", "OPTION");
	aws_kit_reset();
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	g_autoptr(GError) half = aws_kit_fail(spec);
	g_assert_error(half, MLV_ERROR, ERROR_USAGE);
	g_assert_nonnull(strstr(half->message, "secret_access_key"));
	g_hash_table_insert(spec->options, g_strdup("secret_access_key"), g_strdup("hush"));
	g_hash_table_insert(spec->options, g_strdup("session_token"), g_strdup("hush-token"));
	struct aws_credentials found = aws_kit_get(spec);
	g_assert_cmpstr(found.access_key, ==, "OPTION");
	g_assert_cmpstr(found.secret_key, ==, "hush");
	g_assert_cmpstr(found.session_token, ==, "hush-token");
	g_assert_cmpint(found.expires_us, ==, 0);
	g_assert_false(found.anonymous);
	aws_credentials_clear(&found);
	g_assert_null(found.access_key);
}

static void nobody_in_particular(void)
{
	autoptr(remote_spec) spec = aws_kit_spec("allow_anonymous_login", "True");
	aws_kit_reset();
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	struct aws_credentials found = aws_kit_get(spec);
	g_assert_true(found.anonymous);
	g_assert_null(found.access_key);
	g_assert_nonnull(found.source);
	aws_credentials_clear(&found);
}

static void environment(void)
{
	aws_kit_reset();
	aws_kit_keys("[default]\naws_access_key_id = FILE\naws_secret_access_key = hush\n");
	aws_kit_expect("FILE", "profile 'default' in ~/.aws/credentials");
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	aws_kit_expect_error(ERROR_USAGE, "AWS_SECRET_ACCESS_KEY is not", NULL);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	aws_kit_expect("ENV", "the environment (AWS_ACCESS_KEY_ID)");
	setenv("AWS_SECRET_ACCESS_KEY", "hush\n", 1);
	aws_kit_expect_error(ERROR_DENIED, "have blanks or other odd characters", NULL);
	/* Empty is unset. */
	setenv("AWS_ACCESS_KEY_ID", "", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "", 1);
	aws_kit_expect("FILE", "profile 'default' in ~/.aws/credentials");
}

static void a_named_profile_goes_before_the_environment(void)
{
	autoptr(remote_spec) spec = aws_kit_spec("profile", "team");
	aws_kit_reset();
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	aws_kit_config("[profile team]\naws_access_key_id = TEAM\naws_secret_access_key = hush # old\n");
	struct aws_credentials found = aws_kit_get(spec);
	g_assert_cmpstr(found.access_key, ==, "TEAM");
	g_assert_cmpstr(found.secret_key, ==, "hush");
	g_assert_cmpstr(found.source, ==, "profile 'team' in ~/.aws/config");
	aws_credentials_clear(&found);
}

static void profiles_of_the_environment(void)
{
	aws_kit_reset();
	setenv("AWS_DEFAULT_PROFILE", "old", 1);
	aws_kit_keys("[old]\naws_access_key_id = OLD\naws_secret_access_key = hush\n[new]\naws_access_key_id = NEW\n");
	aws_kit_config(
		"[default]\nregion = a\n[profile default]\nregion = b\n[profile new]\naws_secret_access_key = hush\n"
		"aws_access_key_id = X\n");
	aws_kit_expect("OLD", "profile 'old' in ~/.aws/credentials");
	/* What the credentials file has goes before the other's. */
	setenv("AWS_PROFILE", "new", 1);
	aws_kit_expect("NEW", "profile 'new' in ~/.aws/credentials");
	setenv("AWS_PROFILE", "no\x1b[1mne", 1);
	aws_kit_expect_error(ERROR_DENIED,
			     "there is no profile '\"no\\033[1mne\"' in ~/.aws/credentials and ~/.aws/config",
			     "AWS_PROFILE");
	unsetenv("AWS_PROFILE");
	aws_kit_keys("[old]\naws_access_key_id = OLD\n");
	aws_kit_expect_error(ERROR_USAGE, "profile 'old' in ~/.aws/credentials has aws_access_key_id but no", NULL);
}

static void nothing_anywhere(void)
{
	aws_kit_reset();
	aws_kit_expect_error(ERROR_DENIED, "profile 'default' of ~/.aws/credentials and ~/.aws/config",
			     "aws configure");
}

/* --- files --- */

static void files_elsewhere(void)
{
	aws_kit_reset();
	g_autofree char *absolute = path_join(tap_tmpdir(), "keys");
	setenv("AWS_SHARED_CREDENTIALS_FILE", absolute, 1);
	setenv("AWS_CONFIG_FILE", "/dev/null", 1);
	aws_kit_write("keys", "[default]\naws_access_key_id = THERE\naws_secret_access_key = hush\n");
	g_autofree char *source = g_strdup_printf("profile 'default' in %s", absolute);
	aws_kit_expect("THERE", source);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "~/mine", 1);
	aws_kit_write("home/mine", "[default]\naws_access_key_id = MINE\naws_secret_access_key = hush\n");
	aws_kit_expect("MINE", "profile 'default' in ~/mine");
	setenv("AWS_SHARED_CREDENTIALS_FILE", "~/absent", 1);
	aws_kit_expect_error(ERROR_DENIED, "~/absent and /dev/null", NULL);
	setenv("AWS_SHARED_CREDENTIALS_FILE", tap_tmpdir(), 1);
	aws_kit_expect_error(ERROR_UNSAFE, "it is a directory", NULL);
}

static void broken_files(void)
{
	aws_kit_reset();
	aws_kit_keys("[default]\naws_secret_access_key hush\n");
	aws_kit_expect_error(ERROR_CORRUPT, "~/.aws/credentials:2: neither a section nor a setting", NULL);
}

/* A clone's option may name a file of the clone: it must not get us to run what stands there. */
static void files_of_a_clone(void)
{
	autoptr(remote_spec) spec = remote_spec_new("store", "s3://bucket/x");
	g_autofree char *inside = path_join(tap_tmpdir(), "clone/aws"), *link = path_join(tap_tmpdir(), "way-in");
	g_autofree char *tree = path_join(tap_tmpdir(), "clone");
	struct repo repo = {.work_tree = tree};
	aws_kit_reset();
	g_assert_cmpint(mkdir("clone", 0777), ==, 0);
	g_assert_cmpint(symlink(inside, link), ==, 0);
	spec->repo = &repo;
	aws_kit_write("clone/aws", "[default]\ncredential_process = touch ran\n");
	for (int i = 0; i < 2; i++) {
		const char *const option = i ? "configpath" : "credentialpath";
		g_hash_table_remove_all(spec->options);
		g_hash_table_insert(spec->options, g_strdup(option), g_strdup(i ? link : inside));
		g_autoptr(GError) error = aws_kit_fail(spec);
		g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
		g_assert_nonnull(strstr(error->message, option));
		g_assert_nonnull(strstr(error->message, "credential_process"));
		g_assert_nonnull(error_get_hint(error));
	}
	g_assert_false(g_file_test("ran", G_FILE_TEST_EXISTS));

	/* Keys are taken: they run nothing. */
	aws_kit_write("clone/aws", "[default]\naws_access_key_id = CLONE\naws_secret_access_key = hush\nregion = x\n");
	struct aws_credentials found = aws_kit_get(spec);
	g_assert_cmpstr(found.access_key, ==, "CLONE");
	aws_credentials_clear(&found);

	/* Without Git, what a committed file names is not trusted either. */
	spec->repo = NULL;
	spec->committed = true;
	aws_kit_write("clone/aws", "[default]\nrole_arn = r\n");
	g_autoptr(GError) error = aws_kit_fail(spec);
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	spec->committed = false;
	g_hash_table_insert(spec->given.scopes, g_strdup("configpath"), GINT_TO_POINTER(SPEC_COMMITTED));
	g_autoptr(GError) scope = aws_kit_fail(spec);
	g_assert_error(scope, MLV_ERROR, ERROR_UNSAFE);
}

/* --- region, endpoint --- */

static void expect_settings(const struct remote_spec *spec, const char *region, const char *endpoint)
{
	g_autoptr(GError) error = NULL;
	autoptr(aws_chain) chain = aws_chain_new(spec, &error);
	g_assert_no_error(error);
	g_autofree char *found = aws_chain_region(chain), *url = aws_chain_endpoint(chain);
	g_assert_cmpstr(found, ==, region);
	g_assert_cmpstr(url, ==, endpoint);
}

static void regions_and_endpoints(void)
{
	autoptr(remote_spec) spec = aws_kit_spec(NULL, NULL);
	aws_kit_reset();
	expect_settings(spec, NULL, NULL);
	aws_kit_config("[default]\nregion = eu-1\nendpoint_url = http://all/\nservices = mine\ns3 =\n  "
		       "addressing_style = path\n"
		       "[services mine]\ns3 =\n  endpoint_url = http://s3\n");
	expect_settings(spec, "eu-1", "http://s3");
	aws_kit_config("[default]\nregion = eu-1\nendpoint_url = http://all/\ns3 =\n  addressing_style = path\n");
	expect_settings(spec, "eu-1", "http://all");
	setenv("AWS_DEFAULT_REGION", "eu-2", 1);
	setenv("AWS_ENDPOINT_URL", "http://env", 1);
	expect_settings(spec, "eu-2", "http://env");
	setenv("AWS_REGION", "eu-3", 1);
	setenv("AWS_ENDPOINT_URL_S3", "http://env-s3", 1);
	expect_settings(spec, "eu-3", "http://env-s3");
	g_hash_table_insert(spec->options, g_strdup("region"), g_strdup("eu-4"));
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
	expect_settings(spec, "eu-4", NULL);

	autoptr(aws_chain) chain = aws_chain_new(spec, NULL);
	g_autofree char *style = aws_chain_s3_setting(chain, "addressing_style");
	g_assert_cmpstr(style, ==, "path");
	g_hash_table_insert(spec->options, g_strdup("region"), g_strdup("evil.example/#"));
	g_autoptr(GError) error = aws_kit_fail(spec);
	g_assert_error(error, MLV_ERROR, ERROR_USAGE);
}

/* --- credential_process --- */

#define KEYS_FROM_PROCESS "{\"Version\": 1, \"AccessKeyId\": \"PROC\", \"SecretAccessKey\": \"hush\""

static void processes(void)
{
	aws_kit_reset();
	aws_kit_write("give me.sh", "cat \"$1\"; echo \"said: $2\" >&2; echo x >>runs\n");
	aws_kit_config("[default]\ncredential_process = sh 'give me.sh' output \"$(touch ran)\"\n");
	aws_kit_write("output",
		      KEYS_FROM_PROCESS ", \"SessionToken\": \"hush-t\", \"Expiration\": \"2999-01-01T00:00:00Z\"}");
	autoptr(remote_spec) spec = aws_kit_spec(NULL, NULL);
	struct aws_credentials found = aws_kit_get(spec);
	g_assert_cmpstr(found.access_key, ==, "PROC");
	g_assert_cmpstr(found.session_token, ==, "hush-t");
	g_assert_cmpint(found.expires_us, ==, INT64_C(32472144000) * G_USEC_PER_SEC);
	g_assert_cmpstr(found.source, ==, "credential_process of profile 'default' in ~/.aws/config");
	aws_credentials_clear(&found);
	g_assert_false(g_file_test("ran", G_FILE_TEST_EXISTS));
}

static void processes_that_fail(void)
{
	static const struct {
		const char *command, *output, *message;
		enum error_code code;
	} cases[] = {
		{"false hush", "", "'false' ended with status 1", ERROR_DENIED},
		{"/nonexistent/hush-not", "", "No such file", ERROR_NOT_FOUND},
		{"cat 'hush", "", "a quote in it is not closed", ERROR_USAGE},
		{"cat output", "hush", "not what credentials look like", ERROR_CORRUPT},
		{"cat output", "[]", "not what credentials look like", ERROR_CORRUPT},
		{"cat output", "{\"Version\": 1, \"AccessKeyId\": \"PROC\"}", "not what", ERROR_CORRUPT},
		{"cat output", "{\"Version\": 2, \"AccessKeyId\": \"hush\"}", "only 1 is", ERROR_CORRUPT},
		{"cat output", KEYS_FROM_PROCESS ", \"Expiration\": \"hush\"}", "not what", ERROR_CORRUPT},
		{"cat output", KEYS_FROM_PROCESS ", \"Expiration\": \"2001-01-01T00:00:00Z\"}", "have expired",
		 ERROR_DENIED},
		{"cat /dev/zero", "", "it printed more than", ERROR_UNSAFE},
	};
	aws_kit_reset();
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *config = g_strdup_printf("[default]\ncredential_process = %s\n", cases[i].command);
		aws_kit_config(config);
		aws_kit_write("output", cases[i].output);
		autoptr(remote_spec) spec = aws_kit_spec(NULL, NULL);
		GError *error = NULL;
		autoptr(aws_chain) chain = aws_chain_new(spec, NULL);
		struct aws_credentials found;
		g_assert_false(aws_chain_get(chain, false, &found, &error));
		g_assert_error(error, MLV_ERROR, (int)cases[i].code);
		g_assert_nonnull(strstr(error->message, "credential_process of profile 'default'"));
		if (!strstr(error->message, cases[i].message))
			g_error("'%s' is not in '%s'", cases[i].message, error->message);
		/* The name of the program is told, what it was given and what it said are not. */
		g_assert_true(!strstr(error->message, "hush") || strstr(error->message, "/hush-not"));
		g_error_free(error);
	}
}

/* --- what is kept, and how long --- */

static unsigned count_runs(void)
{
	g_autofree char *runs = NULL;
	return g_file_get_contents("runs", &runs, NULL, NULL) ? (unsigned)strlen(runs) / 2 : 0;
}

static void write_expiring(const char *key, int seconds)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add_seconds(now, seconds);
	g_autofree char *time = g_date_time_format_iso8601(then);
	g_autofree char *json =
		g_strdup_printf("{\"Version\": 1, \"AccessKeyId\": \"%s\", \"SecretAccessKey\": \"hush\", "
				"\"Expiration\": \"%s\"}",
				key, time);
	aws_kit_write("output", json);
}

static void expect_key(struct aws_chain *chain, bool renew, const char *key)
{
	g_autoptr(GError) error = NULL;
	struct aws_credentials found;
	aws_chain_get(chain, renew, &found, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(found.access_key, ==, key);
	aws_credentials_clear(&found);
}

static void what_expires_is_renewed(void)
{
	autoptr(remote_spec) spec = aws_kit_spec(NULL, NULL);
	g_autoptr(GError) error = NULL;
	struct aws_credentials found;
	aws_kit_reset();
	unlink("runs");
	aws_kit_config("[default]\ncredential_process = sh 'give me.sh' output\n");
	aws_kit_write("give me.sh", "cat \"$1\"; echo x >>runs\n");
	autoptr(aws_chain) chain = aws_chain_new(spec, NULL);
	write_expiring("ONE", 3600);
	expect_key(chain, false, "ONE");
	write_expiring("TWO", 2);
	expect_key(chain, false, "ONE");
	g_assert_cmpuint(count_runs(), ==, 1);
	/* The server refused them. */
	expect_key(chain, true, "TWO");
	/* So near its end that a source that gives no more would be asked for each request. */
	expect_key(chain, false, "TWO");
	g_assert_cmpuint(count_runs(), ==, 2);
	g_usleep(2100 * 1000);
	write_expiring("THREE", 3600);
	expect_key(chain, false, "THREE");
	g_assert_cmpuint(count_runs(), ==, 3);
	/* No renewal, no credentials: these were refused. */
	aws_kit_write("output", "{}");
	g_assert_false(aws_chain_get(chain, true, &found, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	/* And whoever asks next asks the source again. */
	write_expiring("FOUR", 3600);
	expect_key(chain, false, "FOUR");
	g_assert_cmpuint(count_runs(), ==, 5);
}

struct crowd {
	struct aws_chain *chain;
	atomic_int begun;
};

static gpointer renew_in_thread(gpointer user)
{
	struct crowd *crowd = user;
	atomic_fetch_add(&crowd->begun, 1);
	expect_key(crowd->chain, true, "MANY");
	return NULL;
}

static void many_at_once_ask_once(void)
{
	enum { THREADS = 8 };
	autoptr(remote_spec) spec = aws_kit_spec(NULL, NULL);
	struct crowd crowd = {0};
	GThread *threads[THREADS];
	aws_kit_reset();
	unlink("runs");
	aws_kit_config("[default]\ncredential_process = sh 'give me.sh' output\n");
	aws_kit_write("give me.sh", "until test -e go; do sleep 0.05; done; cat \"$1\"; echo x >>runs\n");
	write_expiring("MANY", 3600);
	crowd.chain = aws_chain_new(spec, NULL);
	for (int i = 0; i < THREADS; i++)
		threads[i] = g_thread_new("renew", renew_in_thread, &crowd);
	while (atomic_load(&crowd.begun) < THREADS)
		g_usleep(1000);
	g_usleep(300 * 1000);
	aws_kit_write("go", "");
	for (int i = 0; i < THREADS; i++)
		g_thread_join(threads[i]);
	g_assert_cmpuint(count_runs(), ==, 1);
	aws_chain_free(crowd.chain);
}

static void sha1_names(void)
{
	char name[DIGEST_SHA1_TEXT];
	digest_sha1("abc", 3, name);
	g_assert_cmpstr(name, ==, "a9993e364706816aba3e25717850c26c9cd0d89d");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/aws-credentials/options", options_go_before_all);
	g_test_add_func("/aws-credentials/anonymous", nobody_in_particular);
	g_test_add_func("/aws-credentials/environment", environment);
	g_test_add_func("/aws-credentials/profile-option", a_named_profile_goes_before_the_environment);
	g_test_add_func("/aws-credentials/profiles", profiles_of_the_environment);
	g_test_add_func("/aws-credentials/nothing", nothing_anywhere);
	g_test_add_func("/aws-credentials/files-elsewhere", files_elsewhere);
	g_test_add_func("/aws-credentials/broken-files", broken_files);
	g_test_add_func("/aws-credentials/clone", files_of_a_clone);
	g_test_add_func("/aws-credentials/region-endpoint", regions_and_endpoints);
	g_test_add_func("/aws-credentials/process", processes);
	g_test_add_func("/aws-credentials/process-fails", processes_that_fail);
	g_test_add_func("/aws-credentials/renewal", what_expires_is_renewed);
	g_test_add_func("/aws-credentials/many", many_at_once_ask_once);
	g_test_add_func("/aws-credentials/sha1", sha1_names);
	return g_test_run();
}
