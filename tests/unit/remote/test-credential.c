/*
 * What a helper of Git's is asked and told. The helper is a script that writes down what it gets.
 */
#include "../tap.h"
#include "base/error.h"
#include "remote/credential.h"

#include <string.h>
#include <sys/stat.h>

/* A helper that notes each call in calls, and answers `get` with what the file answer holds. */
static void install_helper(const char *answer)
{
	static const char script[] = "#!/bin/sh\nhere=${0%/*}\necho \"$1\" >>\"$here/calls\"\n"
				     "cat >>\"$here/calls\"\nif [ \"$1\" = get ]; then cat \"$here/answer\"; fi\n";
	g_autofree char *config = g_strdup_printf("[credential]\nhelper = %s/helper\n", tap_tmpdir());
	g_autofree char *path = path_join(tap_tmpdir(), "gitconfig");
	g_assert_true(g_file_set_contents("helper", script, -1, NULL));
	g_assert_cmpint(chmod("helper", 0755), ==, 0);
	g_assert_true(g_file_set_contents("answer", answer, -1, NULL));
	g_assert_true(g_file_set_contents("calls", "", -1, NULL));
	g_assert_true(g_file_set_contents(path, config, -1, NULL));
}

static char *calls(void)
{
	char *text = NULL;
	g_assert_true(g_file_get_contents("calls", &text, NULL, NULL));
	return text;
}

static struct credential *open_url(const char *url, const char *option, const char *value, bool committed)
{
	g_autoptr(GError) error = NULL;
	autoptr(remote_spec) spec = remote_spec_new("r", url);
	spec->committed = committed;
	if (option)
		g_hash_table_insert(spec->options, g_strdup(option), g_strdup(value));
	struct credential *credential = credential_new(spec, url, &error);
	g_assert_no_error(error);
	return credential;
}

/* The request's login as "user:password", "header" of its secrets, or "". */
static char *shown(struct credential *credential, unsigned *login)
{
	autoptr(request) request = request_new("GET", "https://h/", NULL);
	unsigned number = credential_apply(credential, request);
	if (login)
		*login = number;
	if (request->secrets->len)
		return g_strdup(request->secrets->pdata[0]);
	return request->password ? g_strconcat(request->user, ":", request->password, NULL) : g_strdup("");
}

static void assert_shown(struct credential *credential, const char *want, unsigned *login)
{
	g_autofree char *got = shown(credential, login);
	g_assert_cmpstr(got, ==, want);
}

static void helpers_are_asked_once_and_told(void)
{
	g_autoptr(GError) error = NULL;
	unsigned login;
	install_helper("username=me\npassword=right\n");
	struct credential *credential = open_url("webdavs://h:8443/a%20b/c", NULL, NULL, true);
	assert_shown(credential, "", &login);
	g_assert_true(credential_renew(credential, login, &error));
	g_assert_true(credential_renew(credential, login, &error)); /* another that was refused at the same time */
	assert_shown(credential, "me:right", &login);
	credential_accept(credential, login);
	credential_accept(credential, login);
	g_autofree char *before = calls();
	g_assert_cmpstr(before, ==, "get\nprotocol=https\nhost=h:8443\n"); /* transfers do not wait for more */
	credential_free(credential);
	g_autofree char *text = calls();
	g_assert_cmpstr(text, ==,
			"get\nprotocol=https\nhost=h:8443\n"
			"store\nprotocol=https\nhost=h:8443\nusername=me\npassword=right\n");
}

static void a_wrong_password_is_rejected_and_ends_it(void)
{
	g_autoptr(GError) error = NULL, again = NULL;
	unsigned login;
	install_helper("username=me\npassword=wrong\n");
	autoptr(credential) credential = open_url("https://h/", NULL, NULL, false);
	g_assert_true(credential_renew(credential, 0, &error));
	assert_shown(credential, "me:wrong", &login);
	g_assert_false(credential_renew(credential, login, &error));
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_null(strstr(error->message, "wrong"));
	g_assert_nonnull(error_get_hint(error));
	g_assert_false(credential_renew(credential, login, &again));
	g_assert_error(again, MLV_ERROR, ERROR_DENIED);
	g_autofree char *text = calls();
	g_assert_cmpstr(text, ==,
			"get\nprotocol=https\nhost=h\nerase\nprotocol=https\nhost=h\nusername=me\npassword=wrong\n");
}

