#include "backend/lfs/lfs-int.h"
#include "base/error.h"
#include "base/path.h"
#include "remote/urlmatch.h"

#include <string.h>
#include <time.h>

/* Redirects of one request: forges have them for repositories that were renamed. */
#define REDIRECTS 5

/* An answer that ends so soon, in seconds, is not begun with any more. */
#define MARGIN 5

/* Our own copy, with or without the remote's options. */
static struct remote_spec *copy_spec(const struct remote_spec *spec, bool committed, bool options)
{
	struct remote_spec *copy = remote_spec_new(spec->name, spec->url);
	GHashTableIter iter;
	gpointer name, value;
	g_hash_table_iter_init(&iter, spec->options);
	while (options && g_hash_table_iter_next(&iter, &name, &value))
		g_hash_table_insert(copy->options, g_strdup(name), g_strdup(value));
	copy->repo = spec->repo;
	copy->config = spec->config;
	copy->committed = committed;
	copy->withheld = g_strdup(spec->withheld);
	return copy;
}

static bool find_endpoint(struct remote_conn *conn, const struct remote_spec *spec, GError **error)
{
	const char *top = spec->repo ? spec->repo->work_tree : NULL;
	g_autofree char *path = top ? path_join(top, ".lfsconfig") : NULL;
	autoptr(config) lfsconfig = path ? config_read_file(path, error) : NULL;
	if (path && !lfsconfig)
		return false;
	const struct lfs_settings settings = {spec->config, lfsconfig};
	conn->endpoint = lfs_endpoint_find(spec->url, &settings, conn->upload, error);
	if (!conn->endpoint)
		return false;
	/* what the user set for the remote was not meant for wherever a clone's file points to */
	bool theirs = conn->endpoint->committed;
	conn->spec = copy_spec(spec, spec->committed || theirs, !theirs);
	conn->elsewhere = copy_spec(spec, true, false);
	conn->origin = urlmatch_origin(conn->endpoint->url);
	if (!conn->origin)
		error_set(error, ERROR_USAGE, "the URL of the Git LFS server cannot be read");
	return conn->origin != NULL;
}

struct remote_conn *lfs_open(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	struct remote_conn *conn = g_new0(struct remote_conn, 1);
	conn->upload = remote_mode_sends(mode);
	conn->group_max = LFS_BATCH_MAX;
	conn->accesses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)access_free);
	conn->ssh_program = lfs_ssh_program(spec->config);
	pthread_mutex_init(&conn->logging_in, NULL);
	pthread_mutex_init(&conn->mutex, NULL);
	g_queue_init(&conn->waiting);
	if (find_endpoint(conn, spec, error) &&
	    (conn->access = access_new(conn->spec, conn->endpoint->login_url, error)) &&
	    (conn->credential = credential_new(conn->spec, conn->endpoint->login_url, error)))
		return conn;
	lfs_close(conn);
	return NULL;
}

void lfs_close(struct remote_conn *conn)
{
	lfs_action_clear(&conn->login.action);
	credential_free(conn->credential);
	access_free(conn->access);
	g_hash_table_unref(conn->accesses);
	lfs_endpoint_free(conn->endpoint);
	remote_spec_free(conn->spec);
	remote_spec_free(conn->elsewhere);
	g_free(conn->origin);
	g_free(conn->ssh_program);
	g_queue_clear(&conn->waiting);
	pthread_mutex_destroy(&conn->logging_in);
	pthread_mutex_destroy(&conn->mutex);
	g_free(conn);
}

bool lfs_has_expired(const struct lfs_action *action)
{
	return action->expires && action->expires - MARGIN <= time(NULL);
}

/* The number of what ssh told if that is good enough to go by, else 0. */
static unsigned ssh_login(struct remote_conn *conn)
{
	pthread_mutex_lock(&conn->mutex);
	const struct lfs_login *login = &conn->login;
	unsigned number = lfs_has_expired(&login->action) ? 0 : login->number;
	pthread_mutex_unlock(&conn->mutex);
	return number;
}

bool lfs_login_is_due(struct remote_conn *conn)
{
	if (conn->endpoint->ssh_host)
		return ssh_login(conn) == 0;
	return credential_is_due(conn->credential);
}

/* Ask over ssh, unless another thread has done so meanwhile. */
static bool ssh_renew(struct remote_conn *conn, unsigned refused, GError **error)
{
	struct lfs_action action = {0};
	pthread_mutex_lock(&conn->logging_in);
	unsigned present = ssh_login(conn);
	bool fine = present && present != refused;
	if (!fine && lfs_ssh_ask(conn->endpoint, conn->ssh_program, conn->upload, &action, error)) {
		pthread_mutex_lock(&conn->mutex);
		lfs_action_clear(&conn->login.action);
		conn->login.action = action;
		if (lfs_has_expired(&action)) /* so short that asking again would never end */
			conn->login.action.expires = 0;
		conn->login.number++;
		pthread_mutex_unlock(&conn->mutex);
		fine = true;
	}
	pthread_mutex_unlock(&conn->logging_in);
	return fine;
}

/* Whether it is git credential that knows who we are: without ssh, or where ssh told no secret. */
static bool uses_credential(struct remote_conn *conn)
{
	pthread_mutex_lock(&conn->mutex);
	bool by_ssh = conn->endpoint->ssh_host && (conn->login.number == 0 || conn->login.action.authorizes);
	pthread_mutex_unlock(&conn->mutex);
	return !by_ssh;
}

