#include "backend/web/multistatus.h"
#include "backend/web/webdav-int.h"
#include "base/error.h"
#include "base/path.h"

#include <string.h>

/* What one collection may be listed as: some hundred thousand members. */
#define LIST_LIMIT ((size_t)64 << 20)

/* Collections within collections: a link on the server may lead in a circle. */
#define DEPTH_MAX 40

/* Walks at once within one listing. */
#define PARTS_MAX 16

/* Stages of part 0. */
enum list_stage { LIST_TOP, LIST_SPLIT };

struct request *webdav_propfind(struct remote_conn *conn, struct errand *errand, const char *collection)
{
	static const char body[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
				   "<D:propfind xmlns:D=\"DAV:\"><D:prop><D:resourcetype/><D:getcontentlength/>"
				   "<D:getlastmodified/></D:prop></D:propfind>\n";
	g_autofree char *key = *collection ? g_strconcat(collection, "/", NULL) : g_strdup("");
	struct request *request = http_request(conn, errand, "PROPFIND", key);

	request_header(request, "Depth", "1");
	request_header(request, "Content-Type", "application/xml; charset=utf-8");
	request_send_text(request, body, strlen(body));
	request_take_bytes(request, LIST_LIMIT);
	return request;
}

static void shape_split(struct errand *errand, struct step *step)
{
	unsigned count = MIN(errand->queue->len, PARTS_MAX);

	errand->parts = g_new0(struct errand, count);
	errand->part_count = count;
	for (unsigned i = 0; i < count; i++)
		errand->parts[i].queue = g_ptr_array_new_with_free_func(g_free);
	for (unsigned i = 0; errand->queue->len; i++)
		g_ptr_array_add(errand->parts[i % count].queue,
				g_ptr_array_steal_index(errand->queue, errand->queue->len - 1));
	step->kind = STEP_PARTS;
	step->parts = count;
}

void webdav_shape_list(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	struct errand *errand = errand_of(transfer, part);

	if (part == 0 && transfer->stage == LIST_SPLIT) {
		shape_split(errand, step);
		return;
	}
	if (part == 0 && !errand->queue) {
		errand->queue = g_ptr_array_new_with_free_func(g_free);
		errand->at = g_strndup(transfer->key, strlen(transfer->key) - (*transfer->key ? 1 : 0));
	}
	if (!errand->at)
		errand->at = g_ptr_array_steal_index(errand->queue, errand->queue->len - 1);
	step->kind = STEP_REQUEST;
	step->request = webdav_propfind(conn, errand, errand->at);
}

static size_t depth_of(const char *path)
{
	size_t depth = 1;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

/* Take one member of errand->at: a file is found, a collection is listed later. */
static bool take_member(struct errand *errand, struct transfer *transfer, const struct multistatus_member *member,
			GError **error)
{
	g_autofree char *key = path_join(errand->at, member->name);

	if (!*transfer->key && strcmp(key, DAV_OURS) == 0)
		return true;
	if (strlen(key) > PATH_LIMIT || depth_of(key) > DEPTH_MAX) {
		error_set(error, ERROR_UNSAFE, "folders are nested too deeply on the server");
		return false;
	}
	if (member->is_collection)
		g_ptr_array_add(errand->queue, g_steal_pointer(&key));
	else
		transfer_found(transfer, key,
			       member->size == MULTISTATUS_NO_SIZE ? TRANSFER_ANY_SIZE : member->size);
	return true;
}

static bool take_members(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
			 const struct reply *reply)
{
	g_autofree char *collection = *errand->at ? g_strconcat(errand->at, "/", NULL) : g_strdup("");
	g_autofree char *url = http_url(conn, collection);
	const char *path = strstr(url, "://") + 3;
	g_autoptr(GPtrArray) members = multistatus_read(reply_text(reply), reply->body ? reply->body->len : 0,
							path + strcspn(path, "/"), &transfer->error);
	bool taken = members != NULL;

	for (guint i = 0; taken && i < members->len; i++)
		taken = take_member(errand, transfer, members->pdata[i], &transfer->error);
	if (!taken)
		g_prefix_error(&transfer->error, "list '%s': ", errand->at);
	return taken;
}

struct verdict webdav_judge_list(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				 const struct reply *reply)
{
	struct errand *errand = errand_of(transfer, part);

	if (part == 0 && transfer->stage == LIST_SPLIT)
		return (struct verdict){VERDICT_DONE};
	/* A prefix under which there is nothing, or a collection that has gone meanwhile. */
	if (!http_is_absent(reply)) {
		if (reply->error || reply->status != 207)
			return http_fail(conn, transfer, reply, "list", "is this URL one of WebDAV?");
		if (!take_members(conn, errand, transfer, reply))
			return (struct verdict){VERDICT_BROKEN};
	}
	g_clear_pointer(&errand->at, g_free);
	if (errand->queue->len == 0)
		return (struct verdict){VERDICT_DONE};
	if (part == 0)
		transfer->stage = LIST_SPLIT;
	return (struct verdict){VERDICT_NEXT};
}
