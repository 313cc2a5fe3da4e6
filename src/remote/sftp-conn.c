#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "remote/known-hosts.h"
#include "remote/sftp-int.h"
#include "remote/sftp-url.h"
#include "remote/ssh-config.h"
#include "remote/wire.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A listing of one directory: some 600,000 names. */
#define LISTING_LIMIT ((size_t)64 << 20)

#define KNOWN_HOSTS_LIMIT ((size_t)16 << 20)

/* How often to knock while opening, and how long an answer may take. */
#define TRIES          3
#define TRY_PAUSE_US   500000
#define ASK_TIMEOUT_MS 120000

/* Uploads that nobody can be at any longer, and how many of them one request takes away. */
#define STALE_SECONDS (24 * 3600)
#define SWEEP_BATCH   50

struct request *sftp_request(const struct remote_conn *conn, const char *method, const char *key)
{
	g_autofree char *escaped = g_uri_escape_string(key, "/", FALSE);
	g_autofree char *url = g_strconcat(conn->url, escaped, NULL);
	struct request *request = request_new(method, url, conn->access);
	request->user = g_strdup(conn->user);
	request->password = g_strdup(conn->password);
	return request;
}

struct request *sftp_commands(const struct remote_conn *conn)
{
	return sftp_request(conn, "HEAD", "");
}

static void add_command(const struct remote_conn *conn, GPtrArray **commands, const char *name, const char *const *keys)
{
	g_autofree char *first = g_strconcat(conn->root, keys[0], NULL);
	g_autofree char *second = keys[1] ? g_strconcat(conn->root, keys[1], NULL) : NULL;
	if (!*commands)
		*commands = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(*commands, sftp_command(name, *first ? first : ".", second));
}

void sftp_before(const struct remote_conn *conn, struct request *request, const char *name, const char *first,
		 const char *second)
{
	add_command(conn, &request->before, name, (const char *const[]){first, second});
}

void sftp_after(const struct remote_conn *conn, struct request *request, const char *name, const char *first,
		const char *second)
{
	add_command(conn, &request->after, name, (const char *const[]){first, second});
}

struct request *sftp_list(const struct remote_conn *conn, const char *key)
{
	struct request *request = sftp_request(conn, "GET", key);
	request_take_bytes(request, LISTING_LIMIT);
	return request;
}

char *sftp_temp_key(struct remote_conn *conn)
{
	return g_strdup_printf(SFTP_TEMP "%s-%u", conn->session, conn->serial++);
}

/* The words of SFTP's status codes, as libcurl writes them, that say more than libcurl's own codes do. */
static const struct {
	const char *words;
	enum error_code code;
} statuses[] = {
	{"No such file or directory", ERROR_NOT_FOUND},
	{"Permission denied", ERROR_DENIED},
	{"Write protected", ERROR_DENIED},
};

void sftp_explain(const struct remote_conn *conn, GError **error)
{
	if (!error_is(*error, ERROR_FAILED))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
		if (!strstr((*error)->message, statuses[i].words))
			continue;
		GError *better = NULL;
		error_set(&better, statuses[i].code, "%s", (*error)->message);
		if (statuses[i].code == ERROR_DENIED)
			error_hint(&better, "may '%s' write in %s?", conn->user, conn->place);
		g_error_free(*error);
		*error = better;
		return;
	}
}

/* Read a file of host keys; one that is missing or cannot be read knows nothing. */
static void add_known(struct known_hosts *known, const char *path)
{
	g_autofree char *text = NULL;
	size_t length;
	if (file_read(path, KNOWN_HOSTS_LIMIT, &text, &length, NULL))
		known_hosts_add(known, text, length);
}

/* Text as a file without a name. */
static int text_fd(const char *text, GError **error)
{
	auto_fd int fd = memfd_create("known_hosts", MFD_CLOEXEC);
	if (fd < 0)
		error_set_errno(error, errno, "make a file in memory");
	return fd >= 0 && file_write_all(fd, text, strlen(text), error) ? fd_steal(&fd) : -1;
}

