#include "backend/sftp/sftp.h"

#include "backend/sftp/sftp-int.h"
#include "base/error.h"
#include "remote/layout.h"
#include "remote/stream.h"

#include <string.h>

/* How deep directories are listed: no layout of ours is deeper, and a server may make them up without end. */
#define LIST_DEPTH 64

bool sftp_is_sound(const struct transfer *transfer, uint64_t size)
{
	return oid_is_none(&transfer->oid) || transfer->size == TRANSFER_ANY_SIZE || transfer->size == size;
}

struct verdict sftp_judge_error(const GError *error)
{
	/* sshd drops connections when too many log in at once (MaxStartups) */
	if (error_is(error, ERROR_TRANSIENT))
		return (struct verdict){VERDICT_RETRY,
					.overloaded = strstr(error->message, "establishing ssh session")};
	return (struct verdict){error_is(error, ERROR_DENIED) ? VERDICT_DENIED : VERDICT_BROKEN};
}

/* Each directory above a key in turn, outermost first, as text that ends in '/'. */
static char *next_parent(const char *key, const char **slash)
{
	*slash = strchr(*slash ? *slash + 1 : key, '/');
	return *slash ? g_strndup(key, (gsize)(*slash + 1 - key)) : NULL;
}

void sftp_make_parents(const struct remote_conn *conn, struct request *request, const char *key)
{
	const char *slash = NULL;
	for (char *dir; (dir = next_parent(key, &slash)); g_free(dir))
		if (!g_hash_table_contains(conn->dirs, dir))
			sftp_before(conn, request, "*mkdir", dir, NULL);
}

void sftp_note_parents(struct remote_conn *conn, const char *key)
{
	const char *slash = NULL;
	for (char *dir; (dir = next_parent(key, &slash));)
		g_hash_table_add(conn->dirs, dir);
}

void sftp_prune_parents(struct remote_conn *conn, struct request *request, const char *key)
{
	g_autofree char *dir = g_strdup(key);
	for (char *slash; g_str_has_prefix(key, SFTP_OURS) && (slash = strrchr(dir, '/'));) {
		slash[1] = '\0';
		g_hash_table_remove(conn->dirs, dir);
		sftp_before(conn, request, "*rmdir", dir, NULL);
		*slash = '\0';
	}
}

/* What is still to be asked for. */
struct listing {
	struct transfer *transfer;
	char *dir;  /* being listed; "" or ending in '/' */
	char *link; /* being asked about instead; NULL: none */
	GQueue dirs;
	GQueue links;   /* objects' keys of which a listing does not tell the size */
	unsigned depth; /* of the transfer's key */
};

static unsigned count_slashes(const char *key)
{
	unsigned count = 0;
	for (; *key; key++)
		count += *key == '/';
	return count;
}

static struct listing *listing_new(struct transfer *transfer)
{
	struct listing *listing = g_new0(struct listing, 1);
	listing->transfer = transfer;
	listing->dir = g_strdup(transfer->key);
	listing->depth = count_slashes(transfer->key);
	return listing;
}

static void listing_free(struct listing *listing)
{
	g_queue_clear_full(&listing->dirs, g_free);
	g_queue_clear_full(&listing->links, g_free);
	g_free(listing->dir);
	g_free(listing->link);
	g_free(listing);
}

static void take_entry(const char *name, enum sftp_kind kind, uint64_t size, void *user)
{
	struct listing *listing = user;
	g_autofree char *key = g_strconcat(listing->dir, name, NULL);
	if (kind == SFTP_FILE)
		transfer_found(listing->transfer, key, size);
	struct oid oid;
	if (kind == SFTP_OTHER && layout_parse(key, &oid))
		g_queue_push_tail(&listing->links, g_strdup(key));
	bool ours = !*listing->transfer->key && strcmp(key, ".mlv") == 0;
	if (kind == SFTP_DIR && !ours && count_slashes(key) < listing->depth + LIST_DEPTH)
		g_queue_push_tail(&listing->dirs, g_strconcat(key, "/", NULL));
}

/* Directory by directory; one that is gone by now has nothing. */
static struct verdict judge_dir(struct listing *listing, const struct reply *reply, const GError *error)
{
	struct transfer *transfer = listing->transfer;
	if (error && !error_is(error, ERROR_NOT_FOUND))
		return sftp_judge_error(error);
	if (!error && !sftp_list_parse(reply_text(reply), reply->body ? reply->body->len : 0, take_entry, listing)) {
		error_set(&transfer->error, ERROR_FAILED, "the server's listing of '%s' cannot be read", listing->dir);
		return (struct verdict){VERDICT_BROKEN};
	}
	g_free(listing->dir);
	listing->dir = g_queue_pop_head(&listing->dirs);
	return (struct verdict){VERDICT_NEXT};
}

/* A link counts as what it leads to, as to who asks for it alone; one that leads nowhere is not there. */
static struct verdict judge_link(struct listing *listing, const struct reply *reply, const GError *error)
{
	if (error && !error_is(error, ERROR_NOT_FOUND))
		return sftp_judge_error(error);
	if (!error)
		transfer_found(listing->transfer, listing->link, reply->size);
	return (struct verdict){VERDICT_NEXT};
}