/* A token that runs out in the middle of a push is asked for again. */
static void what_worked_before_is_asked_for_anew(void)
{
	g_autoptr(GError) error = NULL;
	unsigned login;
	install_helper("username=me\npassword=old\n");
	autoptr(credential) credential = open_url("https://h/", NULL, NULL, false);
	g_assert_true(credential_renew(credential, 0, &error));
	assert_shown(credential, "me:old", &login);
	credential_accept(credential, login);
	g_assert_true(g_file_set_contents("answer", "username=me\npassword=new\n", -1, NULL));
	g_assert_true(credential_renew(credential, login, &error));
	g_assert_no_error(error);
	assert_shown(credential, "me:new", NULL);
	credential_free(g_steal_pointer(&credential));
	g_autofree char *text = calls(); /* neither the old one, which ran out, nor the new one, which was not tried */
	g_assert_null(strstr(text, "store"));
}

/* A server that takes a login here and not there is not asked about for ever. */
static void a_fickle_server_ends_it(void)
{
	unsigned login, times = 0;
	install_helper("username=me\npassword=right\n");
	autoptr(credential) credential = open_url("https://h/", NULL, NULL, false);
	assert_shown(credential, "", &login);
	while (times < 100 && credential_renew(credential, login, NULL)) {
		assert_shown(credential, "me:right", &login);
		credential_accept(credential, login);
		times++;
	}
	g_assert_cmpuint(times, >=, 2);
	g_assert_cmpuint(times, <, 20);
}

static void without_an_answer_it_says_so_once(void)
{
	g_autoptr(GError) error = NULL, again = NULL;
	install_helper("");
	autoptr(credential) credential = open_url("https://h/", NULL, NULL, false);
	g_assert_false(credential_renew(credential, 0, &error));
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_false(credential_renew(credential, 0, &again));
	g_autofree char *text = calls();
	g_assert_cmpstr(text, ==, "get\nprotocol=https\nhost=h\n");
}

static gpointer renew_first(gpointer data)
{
	return GINT_TO_POINTER(credential_renew(data, 0, NULL));
}

static void many_ask_once(void)
{
	GThread *threads[8];
	install_helper("username=me\npassword=right\n");
	autoptr(credential) credential = open_url("https://h/", NULL, NULL, false);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("asker", renew_first, credential);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		g_assert_true(GPOINTER_TO_INT(g_thread_join(threads[i])));
	g_autofree char *text = calls();
	g_assert_cmpstr(text, ==, "get\nprotocol=https\nhost=h\n");
}

static void settings_come_first_and_are_not_asked_about(void)
{
	g_autoptr(GError) error = NULL;
	install_helper("username=me\npassword=right\n");
	autoptr(credential) credential = open_url("https://u@h/", "password", "p", true);
	assert_shown(credential, "u:p", NULL);
	g_assert_false(credential_renew(credential, 0, &error));
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_autofree char *text = calls();
	g_assert_cmpstr(text, ==, "");
	autoptr(credential) token = open_url("https://h/", "token", "t", true);
	assert_shown(token, "Authorization: Bearer t", NULL);
}

/* The password in an url that a clone brings is no secret, but is not used, either. */
static void only_the_users_url_has_a_password(void)
{
	autoptr(credential) own = open_url("https://u:p%40@h/", NULL, NULL, false);
	autoptr(credential) foreign = open_url("https://u:p%40@h/", NULL, NULL, true);
	assert_shown(own, "u:p@", NULL);
	assert_shown(foreign, "", NULL);
}

static void a_header_of_its_own_carries_the_password(void)
{
	g_autoptr(GError) error = NULL;
	autoptr(remote_spec) spec = remote_spec_new("r", "https://h/");
	g_hash_table_insert(spec->options, g_strdup("auth"), g_strdup("custom"));
	g_assert_null(credential_new(spec, spec->url, &error));
	g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	g_hash_table_insert(spec->options, g_strdup("custom_auth_header"), g_strdup("X-Token"));
	g_hash_table_insert(spec->options, g_strdup("ask_password"), g_strdup("true"));
	autoptr(credential) credential = credential_new(spec, spec->url, NULL);
	install_helper("username=me\npassword=right\n");
	g_assert_true(credential_is_due(credential));
	g_assert_true(credential_renew(credential, 0, NULL));
	g_assert_false(credential_is_due(credential));
	assert_shown(credential, "X-Token: right", NULL);
}

static void the_server_chooses_the_scheme(void)
{
	struct reply reply = {.status = 401, .headers = g_hash_table_new(g_str_hash, g_str_equal)};
	g_hash_table_insert(reply.headers, (gpointer) "www-authenticate", (gpointer) "Digest realm=\"x\"");
	autoptr(credential) free_choice = open_url("https://u:p@h/", NULL, NULL, false);
	autoptr(credential) basic = open_url("https://u:p@h/", "auth", "basic", false);
	autoptr(request) chosen = request_new("GET", "https://h/", NULL);
	autoptr(request) set = request_new("GET", "https://h/", NULL);
	g_assert_cmpuint(credential_apply(free_choice, chosen), ==, 0);
	credential_challenge(free_choice, &reply);
	credential_challenge(free_choice, &reply); /* of another request under way */
	g_assert_true(credential_renew(free_choice, 0, NULL));
	credential_challenge(basic, &reply);
	request_free(chosen);
	chosen = request_new("GET", "https://h/", NULL);
	g_assert_cmpuint(credential_apply(free_choice, chosen), ==, 1);
	credential_apply(basic, set);
	g_assert_cmpint(chosen->auth, ==, AUTH_DIGEST);
	g_assert_cmpint(set->auth, ==, AUTH_BASIC);
	reply_clear(&reply);
}

