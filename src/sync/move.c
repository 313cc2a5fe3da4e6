#include "sync/move.h"

#include "base/error.h"
#include "hash/digest.h"
#include "remote/layout.h"
#include "store/part.h"
#include "store/put.h"

/* After so many objects, or bytes, what was fetched is made durable. */
#define BATCH_COUNT 50000
#define BATCH_BYTES ((uint64_t)4 << 30)

/* The user pointer of a transfer. */
struct cargo {
	struct move *move;
	struct object *object;
	char *temp; /* name of the file that a GET writes to, if that is not a part */
};

static int source_open(struct transfer *transfer, GError **error)
{
	const struct cargo *cargo = transfer->user;
	return store_open_object(cargo->move->session->store, &transfer->oid, NULL, error);
}

static bool source_close(struct transfer *transfer, int fd, bool whole, GError **error)
{
	(void)transfer;
	(void)whole;
	(void)error;
	close(fd);
	return true;
}

/* What is large, or may be, goes on after an interruption where it was; what is small begins anew. */
static int target_open(struct transfer *transfer, GError **error)
{
	struct cargo *cargo = transfer->user;
	int part = -1;
	if (transfer->size >= PART_SIZE_MIN)
		part = part_open(cargo->move->session->store, &transfer->oid);
	return part >= 0 ? part : put_open(cargo->move->put, &cargo->temp, error);
}

static int target_journal(struct transfer *transfer)
{
	const struct cargo *cargo = transfer->user;
	return cargo->temp ? -1 : part_journal(cargo->move->session->store, &transfer->oid);
}

static bool target_close(struct transfer *transfer, int fd, bool whole, GError **error)
{
	struct cargo *cargo = transfer->user;
	struct put *put = cargo->move->put;
	char *temp = g_steal_pointer(&cargo->temp);
	if (whole)
		return temp ? put_adopt(put, fd, temp, &transfer->oid, error)
			    : put_adopt_part(put, fd, &transfer->oid, error);
	if (temp)
		put_discard(put, fd, temp);
	else
		part_close(cargo->move->session->store, &transfer->oid, fd);
	return true;
}

const struct transfer_end move_from_store = {.open = source_open, .close = source_close};
const struct transfer_end move_to_store = {
	.open = target_open, .close = target_close, .journal = target_journal, .seekable = true};

static bool is_full(const struct move *move)
{
	return (move->count_limit && move->count >= move->count_limit) ||
	       (move->bytes_limit && move->bytes >= move->bytes_limit);
}

static struct transfer *next_transfer(void *user)
{
	struct move *move = user;
	if (move->next >= move->list->len || is_full(move))
		return NULL;
	struct object *object = g_ptr_array_index(move->list, move->next++);
	move->count++;
	g_autofree char *key = layout_key(&object->oid);
	struct transfer *transfer = transfer_new(move->kind, key);
	struct cargo *cargo = g_new0(struct cargo, 1);
	cargo->move = move;
	cargo->object = object;
	transfer->oid = object->oid;
	transfer->size = object->size == STORE_ANY_SIZE ? TRANSFER_ANY_SIZE : object->size;
	transfer->replace = object->remote == PLACE_DAMAGED;
	transfer->absent = move->kind == TRANSFER_PUT && object->remote == PLACE_ABSENT;
	transfer->end = move->end;
	transfer->user = cargo;
	transfer->label = object_label(object);
	return transfer;
}

static void transfer_done(struct transfer *transfer, void *user)
{
	struct move *move = user;
	struct cargo *cargo = transfer->user;
	if (transfer->status == TRANSFER_DONE)
		move->bytes += transfer->found_size;
	move->done(cargo->object, transfer, move->user);
	g_free(cargo);
	transfer_free(transfer);
}

bool move_run(struct move *move, GError **error)
{
	struct engine_work work = {next_transfer, transfer_done, move};
	move->count = move->bytes = 0;
	return sync_session_connect(move->session, error) &&
	       engine_run(move->session->engine, move->session->remote, &work, error);
}

void move_fail(struct sync_result *result, const struct object *object, GError *error)
{
	if (error_is(error, ERROR_CANCELLED)) {
		g_error_free(error);
		return;
	}
	g_autofree char *path = object_path(object);
	sync_result_fail(result, path, &object->oid, error);
}

/* Tell a phase's totals: bytes only if every size is known. */
static void begin_phase(struct sync_session *session, const char *what, const GPtrArray *list)
{
	uint64_t bytes = 0;
	for (guint i = 0; i < list->len; i++) {
		const struct object *object = g_ptr_array_index(list, i);
		if (object->size == STORE_ANY_SIZE) {
			bytes = 0;
			break;
		}
		bytes += object->size;
	}
	watch_begin(session->watch, what, list->len, bytes);
}