static struct verdict judge_list(struct transfer *transfer, const struct reply *reply, const GError *error)
{
	struct listing *listing = transfer->state;
	struct verdict verdict =
		listing->link ? judge_link(listing, reply, error) : judge_dir(listing, reply, error);
	if (verdict.kind != VERDICT_NEXT)
		return verdict;
	g_free(listing->link);
	listing->link = g_queue_pop_head(&listing->links);
	return (struct verdict){listing->link || listing->dir ? VERDICT_NEXT : VERDICT_DONE};
}

static struct verdict judge_stat(struct transfer *transfer, const struct reply *reply, const GError *error)
{
	if (error_is(error, ERROR_NOT_FOUND))
		return (struct verdict){VERDICT_ABSENT};
	if (error)
		return sftp_judge_error(error);
	transfer->found_size = reply->size;
	transfer->damaged = !sftp_is_sound(transfer, reply->size);
	return (struct verdict){transfer->damaged ? VERDICT_ABSENT : VERDICT_DONE};
}

/* What cannot be gone on with, as when the file there is shorter than what is here, is begun anew. */
static struct verdict judge_get(const struct transfer *transfer, const GError *error)
{
	if (!error)
		return (struct verdict){VERDICT_DONE};
	if (error_is(error, ERROR_NOT_FOUND))
		return (struct verdict){VERDICT_ABSENT};
	if (error_is(error, ERROR_FAILED) && stream_have(transfer->stream) && stream_restart(transfer->stream, NULL))
		return (struct verdict){VERDICT_OVER};
	return sftp_judge_error(error);
}

static struct verdict judge_delete(const GError *error)
{
	if (error_is(error, ERROR_NOT_FOUND))
		return (struct verdict){VERDICT_ABSENT};
	return error ? sftp_judge_error(error) : (struct verdict){VERDICT_DONE};
}

static struct request *shape_get(const struct remote_conn *conn, const struct transfer *transfer)
{
	struct request *request = sftp_request(conn, "GET", transfer->key);
	request_take_range(request, stream_have(transfer->stream), 0);
	return request;
}

static struct request *shape_delete(struct remote_conn *conn, const struct transfer *transfer)
{
	struct request *request = sftp_commands(conn);
	sftp_before(conn, request, "rm", transfer->key, NULL);
	sftp_prune_parents(conn, request, transfer->key);
	return request;
}

static struct request *shape_list(const struct remote_conn *conn, struct transfer *transfer)
{
	if (!transfer->state)
		transfer->state = listing_new(transfer);
	const struct listing *listing = transfer->state;
	return listing->link ? sftp_request(conn, "HEAD", listing->link) : sftp_list(conn, listing->dir);
}

static void sftp_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	(void)part;
	step->kind = STEP_REQUEST;
	switch (transfer->kind) {
	case TRANSFER_STAT:
		step->request = sftp_request(conn, "HEAD", transfer->key);
		break;
	case TRANSFER_GET:
		step->request = shape_get(conn, transfer);
		break;
	case TRANSFER_PUT:
		sftp_shape_put(conn, transfer, step);
		break;
	case TRANSFER_DELETE:
		step->request = shape_delete(conn, transfer);
		break;
	case TRANSFER_MOVE:
		sftp_shape_move(conn, transfer, step);
		break;
	case TRANSFER_LIST:
		step->request = shape_list(conn, transfer);
		break;
	}
}

static struct verdict judge(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply,
			    const GError *error)
{
	switch (transfer->kind) {
	case TRANSFER_STAT:
		return judge_stat(transfer, reply, error);
	case TRANSFER_GET:
		return judge_get(transfer, error);
	case TRANSFER_PUT:
		return sftp_judge_put(conn, transfer, reply, error);
	case TRANSFER_DELETE:
		return judge_delete(error);
	case TRANSFER_MOVE:
		return sftp_judge_move(conn, transfer, error);
	case TRANSFER_LIST:
		break;
	}
	return judge_list(transfer, reply, error);
}

static struct verdict sftp_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				 const struct reply *reply)
{
	(void)part;
	g_autoptr(GError) error = reply->error ? g_error_copy(reply->error) : NULL;
	sftp_explain(conn, &error);
	struct verdict verdict = judge(conn, transfer, reply, error);
	bool failed = verdict.kind == VERDICT_BROKEN || verdict.kind == VERDICT_DENIED;
	if (failed && error && !transfer->error) {
		transfer->error = g_steal_pointer(&error);
		g_prefix_error(&transfer->error, "'%s': ", transfer->key);
	}
	return verdict;
}

static void sftp_forget(struct remote_conn *conn, struct transfer *transfer)
{
	(void)conn;
	if (transfer->kind == TRANSFER_PUT)
		sftp_forget_put(transfer);
	else if (transfer->state)
		listing_free(transfer->state);
	transfer->state = NULL;
}

#define SFTP_ABILITIES (REMOTE_CAN_LIST | REMOTE_CAN_DELETE)

const struct remote_ops remote_ssh = {
	.scheme = "ssh",
	.abilities = SFTP_ABILITIES,
	.open = sftp_open,
	.close = sftp_close,
	.shape = sftp_shape,
	.judge = sftp_judge,
	.forget = sftp_forget,
};

const struct remote_ops remote_sftp = {
	.scheme = "sftp",
	.abilities = SFTP_ABILITIES,
	.open = sftp_open,
	.close = sftp_close,
	.shape = sftp_shape,
	.judge = sftp_judge,
	.forget = sftp_forget,
};
