#include "backend/sftp/sftp-int.h"
#include "backend/sftp/sftp-temp.h"
#include "backend/sftp/sftp-url.h"
#include "backend/sftp/ssh-config.h"
#include "base/error.h"
#include "remote/credential-ask.h"
#include "remote/wire.h"

#include <string.h>

/* How often to knock while opening, and how long an answer may take. */
#define TRIES          3
#define TRY_PAUSE_US   500000
#define ASK_TIMEOUT_MS 120000

/* How many stale uploads one request takes away. */
#define SWEEP_BATCH 50

/* Stands for a key where there is none: libcurl would look for a name of its own. */
#define NO_KEY "/dev/null"

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
	if (keys->len == 0)
		g_ptr_array_add(keys, g_strdup(NO_KEY));
	return keys;
}

bool sftp_option_is_on(const struct remote_spec *spec, const char *name)
{
	static const char *const yes[] = {"true", "yes", "on", "1", NULL};
	const char *value = remote_spec_get(spec, name);
	g_autofree char *lower = g_ascii_strdown(value ? value : "", -1);
	return g_strv_contains(yes, lower);
}

/* Ask for what the options say is to be asked for; *query keeps a password that was asked for, to tell what came of it.
 */
static bool ask_secrets(struct remote_conn *conn, const struct remote_spec *spec, const char *key,
			struct credential_query *query, GError **error)
{
	struct access *access = conn->access;
	const char *dir = spec->repo ? spec->repo->git_dir : NULL;
	if (sftp_option_is_on(spec, "ask_passphrase") && !access->key_password && strcmp(key, NO_KEY) != 0) {
		access->key_password = credential_ask_for_key(dir, key, error);
		if (!access->key_password)
			return false;
	}
	if (!sftp_option_is_on(spec, "ask_password") || conn->password)
		return true;
	query->protocol = g_strdup("ssh");
	query->host = g_strdup(conn->address);
	query->user = g_strdup(conn->user);
	if (!credential_ask_fill(dir, query, error))
		return false;
	conn->password = g_strdup(query->password);
	return true;
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
		sftp_explain(conn, &why);
		if (!error_is(why, ERROR_TRANSIENT))
			break;
	}
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

/* Say what was tried, and how to find out more. */
static void explain_login(const struct remote_conn *conn, const GPtrArray *keys, GError **error)
{
	const char *agent = g_getenv("SSH_AUTH_SOCK");
	GString *tried = g_string_new(NULL);
	for (guint i = 0; i < keys->len; i++) {
		const char *key = g_ptr_array_index(keys, i);
		if (strcmp(key, NO_KEY) != 0)
			g_string_append_printf(tried, "%s'%s'", tried->len ? ", " : "", key);
	}
	if (conn->password)
		g_string_append_printf(tried, "%sthe password", tried->len ? ", " : "");
	if (conn->access->ssh_agent && agent && *agent)
		g_string_append_printf(tried, "%sthe agent", tried->len ? ", " : "");
	g_clear_error(error);
	error_set(error, ERROR_DENIED, "%s: the login as '%s' failed; tried: %s", conn->place, conn->user,
		  tried->len ? tried->str : "nothing, for there is no key, agent or password");
	error_hint(error,
		   "`%s` must work without a question: a key with a passphrase needs ssh-add; one of the kind RSA "
		   "libssh2 1.11 (else: ssh-keygen -t ed25519)",
		   conn->ssh);
	g_string_free(tried, TRUE);
}

/* The server has another key than the one that is known. */
static void explain_key(const struct remote_conn *conn, GError **error)
{
	g_clear_error(error);
	error_set(error, ERROR_DENIED,
		  "%s: the server's key is NOT the known one: somebody may pretend to be it, or it was set up anew",
		  conn->place);
	error_hint(error, "ask who runs it; only if its key was changed: ssh-keygen -R '%s', then %s", conn->address,
		   conn->ssh);
}

/* List the root with one key after the other until one fits; false with ERROR_NOT_FOUND if only the root is missing. */
static bool log_in(struct remote_conn *conn, const GPtrArray *keys, GError **error)
{
	g_autoptr(GError) why = NULL;
	struct reply reply = {0};
	bool in = false;
	for (guint i = 0; i < keys->len && !in; i++) {
		g_clear_error(&why);
		g_free(conn->access->ssh_key);
		conn->access->ssh_key = g_strdup(g_ptr_array_index(keys, i));
		in = ask(conn, sftp_list(conn, ""), &reply, &why);
		reply_clear(&reply);
		if (!in && (!error_is(why, ERROR_DENIED) || sftp_error_is_key(why)))
			break;
	}
	if (sftp_error_is_key(why))
		explain_key(conn, &why);
	else if (sftp_error_is_login(why))
		explain_login(conn, keys, &why);
	else if (why && !error_is(why, ERROR_NOT_FOUND))
		g_prefix_error(&why, "%s: ", conn->place);
	if (!in)
		g_propagate_error(error, g_steal_pointer(&why));
	return in;
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
		error_hint(error, "is its disk mounted there? If so: %s mkdir -p '%s'", conn->ssh, path);
	return false;
}

/* There is no root; `again`: there was one, with objects. */
static void fail_absent(const struct remote_conn *conn, bool again, GError **error)
{
	g_autofree char *path = g_strndup(conn->root, strlen(conn->root) - (*conn->root != 0));

	error_set(error, ERROR_NOT_FOUND, "there is no directory %s%s", conn->place,
		  again ? ", where there were objects before" : "");
	if (again)
		error_hint(error, "is its disk mounted there? To start afresh: %s mkdir '%s'", conn->ssh, path);
	else
		error_hint(error, "git mlv push makes it if nothing was ever pushed");
}

/* Note an upload that was left behind long ago. */
static void note_stale(const char *name, enum sftp_kind kind, uint64_t size, void *user)
{
	(void)size;
	if (kind == SFTP_FILE && sftp_temp_is_stale(name))
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

bool sftp_log_in(struct remote_conn *conn, const struct remote_spec *spec, const struct ssh_config *config,
		 enum remote_mode mode, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GPtrArray) keys = login_keys(conn->access, config);
	struct credential_query query = {0};
	if (!ask_secrets(conn, spec, g_ptr_array_index(keys, 0), &query, error))
		return false;
	bool there = log_in(conn, keys, &why), in = there || error_is(why, ERROR_NOT_FOUND);
	if (query.password && (in || error_is(why, ERROR_DENIED)))
		credential_ask_tell(spec->repo ? spec->repo->git_dir : NULL, in ? "approve" : "reject", &query);
	credential_query_clear(&query);
	if (there && mode == REMOTE_COLLECT)
		sweep(conn);
	if (there || (in && mode == REMOTE_WRITE))
		return there || make_root(conn, error);
	if (!in) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	fail_absent(conn, mode == REMOTE_WRITE_AGAIN, error);
	return false;
}