/* Who is told about moved objects. */
struct report {
	struct sync_session *session;
	struct sync_result *result;
};

static void count_moved(const struct report *report, const struct object *object, uint64_t size)
{
	report->result->objects++;
	report->result->bytes += size;
	if (!report->session->visit)
		return;
	g_autofree char *path = object_path(object);
	report->session->visit(path, &object->oid, size, report->session->visit_user);
}

void move_announce(struct sync_session *session, const GPtrArray *list, struct sync_result *result)
{
	const struct report report = {session, result};
	for (guint i = 0; i < list->len; i++) {
		const struct object *object = g_ptr_array_index(list, i);
		count_moved(&report, object, object->size == STORE_ANY_SIZE ? 0 : object->size);
	}
}

static void sent(struct object *object, struct transfer *transfer, void *user)
{
	const struct report *report = user;
	object->remote = transfer->status == TRANSFER_DONE ? PLACE_THERE : PLACE_FAILED;
	object->sent = object->sent || transfer->sent;
	if (transfer->status != TRANSFER_DONE)
		move_fail(report->result, object, g_steal_pointer(&transfer->error));
	else if (transfer->sent)
		count_moved(report, object, transfer->found_size);
	else
		report->result->present++;
}

bool move_send(struct sync_session *session, const GPtrArray *list, struct sync_result *result, GError **error)
{
	if (list->len == 0)
		return true;
	struct report report = {session, result};
	struct move move = {.session = session,
			    .kind = TRANSFER_PUT,
			    .list = list,
			    .end = &move_from_store,
			    .done = sent,
			    .user = &report};
	begin_phase(session, "Sending", list);
	bool fine = move_run(&move, error);
	watch_end(session->watch);
	return fine;
}

static void fetched(struct object *object, struct transfer *transfer, void *user)
{
	const struct report *report = user;
	if (transfer->status == TRANSFER_DONE) {
		object->local = object->remote = PLACE_THERE;
		count_moved(report, object, transfer->found_size);
		return;
	}
	object->local = PLACE_FAILED;
	if (transfer->status == TRANSFER_ABSENT) {
		object->remote = PLACE_ABSENT;
		if (object->want->optional)
			return;
		error_hint(&transfer->error, "git mlv push, in a clone that has it");
	}
	move_fail(report->result, object, g_steal_pointer(&transfer->error));
}

/* One batch. What has arrived is committed also if the rest fails: then with the error of the rest. */
static bool fetch_batch(struct move *move, GError **error)
{
	autoptr(put) put = put_begin(move->session->store, error);
	if (!put)
		return false;
	move->put = put;
	bool fine = move_run(move, error);
	return put_commit(put, fine ? error : NULL) && fine;
}

/* Whether it is the object of no bytes. */
static bool is_empty(const struct object *object)
{
	struct oid none;
	if (object->size != 0 && object->size != STORE_ANY_SIZE)
		return false;
	digest_bytes("", 0, object->oid.algo, &none);
	return oid_equal(&none, &object->oid);
}

/* That one needs no remote, and some have none to give: git-lfs does not upload it. */
static bool make_empty(struct object *object, const struct report *report, GError **error)
{
	struct oid oid;
	autoptr(put) put = put_begin(report->session->store, error);
	if (!put || !put_bytes(put, "", 0, object->oid.algo, false, &oid, error) || !put_commit(put, error))
		return false;
	object->local = PLACE_THERE;
	count_moved(report, object, 0);
	return true;
}

bool move_fetch(struct sync_session *session, const GPtrArray *list, struct sync_result *result, GError **error)
{
	struct report report = {session, result};
	g_autoptr(GPtrArray) rest = g_ptr_array_new();
	bool fine = true;
	for (guint i = 0; fine && i < list->len; i++) {
		struct object *object = g_ptr_array_index(list, i);
		if (is_empty(object))
			fine = make_empty(object, &report, error);
		else
			g_ptr_array_add(rest, object);
	}
	if (!fine || rest->len == 0)
		return fine;
	struct move move = {.session = session,
			    .kind = TRANSFER_GET,
			    .list = rest,
			    .end = &move_to_store,
			    .count_limit = BATCH_COUNT,
			    .bytes_limit = BATCH_BYTES,
			    .done = fetched,
			    .user = &report};
	begin_phase(session, "Fetching", rest);
	while (fine && move.next < rest->len)
		fine = fetch_batch(&move, error);
	watch_end(session->watch);
	return fine;
}
