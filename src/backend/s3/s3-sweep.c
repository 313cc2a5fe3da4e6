/*
 * What pushes that nobody went on with have left: parts that are paid for and that no listing shows. Who collects
 * garbage aborts the uploads of our own keys that are older than a week, once, after the first listing. It is a
 * courtesy: that it cannot be done fails nothing, and what is left the next collection finds.
 */
#include "backend/s3/s3-int.h"

#include "remote/layout.h"

#include <string.h>

/* So many are aborted at most, one after the other. */
#define SWEEP_MAX 100

/* Whether we may have begun an upload of this key: others may use the bucket, too. */
static bool is_ours(const char *key)
{
	struct oid oid;
	return g_str_has_prefix(key, ".mlv/") || layout_parse(key, &oid);
}

bool s3_sweep_begin(struct remote_conn *conn, struct transfer *transfer)
{
	if (conn->mode != REMOTE_COLLECT || conn->swept)
		return false;
	conn->swept = true;
	transfer->stage = LIST_UPLOADS;
	return true;
}

void s3_sweep_shape(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	const struct s3_task *task = s3_task(transfer);
	if (transfer->stage == LIST_UPLOADS) {
		s3_uploads_shape(conn, transfer, "", step);
		return;
	}
	guint last = task->stale->len - 1;
	s3_abort_shape(conn, transfer, task->stale_keys->pdata[last], task->stale->pdata[last], step);
}

static void note_stale(const struct remote_conn *conn, struct s3_task *task, const struct s3_xml *list)
{
	size_t skip = strlen(conn->place->prefix);
	task->stale = g_ptr_array_new_with_free_func(g_free);
	task->stale_keys = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < list->records->len && task->stale->len < SWEEP_MAX; i++) {
		const struct s3_record *record = list->records->pdata[i];
		const char *key = record->values[S3_KEY], *id = record->values[S3_UPLOAD_ID];
		const char *initiated = record->values[S3_INITIATED];
		g_autofree char *name = key ? s3_xml_decode(list, key) : NULL;
		if (strcmp(record->name, "Upload") != 0 || !name || !id || !*id || !initiated ||
		    !g_str_has_prefix(name, conn->place->prefix) || !is_ours(name + skip) ||
		    !s3_upload_is_abandoned(conn, initiated))
			continue;
		g_ptr_array_add(task->stale, g_strdup(id));
		g_ptr_array_add(task->stale_keys, g_strdup(name + skip));
	}
}

struct verdict s3_sweep_judge(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	struct s3_task *task = s3_task(transfer);
	if (transfer->stage == LIST_UPLOADS) {
		autoptr(s3_xml) list =
			s3_is_success(reply) ? s3_xml_parse(reply_text(reply), reply->body ? reply->body->len : 0, NULL)
					     : NULL;
		if (!list || !s3_xml_is(list, "ListMultipartUploadsResult"))
			return (struct verdict){VERDICT_DONE};
		note_stale(conn, task, list);
		transfer->stage = LIST_ABORT;
	} else {
		g_ptr_array_set_size(task->stale, (gint)task->stale->len - 1);
		g_ptr_array_set_size(task->stale_keys, (gint)task->stale_keys->len - 1);
	}
	return (struct verdict){task->stale->len ? VERDICT_NEXT : VERDICT_DONE};
}
