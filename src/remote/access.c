#include "remote/access.h"

#include "base/error.h"
#include "base/path.h"
#include "remote/credential-ask.h"
#include "remote/urlmatch.h"

#include <string.h>

#define DEFAULT_CONNECT_TIMEOUT 60
#define MAX_CONNECT_TIMEOUT     86400

/* Git's settings on their way into an access. */
struct reading {
	struct access *access;
	bool committed; /* the url is not the user's choice */
	bool protected; /* the client's key has a password */
	GError *error;  /* the first that went wrong */
};

static bool parse_bool(const char *text, bool *value)
{
	static const char *const yes[] = {"true", "yes", "on", "1", NULL};
	static const char *const no[] = {"false", "no", "off", "0", "", NULL};
	g_autofree char *lower = g_ascii_strdown(text, -1);

	*value = g_strv_contains(yes, lower);
	return *value || g_strv_contains(no, lower);
}

/* A path of a setting, with '~' expanded. New string. */
static char *expand(const char *path)
{
	if (path[0] == '~' && (path[1] == '/' || !path[1]))
		return g_strconcat(g_get_home_dir(), path + 1, NULL);
	return g_strdup(path);
}

static void take_path(char **path, const char *value)
{
	g_free(*path);
	*path = *value ? expand(value) : NULL;
}

static void take_text(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
}

static bool read_bool(struct reading *reading, const char *name, const char *text)
{
	bool value;

	if (!parse_bool(text, &value) && !reading->error)
		error_set(&reading->error, ERROR_USAGE, "http.%s: '%s' is neither true nor false", name, text);
	return value;
}

/* One more header; an empty one forgets those before it. */
static void take_header(struct reading *reading, const char *value, bool specific)
{
	struct access *access = reading->access;

	if (!*value) {
		g_clear_pointer(&access->headers, g_ptr_array_unref);
		return;
	}
	if (strpbrk(value, "\r\n")) {
		if (!reading->error)
			error_set(&reading->error, ERROR_USAGE, "a value of http.extraHeader has more than one line");
		return;
	}
	/* A header for all hosts was not given for one that a clone names. */
	if (reading->committed && !specific)
		return;
	if (!access->headers)
		access->headers = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(access->headers, g_strdup(value));
}

static void take_version(struct reading *reading, const char *value)
{
	reading->access->http1 = strcmp(value, "HTTP/1.1") == 0;
	if (!reading->access->http1 && strcmp(value, "HTTP/2") != 0 && !reading->error)
		error_set(&reading->error, ERROR_USAGE, "http.version: '%s' is neither HTTP/2 nor HTTP/1.1", value);
}

