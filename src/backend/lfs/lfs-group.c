#include "backend/lfs/lfs-int.h"
#include "base/error.h"

#include <time.h>

/* Questions under way at once: the first, and further ones as long as there is a full one to ask. */
#define GROUPS_MAX 4

/* Transfers that one question is about; it ends with its leader, whose request it is. */
struct lfs_group {
	struct transfer *leader;
	GPtrArray *members; /* of struct transfer, borrowed, the leader among them */
	GError *error;      /* why the last attempt failed; NULL: none has */
};

static bool is_upload(const struct transfer *transfer)
{
	return transfer->kind == TRANSFER_PUT;
}

static void join(struct lfs_group *group, struct transfer *transfer)
{
	struct lfs_task *task = transfer->state;
	task->group = group;
	task->queued = false;
	g_ptr_array_add(group->members, transfer);
}

/* Have those who wait for the same kind of answer join, each object once: answers are told apart by ids. */
static void gather(struct remote_conn *conn, struct lfs_group *group)
{
	const struct lfs_task *first = group->leader->state;
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_add(ids, (gpointer)first->want.oid);
	for (GList *link = conn->waiting.head, *next; link && group->members->len < conn->group_max; link = next) {
		struct transfer *transfer = link->data;
		struct lfs_task *task = transfer->state;
		next = link->next;
		if (is_upload(transfer) != is_upload(group->leader) || !g_hash_table_add(ids, task->want.oid))
			continue;
		g_queue_delete_link(&conn->waiting, link);
		join(group, transfer);
	}
}

bool lfs_group_lead(struct remote_conn *conn, struct transfer *transfer)
{
	struct lfs_task *task = transfer->state;
	if (task->group)
		return task->group->leader == transfer;
	if (conn->asking && (conn->asking >= GROUPS_MAX || conn->waiting.length < conn->group_max)) {
		if (!task->queued)
			g_queue_push_tail(&conn->waiting, transfer);
		task->queued = true;
		return false;
	}
	if (task->queued)
		g_queue_remove(&conn->waiting, transfer);
	struct lfs_group *group = g_new0(struct lfs_group, 1);
	group->leader = transfer;
	group->members = g_ptr_array_new();
	join(group, transfer);
	gather(conn, group);
	conn->asking++;
	return true;
}

struct request *lfs_group_request(struct remote_conn *conn, struct transfer *leader)
{
	struct lfs_task *task = leader->state;
	const GPtrArray *members = task->group->members;
	g_autofree struct lfs_want *wants = g_new(struct lfs_want, members->len);
	for (guint i = 0; i < members->len; i++)
		wants[i] = ((struct lfs_task *)((struct transfer *)members->pdata[i])->state)->want;
	g_autoptr(GString) body = lfs_batch_ask(is_upload(leader), wants, members->len);
	return lfs_api_request(conn, "/objects/batch", body, &task->login);
}

/* Everybody leaves; who has neither an answer nor an error asks anew. */
static void dissolve(struct remote_conn *conn, struct lfs_group *group)
{
	for (guint i = 0; i < group->members->len; i++)
		((struct lfs_task *)((struct transfer *)group->members->pdata[i])->state)->group = NULL;
	g_ptr_array_unref(group->members);
	g_clear_error(&group->error);
	g_free(group);
	conn->asking--;
}

bool lfs_group_answer(struct remote_conn *conn, struct transfer *leader, const struct reply *reply, GError **error)
{
	struct lfs_group *group = ((struct lfs_task *)leader->state)->group;
	size_t length = reply->body ? reply->body->len : 0;
	g_autoptr(GPtrArray) objects = lfs_batch_read(reply_text(reply), length, time(NULL), error);
	if (!objects)
		return false;
	g_autoptr(GHashTable) by_id =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)lfs_object_free);
	while (objects->len) {
		struct lfs_object *object = g_ptr_array_steal_index_fast(objects, objects->len - 1);
		g_hash_table_replace(by_id, object->oid, object);
	}
	for (guint i = 0; i < group->members->len; i++) {
		struct lfs_task *task = ((struct transfer *)group->members->pdata[i])->state;
		if (g_hash_table_steal_extended(by_id, task->want.oid, NULL, (gpointer *)&task->object))
			continue;
		if (task->left_out) /* else it asks anew */
			error_set(&task->refused, ERROR_CORRUPT, "the Git LFS server's answers leave it out");
		task->left_out = true;
	}
	dissolve(conn, group);
	return true;
}

void lfs_group_blame(struct transfer *leader, const GError *error)
{
	struct lfs_group *group = ((struct lfs_task *)leader->state)->group;
	g_clear_error(&group->error);
	group->error = g_error_copy(error);
}

bool lfs_group_split(struct remote_conn *conn, struct transfer *leader)
{
	struct lfs_group *group = ((struct lfs_task *)leader->state)->group;
	if (group->members->len <= 1)
		return false;
	conn->group_max = MIN(conn->group_max, group->members->len / 2);
	dissolve(conn, group);
	return true;
}

/* The leader ends without an answer: if that is because all attempts failed, the others need not try as often again. */
static void fail_members(struct lfs_group *group)
{
	for (guint i = 0; group->error && i < group->members->len; i++) {
		const struct transfer *transfer = group->members->pdata[i];
		struct lfs_task *task = transfer->state;
		if (transfer != group->leader && !task->refused)
			task->refused = g_error_copy(group->error);
	}
}

void lfs_group_leave(struct remote_conn *conn, struct transfer *transfer)
{
	struct lfs_task *task = transfer->state;
	if (task->group && task->group->leader == transfer) {
		fail_members(task->group);
		dissolve(conn, task->group);
	} else if (task->group) {
		g_ptr_array_remove(task->group->members, transfer);
	} else if (task->queued) {
		g_queue_remove(&conn->waiting, transfer);
	}
	task->group = NULL;
	task->queued = false;
}
