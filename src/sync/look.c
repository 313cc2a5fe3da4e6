#include "sync/look.h"

#include "backend/table.h"
#include "base/error.h"
#include "base/path.h"
#include "hash/digest.h"
#include "remote/wire.h"
#include "sync/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* How long a server may take for one answer. */
#define PATIENCE_MS 60000

/* Redirects that are followed. */
#define REDIRECTS 5

static bool begins(const char *url, const char *scheme)
{
	return g_ascii_strncasecmp(url, scheme, strlen(scheme)) == 0;
}

static bool is_http(const char *url)
{
	return begins(url, "http://") || begins(url, "https://");
}

static bool fail_unmarked(const char *url, GError **error)
{
	error_set(error, ERROR_FAILED, "look at '%s': the server tells neither ETag nor Content-MD5", url);
	error_hint(error, "download it in a stage with always_changed: true, and depend on what that makes");
	return false;
}

/* The length of the whole, from the answer to HEAD or to GET of its first byte. */
static void take_size(struct look *look, const struct reply *reply)
{
	const char *range = reply_header(reply, "content-range"), *length = reply_header(reply, "content-length");
	const char *slash = range ? strrchr(range, '/') : NULL;
	guint64 size;

	if (reply->status == 206)
		length = slash ? slash + 1 : NULL;
	look->has_size = length && g_ascii_string_to_unsigned(length, 10, 0, G_MAXINT64, &size, NULL);
	if (look->has_size)
		look->size = size;
}

/* Ask with this method. true with *again set if the server wants another one. */
static bool ask_http(const struct access *access, const char *url, const char *method, struct look *look, bool *again,
		     GError **error)
{
	autoptr(request) request = request_new(method, url, access);
	struct reply reply = {0};
	bool ok = false;

	request->redirects = REDIRECTS;
	if (strcmp(method, "GET") == 0)
		request_header(request, "Range", "bytes=0-0");
	if (!wire_ask(request, PATIENCE_MS, &reply, error))
		return false;
	*again = reply.status == 403 || reply.status == 405 || reply.status == 501;
	if (reply.status == 404 || reply.status == 410) {
		ok = true;
	} else if (reply.status == 200 || reply.status == 206) {
		const char *mark = reply_header(&reply, "etag");

		take_size(look, &reply);
		look->found = true;
		look->key = "checksum";
		look->mark = g_strdup(mark ? mark : reply_header(&reply, "content-md5"));
		ok = look->mark || fail_unmarked(url, error);
	} else {
		g_propagate_prefixed_error(error, reply_error(&reply, NULL), "look at '%s': ", url);
	}
	reply_clear(&reply);
	return ok;
}

/* A URL of the web is taken as it is, with all that stands behind its path. */
static bool look_at_http(struct workspace *ws, const char *url, struct look *look, GError **error)
{
	autoptr(remote_spec) spec = remote_spec_new(url, url);
	autoptr(access) access = NULL;
	g_autoptr(GError) first = NULL;
	bool again = false;

	spec->repo = ws->repo;
	spec->config = ws->config;
	spec->committed = true;
	access = access_new(spec, url, error);
	if (!access)
		return false;
	if (ask_http(access, url, "HEAD", look, &again, &first))
		return true;
	/* Signed URLs often allow one method only. */
	if (again && ask_http(access, url, "GET", look, &again, NULL))
		return true;
	g_propagate_error(error, g_steal_pointer(&first));
	return false;
}

/* What DVC calls the marks of a place by its URL; NULL for a kind that has none. */
static const char *mark_of(const char *url)
{
	if (is_http(url))
		return "checksum";
	return begins(url, "s3://") || begins(url, "webdav://") || begins(url, "webdavs://") ? "etag" : NULL;
}

/* Whether keys lie below this one: then it is a folder. */
static bool is_folder(struct sync_session *session, const char *key)
{
	g_autofree char *below = g_strconcat(key, "/", NULL);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, below);

	return remote_can(session->remote, REMOTE_CAN_LIST) && errand_run(session, list, NULL) && list->items &&
	       list->items->len;
}

static char *strip_quotes(const char *text)
{
	size_t length = strlen(text);

	return length >= 2 && text[0] == '"' && text[length - 1] == '"' ? g_strndup(text + 1, length - 2)
									: g_strdup(text);
}