/* Let libcurl know the keys of this host, and of no other. */
static bool set_known_hosts(struct remote_conn *conn, const struct ssh_config *config, GError **error)
{
	autoptr(known_hosts) known = known_hosts_new(config->alias, config->port);
	for (guint i = 0; i < config->known_hosts->len; i++)
		add_known(known, g_ptr_array_index(config->known_hosts, i));
	g_autofree char *lines = known_hosts_lines(known, config->host);
	if (!*lines) {
		error_set(error, ERROR_DENIED, "%s: the server's key is not known", conn->place);
		error_hint(error, "ssh -p %u %s@%s, and accept its key if it is the right one", config->port,
			   conn->user, config->host);
		return false;
	}
	conn->known_hosts = text_fd(lines, error);
	g_free(conn->access->known_hosts);
	conn->access->known_hosts = g_strdup_printf("/proc/self/fd/%d", conn->known_hosts);
	return conn->known_hosts >= 0;
}

static bool is_true(const char *value)
{
	static const char *const yes[] = {"true", "yes", "on", "1", NULL};
	g_autofree char *lower = g_ascii_strdown(value ? value : "", -1);
	return g_strv_contains(yes, lower);
}

/* Options that ask for what we cannot do. */
static bool check_options(const struct remote_spec *spec, GError **error)
{
	static const char *const secrets[] = {"password", "passphrase"};
	if (is_true(remote_spec_get(spec, "gss_auth"))) {
		error_set(error, ERROR_USAGE, "gss_auth: GSSAPI is not supported; use a key or a password");
		error_hint(error, "git mlv remote modify --unset %s gss_auth", spec->name);
		return false;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++) {
		g_autofree char *ask = g_strconcat("ask_", secrets[i], NULL);
		if (!is_true(remote_spec_get(spec, ask)) || remote_spec_get(spec, secrets[i]))
			continue;
		error_set(error, ERROR_USAGE, "%s: nothing is asked for here; set '%s' in your own settings", ask,
			  secrets[i]);
		error_hint(error, "ssh-add, which keeps the key in the agent");
		return false;
	}
	return true;
}

/* The root as libcurl wants it in URLs and in commands. */
static void set_root(struct remote_conn *conn, const struct ssh_config *config, const char *path)
{
	bool home = path[0] != '/', bare = !*path || strcmp(path, "/") == 0;
	bool v6 = strchr(config->host, ':') != NULL;
	g_autofree char *escaped = g_uri_escape_string(path, "/", FALSE);
	const char *open = v6 ? "[" : "", *close = v6 ? "]" : "";
	conn->root = g_strconcat(path, bare ? "" : "/", NULL);
	conn->url = g_strdup_printf("sftp://%s%s%s:%u%s%s%s", open, config->host, close, config->port,
				    home ? "/~/" : "", escaped, bare ? "" : "/");
	g_autofree char *port = config->port == 22 ? g_strdup("") : g_strdup_printf(":%u", config->port);
	conn->place = g_strdup_printf("ssh://%s@%s%s%s%s%s%s", conn->user, open, config->host, close, port,
				      home ? "/~/" : "", path);
}

/* What a login may be tried with: the key of the options, or those that ssh would try and that are there. */
static GPtrArray *login_keys(const struct access *access, const struct ssh_config *config)
{
	GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
	if (access->ssh_key)
		g_ptr_array_add(keys, g_strdup(access->ssh_key));
	for (guint i = 0; i < config->identities->len && !access->ssh_key; i++) {
		const char *path = g_ptr_array_index(config->identities, i);
		if (g_file_test(path, G_FILE_TEST_EXISTS))
			g_ptr_array_add(keys, g_strdup(path));
	}
	if (keys->len == 0) /* password and agent alone; libcurl would look for a name of its own */
		g_ptr_array_add(keys, g_strdup("/dev/null"));
	return keys;
}