/* One of Git's http.* settings. */
static void take_setting(const char *name, const char *value, bool specific, void *user)
{
	struct reading *reading = user;
	struct access *access = reading->access;
	const struct {
		const char *name;
		char **path;
	} paths[] = {
		{"sslcainfo", &access->ca_file},
		{"sslcapath", &access->ca_path},
		{"sslcert", &access->cert},
		{"sslkey", &access->key},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		if (strcmp(name, paths[i].name) == 0)
			take_path(paths[i].path, value);
	if (strcmp(name, "sslverify") == 0)
		access->insecure = !read_bool(reading, "sslVerify", value);
	else if (strcmp(name, "sslcertpasswordprotected") == 0)
		reading->protected = read_bool(reading, "sslCertPasswordProtected", value);
	else if (strcmp(name, "proxy") == 0)
		take_text(&access->proxy, value);
	else if (strcmp(name, "useragent") == 0)
		take_text(&access->user_agent, value);
	else if (strcmp(name, "extraheader") == 0)
		take_header(reading, value, specific);
	else if (strcmp(name, "version") == 0)
		take_version(reading, value);
}

/* Git's environment overrides its settings. */
static void take_environment(struct access *access)
{
	const struct {
		const char *name;
		char **path;
	} paths[] = {
		{"GIT_SSL_CAINFO", &access->ca_file},
		{"GIT_SSL_CAPATH", &access->ca_path},
		{"GIT_SSL_CERT", &access->cert},
		{"GIT_SSL_KEY", &access->key},
	};
	const char *agent = g_getenv("GIT_HTTP_USER_AGENT");

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		if (g_getenv(paths[i].name))
			take_path(paths[i].path, g_getenv(paths[i].name));
	if (g_getenv("GIT_SSL_NO_VERIFY"))
		access->insecure = true;
	if (agent)
		take_text(&access->user_agent, agent);
}

/* ssl_verify: yes, no, or what to verify with. */
static void take_option_verify(struct access *access, const char *value)
{
	bool verify;

	if (parse_bool(value, &verify)) {
		access->insecure = !verify;
		return;
	}
	access->insecure = false;
	g_autofree char *path = expand(value);
	take_path(g_file_test(path, G_FILE_TEST_IS_DIR) ? &access->ca_path : &access->ca_file, path);
}

static bool option_bool(const struct remote_spec *spec, const char *name, bool *value, GError **error)
{
	const char *text = remote_spec_get(spec, name);

	if (!text || parse_bool(text, value))
		return true;
	error_set(error, ERROR_USAGE, "%s: '%s' is neither true nor false", name, text);
	error_hint(error, "git mlv remote modify %s %s true", spec->name, name);
	return false;
}

static bool option_seconds(const struct remote_spec *spec, const char *name, unsigned *seconds, GError **error)
{
	const char *text = remote_spec_get(spec, name);
	char *end;
	double value = text ? g_ascii_strtod(text, &end) : 0;

	if (!text)
		return true;
	if (end == text || *end || !(value > 0 && value <= MAX_CONNECT_TIMEOUT)) {
		error_set(error, ERROR_USAGE, "%s: '%s' is no number of seconds from 1 to %d", name, text,
			  MAX_CONNECT_TIMEOUT);
		error_hint(error, "git mlv remote modify %s %s %d", spec->name, name, DEFAULT_CONNECT_TIMEOUT);
		return false;
	}
	*seconds = MAX((unsigned)value, 1);
	return true;
}

/* What the remote's own options say: they override Git's. */
static bool take_options(struct access *access, const struct remote_spec *spec, GError **error)
{
	const struct {
		const char *name;
		char **path;
	} paths[] = {{"cert_path", &access->cert}, {"key_path", &access->key}, {"keyfile", &access->ssh_key}};
	const char *verify = remote_spec_get(spec, "ssl_verify"), *passphrase = remote_spec_get(spec, "passphrase");

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		if (remote_spec_get(spec, paths[i].name))
			take_path(paths[i].path, remote_spec_get(spec, paths[i].name));
	if (verify)
		take_option_verify(access, verify);
	if (passphrase)
		take_text(&access->key_password, passphrase);
	return option_bool(spec, "allow_agent", &access->ssh_agent, error) &&
	       option_seconds(spec, "timeout", &access->connect_timeout, error) &&
	       option_seconds(spec, "connect_timeout", &access->connect_timeout, error);
}

/* The user's list of host keys, or where there is none the machine's. New string. */
static char *find_known_hosts(void)
{
	static const char of_machine[] = "/etc/ssh/ssh_known_hosts";
	g_autofree char *of_user = path_join(g_get_home_dir(), ".ssh/known_hosts");

	if (!g_file_test(of_user, G_FILE_TEST_EXISTS) && g_file_test(of_machine, G_FILE_TEST_EXISTS))
		return g_strdup(of_machine);
	return g_steal_pointer(&of_user);
}

struct access *access_new(const struct remote_spec *spec, const char *url, GError **error)
{
	autoptr(access) access = g_new0(struct access, 1);
	struct reading reading = {.access = access, .committed = spec->committed};

	access->user_agent = g_strdup("git-mlv/" PACKAGE_VERSION);
	access->connect_timeout = DEFAULT_CONNECT_TIMEOUT;
	access->ssh_agent = true;
	access->known_hosts = find_known_hosts();
	if (spec->config)
		urlmatch_each(spec->config, "http", url, take_setting, &reading);
	if (reading.error) {
		g_propagate_error(error, reading.error);
		return NULL;
	}
	take_environment(access);
	if (!take_options(access, spec, error))
		return NULL;
	if ((reading.protected || g_getenv("GIT_SSL_CERT_PASSWORD_PROTECTED")) && access->cert &&
	    !access->key_password) {
		access->key_password =
			credential_ask_for_key(spec->repo ? spec->repo->git_dir : NULL, access->cert, error);
		if (!access->key_password)
			return NULL;
	}
	return g_steal_pointer(&access);
}

void access_free(struct access *access)
{
	if (!access)
		return;
	g_free(access->ca_file);
	g_free(access->ca_path);
	g_free(access->cert);
	g_free(access->key);
	credential_wipe(access->key_password);
	g_free(access->proxy);
	g_free(access->user_agent);
	g_clear_pointer(&access->headers, g_ptr_array_unref);
	g_free(access->known_hosts);
	g_free(access->ssh_key);
	g_free(access);
}