/* Take what a STAT found at a remote of that URL. S3's marks are recorded without their quotes. */
static bool take_stat(const struct transfer *transfer, const char *url, const char *remote, struct look *look,
		      GError **error)
{
	bool unquoted = begins(remote, "s3://");

	look->found = transfer->status == TRANSFER_DONE;
	if (!look->found)
		return true;
	if (!transfer->mark)
		return fail_unmarked(url, error);
	look->key = mark_of(remote);
	look->mark = unquoted ? strip_quotes(transfer->mark) : g_strdup(transfer->mark);
	look->has_size = transfer->found_size != TRANSFER_ANY_SIZE;
	look->size = look->has_size ? transfer->found_size : 0;
	return true;
}

static bool look_at_remote(const struct remote_spec *spec, const char *url, const char *key, struct look *look,
			   GError **error)
{
	const struct sync_options options = {.table = remote_table};
	const struct engine_options engine_options = {.jobs = 1};
	autoptr(sync_session) session = sync_session_new(NULL, spec, SESSION_READ, &engine_options, &options, error);
	autoptr(transfer) transfer = transfer_new(TRANSFER_STAT, key);

	if (!session || !sync_session_connect(session, error) || !errand_run(session, transfer, error))
		return false;
	if (transfer->status == TRANSFER_ABSENT && is_folder(session, key)) {
		error_set(error, ERROR_FAILED, "look at '%s': it is a folder, which can only be a dependency file by file",
			  url);
		return false;
	}
	return take_stat(transfer, url, spec->url, look, error);
}

/* A file in a folder that serves as a remote. */
static bool look_at_file(const char *path, struct look *look, GError **error)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[OID_TEXT_MAX];
	struct stat st;
	struct oid oid;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return true;
	if (fd < 0 || fstat(fd, &st) < 0) {
		error_set_errno(error, errno, "open '%s'", path);
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(error, ERROR_FAILED, "look at '%s': it is no file", path);
		return false;
	}
	if (!digest_fd(fd, OID_MD5, &oid, &look->size, error)) {
		g_prefix_error(error, "read '%s': ", path);
		return false;
	}
	look->found = look->has_size = true;
	look->key = "md5";
	look->mark = g_strdup(oid_text(&oid, text));
	return true;
}

static bool fail_kind(const char *url, GError **error)
{
	error_set(error, ERROR_USAGE, "'%s' cannot be a dependency: what is there can be told of http, https, s3, webdav "
				      "and remotes of these kinds", url);
	return false;
}

/* remote://<name>/<path> */
static bool look_at_named(struct workspace *ws, const char *url, struct look *look, GError **error)
{
	const char *name = url + strlen("remote://"), *slash = strchr(name, '/');
	g_autofree char *remote = slash ? g_strndup(name, (gsize)(slash - name)) : NULL;
	g_autofree char *key = slash ? path_normal(slash + 1) : NULL, *path = NULL;
	const struct remote_spec *spec;

	if (!key || !*key || !path_check(key, NULL))
		return fail_kind(url, error);
	spec = settings_remote(ws->settings, remote, error);
	if (!spec)
		return false;
	if (mark_of(spec->url))
		return look_at_remote(spec, url, key, look, error);
	if (*spec->url != '/')
		return fail_kind(url, error);
	path = path_join(spec->url, key);
	return look_at_file(path, look, error);
}

/* A URL of a scheme that a back-end serves: its folder is the remote. */
static bool look_at_object(struct workspace *ws, const char *url, struct look *look, GError **error)
{
	g_autofree char *parent = path_parent(url);
	autoptr(remote_spec) spec = remote_spec_new(url, parent);

	spec->repo = ws->repo;
	spec->config = ws->config;
	spec->committed = true;
	return look_at_remote(spec, url, path_base(url), look, error);
}

bool look_at_url(struct workspace *ws, const char *url, struct look *look, GError **error)
{
	*look = (struct look){.found = false};
	if (is_http(url))
		return look_at_http(ws, url, look, error);
	if (begins(url, "remote://"))
		return look_at_named(ws, url, look, error);
	if (mark_of(url) && *path_base(url))
		return look_at_object(ws, url, look, error);
	return fail_kind(url, error);
}

void look_clear(struct look *look)
{
	g_free(look->mark);
	*look = (struct look){.found = false};
}