static void challenge(struct credential *credential, const char *wanted)
{
	struct reply reply = {.status = 401, .headers = g_hash_table_new(g_str_hash, g_str_equal)};
	g_hash_table_insert(reply.headers, (gpointer) "www-authenticate", (gpointer)wanted);
	credential_challenge(credential, &reply);
	reply_clear(&reply);
}

/* Servers in a row behind one name may want different things; that must not go on for ever. */
static void schemes_by_turns_end_it(void)
{
	unsigned tries = 0, login;
	autoptr(credential) credential = open_url("https://u:p@h/", NULL, NULL, false);
	assert_shown(credential, "u:p", &login);
	while (tries < 20) {
		challenge(credential, tries++ % 2 ? "Basic realm=\"x\"" : "Digest realm=\"x\"");
		if (!credential_renew(credential, login, NULL))
			break;
		assert_shown(credential, "u:p", &login);
	}
	g_assert_cmpuint(tries, ==, 2);
}

/* Lines that would be read as another host (CVE-2020-5260), or another header. */
static void line_breaks_are_refused(void)
{
	static const char *const urls[] = {"https://h/%0ahost=evil", "https://u%0d@h/", "https://u:p%0a@h/",
					   "https://h%0ahost=evil/x"};
	for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
		g_autoptr(GError) error = NULL;
		autoptr(remote_spec) spec = remote_spec_new("r", urls[i]);
		g_assert_null(credential_new(spec, spec->url, &error));
		g_assert_nonnull(error);
	}
	static const char *const options[] = {"user", "password", "token"};
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		g_autoptr(GError) error = NULL;
		autoptr(remote_spec) spec = remote_spec_new("r", "https://h/");
		g_hash_table_insert(spec->options, g_strdup(options[i]), g_strdup("a\nhost=evil"));
		g_assert_null(credential_new(spec, spec->url, &error));
		g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	}
}

static void answers_that_make_no_sense_are_refused(void)
{
	static const char *const answers[] = {"username=me\npassword=a\rb\n", "quit=1\n"};
	for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autoptr(GError) error = NULL;
		install_helper(answers[i]);
		autoptr(credential) credential = open_url("https://h/", NULL, NULL, false);
		g_assert_false(credential_renew(credential, 0, &error));
		g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_autofree char *path = path_join(tap_tmpdir(), "gitconfig");
	g_setenv("GIT_CONFIG_GLOBAL", path, TRUE);
	g_setenv("GIT_CONFIG_NOSYSTEM", "1", TRUE);
	g_setenv("GIT_TERMINAL_PROMPT", "0", TRUE);
	g_unsetenv("GIT_ASKPASS");
	g_unsetenv("SSH_ASKPASS");
	g_test_add_func("/credential/helpers-are-asked-once-and-told", helpers_are_asked_once_and_told);
	g_test_add_func("/credential/a-wrong-password-is-rejected-and-ends-it",
			a_wrong_password_is_rejected_and_ends_it);
	g_test_add_func("/credential/what-worked-before-is-asked-for-anew", what_worked_before_is_asked_for_anew);
	g_test_add_func("/credential/a-fickle-server-ends-it", a_fickle_server_ends_it);
	g_test_add_func("/credential/without-an-answer-it-says-so-once", without_an_answer_it_says_so_once);
	g_test_add_func("/credential/many-ask-once", many_ask_once);
	g_test_add_func("/credential/settings-come-first", settings_come_first_and_are_not_asked_about);
	g_test_add_func("/credential/only-the-users-url-has-a-password", only_the_users_url_has_a_password);
	g_test_add_func("/credential/a-header-of-its-own-carries-the-password",
			a_header_of_its_own_carries_the_password);
	g_test_add_func("/credential/the-server-chooses-the-scheme", the_server_chooses_the_scheme);
	g_test_add_func("/credential/schemes-by-turns-end-it", schemes_by_turns_end_it);
	g_test_add_func("/credential/line-breaks-are-refused", line_breaks_are_refused);
	g_test_add_func("/credential/answers-that-make-no-sense-are-refused", answers_that_make_no_sense_are_refused);
	return g_test_run();
}