/* Perform a request while opening, again if what failed may heal. The request is freed. */
static bool ask(const struct remote_conn *conn, struct request *request, struct reply *reply, GError **error)
{
	g_autoptr(GError) why = NULL;
	autoptr(request) owned = request;
	for (int i = 0; i < TRIES; i++) {
		if (i > 0)
			g_usleep(TRY_PAUSE_US);
		reply_clear(reply);
		g_clear_error(&why);
		if (wire_ask(owned, ASK_TIMEOUT_MS, reply, &why) && !reply->error)
			return true;
		if (!why)
			why = g_error_copy(reply->error);
		if (!error_is(why, ERROR_TRANSIENT))
			break;
	}
	sftp_explain(conn, &why);
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

static void explain_denial(const struct remote_conn *conn, const GPtrArray *keys, GError **error)
{
	GString *tried = g_string_new(NULL);
	for (guint i = 0; i < keys->len; i++)
		if (strcmp(g_ptr_array_index(keys, i), "/dev/null") != 0)
			g_string_append_printf(tried, "%s '%s'", tried->len ? "," : ", tried",
					       (char *)g_ptr_array_index(keys, i));
	g_prefix_error(error, "%s: ", conn->place);
	if (error_is(*error, ERROR_DENIED)) {
		GError *told = NULL;
		error_set(&told, ERROR_DENIED, "%s%s%s%s", (*error)->message, tried->str,
			  conn->password ? ", the password" : "", conn->access->ssh_agent ? ", the agent" : "");
		error_hint(&told,
			   "try `ssh %s@…`; keys of the kind RSA may need another kind (ssh-keygen -t ed25519) or "
			   "a newer libssh2, keys with a passphrase the agent (ssh-add)",
			   conn->user);
		g_clear_error(error);
		*error = told;
	}
	g_string_free(tried, TRUE);
}

/* List the root with one key after the other until one fits; false with ERROR_NOT_FOUND if only the root is missing. */
static bool log_in(struct remote_conn *conn, const GPtrArray *keys, struct reply *reply, GError **error)
{
	g_autoptr(GError) why = NULL;
	for (guint i = 0; i < keys->len; i++) {
		g_clear_error(&why);
		g_free(conn->access->ssh_key);
		conn->access->ssh_key = g_strdup(g_ptr_array_index(keys, i));
		if (ask(conn, sftp_list(conn, ""), reply, &why))
			return true;
		if (!error_is(why, ERROR_DENIED))
			break;
	}
	if (!error_is(why, ERROR_NOT_FOUND))
		explain_denial(conn, keys, &why);
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

/*
 * Make the root, but not what is above it: if that is missing, a disk is probably not mounted, and a push must not fill
 * the empty mount point instead.
 */
static bool make_root(const struct remote_conn *conn, GError **error)
{
	struct reply reply = {0};
	struct request *request = sftp_commands(conn);
	request->before = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *path = g_strndup(conn->root, strlen(conn->root) - (*conn->root != 0));
	g_ptr_array_add(request->before, sftp_command("mkdir", path, NULL));
	bool made = ask(conn, request, &reply, error);
	reply_clear(&reply);
	if (made)
		return true;
	g_prefix_error(error, "make %s: ", conn->place);
	if (error_is(*error, ERROR_NOT_FOUND))
		error_hint(error, "is its disk mounted there? If so: ssh %s@… mkdir -p '%s'", conn->user, path);
	return false;
}

static bool reach_root(struct remote_conn *conn, const GPtrArray *keys, enum remote_mode mode, GError **error)
{
	struct reply reply = {0};
	g_autoptr(GError) why = NULL;
	bool there = log_in(conn, keys, &reply, &why);
	reply_clear(&reply);
	if (there)
		return true;
	if (error_is(why, ERROR_NOT_FOUND) && mode == REMOTE_WRITE)
		return make_root(conn, error);
	if (error_is(why, ERROR_NOT_FOUND)) {
		error_set(error, ERROR_NOT_FOUND, "there is no directory %s", conn->place);
		error_hint(error, "git mlv push makes it if nothing was ever pushed");
		return false;
	}
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

/* Names of uploads that were left behind long ago: they begin with the time of their session. */
static void note_stale(const char *name, enum sftp_kind kind, uint64_t size, void *user)
{
	(void)size;
	char *end;
	gint64 begun = g_ascii_strtoll(name, &end, 10);
	gint64 now = clock_file_now() / G_GINT64_CONSTANT(1000000000);
	if (kind == SFTP_FILE && begun > 0 && *end == '-' && begun + STALE_SECONDS < now)
		g_ptr_array_add(user, g_strconcat(SFTP_TEMP, name, NULL));
}

/* Who collects takes away uploads that were never finished. What cannot be removed stays. */
static void sweep(const struct remote_conn *conn)
{
	struct reply reply = {0};
	g_autoptr(GPtrArray) stale = g_ptr_array_new_with_free_func(g_free);
	if (ask(conn, sftp_list(conn, SFTP_TEMP), &reply, NULL))
		sftp_list_parse(reply_text(&reply), reply.body ? reply.body->len : 0, note_stale, stale);
	reply_clear(&reply);
	for (guint i = 0; i < stale->len; i += SWEEP_BATCH) {
		struct request *request = sftp_commands(conn);
		for (guint j = i; j < MIN(i + SWEEP_BATCH, stale->len); j++)
			sftp_before(conn, request, "*rm", g_ptr_array_index(stale, j), NULL);
		ask(conn, request, &reply, NULL);
		reply_clear(&reply);
	}
}

/* The name that this process's uploads begin with. */
static char *session_name(void)
{
	g_autofree char *unique = g_uuid_string_random();
	return g_strdup_printf("%" G_GINT64_FORMAT "-%s", (gint64)(clock_file_now() / G_GINT64_CONSTANT(1000000000)),
			       unique);
}

/* How the host is reached: the remote's options, then its URL, then the settings of ssh. */
static struct ssh_config *find_host(const struct remote_spec *spec, const struct sftp_url *url, GError **error)
{
	const char *user = remote_spec_get(spec, "user"), *port = remote_spec_get(spec, "port");
	guint64 number = url->port;
	if (port && !g_ascii_string_to_unsigned(port, 10, 1, 65535, &number, NULL)) {
		error_set(error, ERROR_USAGE, "port: '%s' is no port", port);
		return NULL;
	}
	autoptr(ssh_config) config = ssh_config_ask(url->host, user ? user : url->user, (unsigned)number, error);
	if (config && config->proxied) {
		error_set(error, ERROR_USAGE, "%s is reached through ProxyJump or ProxyCommand, which is not supported",
			  url->host);
		error_hint(error, "ssh -N -L 2222:localhost:22 %s, and the port 2222 of localhost in the URL",
			   url->host);
		return NULL;
	}
	return g_steal_pointer(&config);
}

static struct access *make_access(const struct remote_spec *spec, const struct remote_conn *conn,
				  const struct ssh_config *config, GError **error)
{
	struct access *access = access_new(spec, conn->url, error);
	if (!access)
		return NULL;
	access->ssh_agent = access->ssh_agent && config->agent;
	g_clear_pointer(&access->proxy, g_free); /* http.proxy is for HTTP */
	return access;
}

struct remote_conn *sftp_open(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	autoptr(sftp_url) url = sftp_url_parse(spec->url, error);
	autoptr(ssh_config) config = url && check_options(spec, error) ? find_host(spec, url, error) : NULL;
	if (!config)
		return NULL;
	struct remote_conn *conn = g_new0(struct remote_conn, 1);
	conn->known_hosts = -1;
	conn->user = g_strdup(config->user);
	conn->password = g_strdup(remote_spec_get(spec, "password"));
	conn->dirs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	conn->session = session_name();
	set_root(conn, config, url->path);
	conn->access = make_access(spec, conn, config, error);
	if (conn->access && set_known_hosts(conn, config, error)) {
		g_autoptr(GPtrArray) keys = login_keys(conn->access, config);
		if (reach_root(conn, keys, mode, error)) {
			if (mode == REMOTE_COLLECT)
				sweep(conn);
			return conn;
		}
	}
	sftp_close(conn);
	return NULL;
}

void sftp_close(struct remote_conn *conn)
{
	fd_auto(&conn->known_hosts);
	access_free(conn->access);
	g_hash_table_unref(conn->dirs);
	if (conn->password)
		explicit_bzero(conn->password, strlen(conn->password));
	g_free(conn->password);
	g_free(conn->user);
	g_free(conn->place);
	g_free(conn->url);
	g_free(conn->root);
	g_free(conn->session);
	g_free(conn);
}