bool lfs_login(struct remote_conn *conn, unsigned refused, GError **error)
{
	if (uses_credential(conn) && !(conn->endpoint->ssh_host && ssh_login(conn) == 0))
		return credential_renew(conn->credential, refused, error);
	return ssh_renew(conn, refused, error);
}

void lfs_challenge(struct remote_conn *conn, const struct reply *reply)
{
	if (uses_credential(conn))
		credential_challenge(conn->credential, reply);
}

void lfs_accept(struct remote_conn *conn, unsigned login)
{
	if (uses_credential(conn))
		credential_accept(conn->credential, login);
}

/* Where the API is: what ssh told, else the endpoint. New string. */
static char *base_url(struct remote_conn *conn)
{
	pthread_mutex_lock(&conn->mutex);
	char *url = g_strdup(conn->login.action.href ? conn->login.action.href : conn->endpoint->url);
	pthread_mutex_unlock(&conn->mutex);
	size_t end = strlen(url);
	while (end && url[end - 1] == '/')
		url[--end] = '\0';
	return url;
}

/* Put who we are into a request to the API's own origin. */
static unsigned authorize(struct remote_conn *conn, struct request *request, const char *origin)
{
	if (uses_credential(conn))
		return strcmp(origin, conn->origin) == 0 ? credential_apply(conn->credential, request) : 0;
	pthread_mutex_lock(&conn->mutex);
	const GPtrArray *headers = conn->login.action.headers;
	unsigned number = conn->login.number;
	for (guint i = 0; headers && i < headers->len; i++)
		g_ptr_array_add(request->secrets, g_strdup(g_ptr_array_index(headers, i)));
	pthread_mutex_unlock(&conn->mutex);
	return number;
}

static void drop_authorization(struct access *access)
{
	for (guint i = access->headers ? access->headers->len : 0; i-- > 0;)
		if (g_ascii_strncasecmp(g_ptr_array_index(access->headers, i), "authorization:", 14) == 0)
			g_ptr_array_remove_index(access->headers, i);
}

/*
 * How to reach a URL, kept for each origin; where an action brings its own Authorization, without the one of
 * http.extraHeader.
 */
static const struct access *access_to(struct remote_conn *conn, const char *url, bool authorized, GError **error)
{
	g_autofree char *origin = urlmatch_origin(url);
	if (!origin) {
		error_set(error, ERROR_CORRUPT, "the Git LFS server sends us to a URL that cannot be read");
		return NULL;
	}
	bool here = strcmp(origin, conn->origin) == 0;
	if (here && !authorized)
		return conn->access;
	g_autofree char *key = g_strconcat(origin, authorized ? " own" : "", NULL);
	struct access *access = g_hash_table_lookup(conn->accesses, key);
	if (access)
		return access;
	access = access_new(here ? conn->spec : conn->elsewhere, url, error);
	if (!access)
		return NULL;
	if (authorized)
		drop_authorization(access);
	g_hash_table_insert(conn->accesses, g_steal_pointer(&key), access);
	return access;
}

/* A request below the API's URL. */
static struct request *own_request(struct remote_conn *conn, const char *method, const char *path, unsigned *login)
{
	g_autofree char *base = base_url(conn), *url = g_strconcat(base, path, NULL), *origin = urlmatch_origin(base);
	const struct access *access = access_to(conn, base, !uses_credential(conn), NULL);
	struct request *request = request_new(method, url, access);
	request->redirects = REDIRECTS;
	*login = origin ? authorize(conn, request, origin) : 0;
	return request;
}

struct request *lfs_api_request(struct remote_conn *conn, const char *path, const GString *body, unsigned *login)
{
	struct request *request = own_request(conn, "POST", path, login);
	request_header(request, "Accept", LFS_MEDIA_TYPE);
	request_header(request, "Content-Type", LFS_MEDIA_TYPE);
	request_send_text(request, body->str, body->len);
	request_take_bytes(request, LFS_REPLY_MAX);
	return request;
}

struct request *lfs_direct_request(struct remote_conn *conn, const char *oid, unsigned *login)
{
	g_autofree char *path = g_strdup_printf("/objects/%s", oid);
	struct request *request = own_request(conn, "GET", path, login);
	request_header(request, "Accept", "application/vnd.git-lfs");
	return request;
}

bool lfs_is_ours(struct remote_conn *conn, const struct lfs_action *action)
{
	g_autofree char *base = base_url(conn), *here = urlmatch_origin(base), *there = urlmatch_origin(action->href);
	return !action->authorizes && g_strcmp0(here, there) == 0;
}

struct request *lfs_action_request(struct remote_conn *conn, const char *method, const struct lfs_action *action,
				   unsigned *login, GError **error)
{
	g_autofree char *base = base_url(conn);
	bool ours = lfs_is_ours(conn, action);
	*login = 0;
	if (g_ascii_strncasecmp(base, "https:", 6) == 0 && g_ascii_strncasecmp(action->href, "https:", 6) != 0) {
		error_set(error, ERROR_UNSAFE, "the Git LFS server at %s sends us to a place without TLS", conn->origin);
		error_hint(error, "tell who runs it: its own URL is set up wrongly");
		return NULL;
	}
	const struct access *access = access_to(conn, action->href, action->authorizes, error);
	if (!access)
		return NULL;
	struct request *request = request_new(method, action->href, access);
	request->redirects = REDIRECTS;
	for (guint i = 0; action->headers && i < action->headers->len; i++)
		g_ptr_array_add(request->secrets, g_strdup(g_ptr_array_index(action->headers, i)));
	if (ours) {
		g_autofree char *origin = urlmatch_origin(base);
		*login = authorize(conn, request, origin);
	}
	return request;
}
