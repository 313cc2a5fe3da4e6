#include "memory-remote.h"

#include "base/error.h"
#include "remote/stream.h"

#include <pthread.h>
#include <string.h>

struct memory_place {
	pthread_mutex_t mutex;
	GHashTable *objects; /* char * to GBytes * */
	GArray *faults;      /* of struct fault */
	bool flush_broken, sizes_hidden;
	uint64_t given; /* atomic */
	void (*turnstile)(unsigned who, void *user);
	void *turnstile_user;
	unsigned counts[TRANSFER_LIST + 1];
};

struct remote_conn {
	struct memory_place *place;
	unsigned who;
};

struct memory_place *memory_place_new(void)
{
	struct memory_place *place = g_new0(struct memory_place, 1);
	pthread_mutex_init(&place->mutex, NULL);
	place->objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
	place->faults = g_array_new(FALSE, FALSE, sizeof(struct fault));
	return place;
}

void memory_place_free(struct memory_place *place)
{
	g_hash_table_unref(place->objects);
	g_array_unref(place->faults);
	pthread_mutex_destroy(&place->mutex);
	g_free(place);
}

char *memory_place_url(const struct memory_place *place)
{
	return g_strdup_printf("memory://%p", (const void *)place);
}

void memory_place_turnstile(struct memory_place *place, void (*turnstile)(unsigned who, void *user), void *user)
{
	place->turnstile = turnstile;
	place->turnstile_user = user;
}

void memory_place_fault(struct memory_place *place, const struct fault *fault)
{
	pthread_mutex_lock(&place->mutex);
	g_array_append_val(place->faults, *fault);
	pthread_mutex_unlock(&place->mutex);
}

void memory_place_heal(struct memory_place *place)
{
	pthread_mutex_lock(&place->mutex);
	g_array_set_size(place->faults, 0);
	pthread_mutex_unlock(&place->mutex);
}

void memory_place_break_flush(struct memory_place *place, bool broken)
{
	pthread_mutex_lock(&place->mutex);
	place->flush_broken = broken;
	pthread_mutex_unlock(&place->mutex);
}

void memory_place_hide_sizes(struct memory_place *place, bool hidden)
{
	pthread_mutex_lock(&place->mutex);
	place->sizes_hidden = hidden;
	pthread_mutex_unlock(&place->mutex);
}

unsigned memory_place_count(struct memory_place *place, enum transfer_kind kind)
{
	pthread_mutex_lock(&place->mutex);
	unsigned count = place->counts[kind];
	pthread_mutex_unlock(&place->mutex);
	return count;
}

uint64_t memory_place_given(struct memory_place *place)
{
	return __atomic_load_n(&place->given, __ATOMIC_RELAXED);
}

void memory_place_plant(struct memory_place *place, const char *key, const char *text)
{
	pthread_mutex_lock(&place->mutex);
	if (text)
		g_hash_table_insert(place->objects, g_strdup(key), g_bytes_new(text, strlen(text)));
	else
		g_hash_table_remove(place->objects, key);
	pthread_mutex_unlock(&place->mutex);
}

GBytes *memory_place_look(struct memory_place *place, const char *key)
{
	pthread_mutex_lock(&place->mutex);
	GBytes *bytes = g_hash_table_lookup(place->objects, key);
	if (bytes)
		g_bytes_ref(bytes);
	pthread_mutex_unlock(&place->mutex);
	return bytes;
}

/* The fault that strikes this step, used up once; false if none does. */
static bool strike(struct memory_place *place, const struct transfer *transfer, enum fault_kind *what)
{
	bool struck = false;
	pthread_mutex_lock(&place->mutex);
	place->counts[transfer->kind]++;
	for (guint i = 0; i < place->faults->len && !struck; i++) {
		struct fault *fault = &g_array_index(place->faults, struct fault, i);
		struck = (fault->kind == FAULT_ANY_KIND || fault->kind == (int)transfer->kind) &&
			 (!fault->key || strcmp(fault->key, transfer->key) == 0);
		if (!struck)
			continue;
		*what = fault->what;
		if (fault->times && --fault->times == 0)
			g_array_remove_index(place->faults, i);
	}
	pthread_mutex_unlock(&place->mutex);
	return struck;
}

static bool say_absent(const struct transfer *transfer, GError **error)
{
	error_set(error, ERROR_NOT_FOUND, "'%s' is not there", transfer->key);
	return false;
}

/* Go on behind what the stream has, with the fault that struck if any did. */
static bool get(struct memory_place *place, struct transfer *transfer, const enum fault_kind *fault, GError **error)
{
	g_autoptr(GBytes) bytes = memory_place_look(place, transfer->key);
	if (!bytes)
		return say_absent(transfer, error);
	gsize length, at = (gsize)stream_have(transfer->stream);
	const char *data = g_bytes_get_data(bytes, &length);
	g_autofree char *copy = g_memdup2(data, length);
	bool cut = fault && *fault == FAULT_CUT;
	if (fault && *fault == FAULT_CORRUPT && length)
		copy[length / 2] ^= 1;
	if (fault && *fault == FAULT_SHORT && length)
		length--;
	if (at > length) {
		at = 0;
		if (!stream_restart(transfer->stream, error))
			return false;
	}
	gsize end = cut ? at + (length - at) / 2 : length;
	__atomic_add_fetch(&place->given, end - at, __ATOMIC_RELAXED);
	for (; at < end; at += MIN(end - at, 65536))
		if (!stream_write(transfer->stream, copy + at, MIN(end - at, 65536), error))
			return false;
	if (cut)
		error_set(error, ERROR_TRANSIENT, "'%s': cut off, as the test wants it", transfer->key);
	return !cut;
}

/* First step of a PUT: the bytes, checked, into transfer->state. */
static bool receive(struct memory_place *place, struct transfer *transfer, GError **error)
{
	g_autoptr(GBytes) there = memory_place_look(place, transfer->key);
	if (there && !transfer->absent && !transfer->replace && g_bytes_get_size(there) == transfer->size)
		return true;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	char buffer[65536];
	ssize_t got;
	if (!stream_restart(transfer->stream, error))
		return false;
	while ((got = stream_read(transfer->stream, buffer, sizeof(buffer), error)) > 0)
		g_byte_array_append(bytes, (const guint8 *)buffer, (guint)got);
	if (got < 0 || !stream_verify(transfer->stream, error))
		return false;
	transfer->state = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
	transfer->sent = true;
	return true;
}

static bool publish(struct memory_place *place, struct transfer *transfer)
{
	pthread_mutex_lock(&place->mutex);
	g_hash_table_insert(place->objects, g_strdup(transfer->key), g_steal_pointer(&transfer->state));
	pthread_mutex_unlock(&place->mutex);
	return true;
}

/* DELETE of further keys: absent is fine. */
static void delete_more(struct memory_place *place, const struct transfer *transfer)
{
	for (guint i = 0; transfer->more && i < transfer->more->len; i++)
		memory_place_plant(place, g_ptr_array_index(transfer->more, i), NULL);
}

static bool rename_or_delete(struct memory_place *place, struct transfer *transfer, GError **error)
{
	g_autoptr(GBytes) bytes = memory_place_look(place, transfer->key);
	if (!bytes)
		return say_absent(transfer, error);
	pthread_mutex_lock(&place->mutex);
	g_hash_table_remove(place->objects, transfer->key);
	if (transfer->to)
		g_hash_table_insert(place->objects, g_strdup(transfer->to), g_bytes_ref(bytes));
	pthread_mutex_unlock(&place->mutex);
	return true;
}

static bool look(struct memory_place *place, struct transfer *transfer, GError **error)
{
	g_autoptr(GBytes) bytes = memory_place_look(place, transfer->key);
	if (!bytes)
		return say_absent(transfer, error);
	transfer->found_size = g_bytes_get_size(bytes);
	transfer->damaged = transfer->size != TRANSFER_ANY_SIZE && transfer->size != transfer->found_size;
	return !transfer->damaged || say_absent(transfer, error);
}

static bool list(struct memory_place *place, struct transfer *transfer)
{
	GHashTableIter iter;
	gpointer key, value;
	pthread_mutex_lock(&place->mutex);
	g_hash_table_iter_init(&iter, place->objects);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		bool ours = g_str_has_prefix(key, ".mlv/") && !g_str_has_prefix(transfer->key, ".mlv/");
		if (g_str_has_prefix(key, transfer->key) && !ours)
			transfer_found(transfer, key, place->sizes_hidden ? TRANSFER_ANY_SIZE : g_bytes_get_size(value));
	}
	pthread_mutex_unlock(&place->mutex);
	return true;
}

static bool job(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)part;
	struct memory_place *place = conn->place;
	enum fault_kind what = FAULT_VANISH;
	if (place->turnstile)
		place->turnstile(conn->who, place->turnstile_user);
	bool struck = strike(place, transfer, &what);
	if (struck && (what == FAULT_TRANSIENT || what == FAULT_DENY)) {
		error_set(error, what == FAULT_DENY ? ERROR_DENIED : ERROR_TRANSIENT, "'%s': as the test wants it",
			  transfer->key);
		return false;
	}
	if (struck && what == FAULT_VANISH)
		memory_place_plant(place, transfer->key, NULL);
	switch (transfer->kind) {
	case TRANSFER_STAT:
		return look(place, transfer, error);
	case TRANSFER_GET:
		return get(place, transfer, struck ? &what : NULL, error);
	case TRANSFER_PUT:
		return transfer->stage ? publish(place, transfer) : receive(place, transfer, error);
	case TRANSFER_DELETE:
		delete_more(place, transfer);
		return rename_or_delete(place, transfer, error);
	case TRANSFER_MOVE:
		return rename_or_delete(place, transfer, error);
	case TRANSFER_LIST:
		return list(place, transfer);
	}
	return false;
}

static void shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	(void)part;
	(void)conn;
	(void)transfer;
	step->kind = STEP_JOB;
	step->job = job;
}

static struct verdict judge(struct remote_conn *conn, struct transfer *transfer, unsigned part, const struct reply *reply)
{
	(void)part;
	(void)conn;
	if (error_is(reply->error, ERROR_NOT_FOUND))
		return (struct verdict){VERDICT_ABSENT};
	if (error_is(reply->error, ERROR_TRANSIENT))
		return (struct verdict){VERDICT_RETRY};
	if (reply->error)
		return (struct verdict){error_is(reply->error, ERROR_DENIED) ? VERDICT_DENIED : VERDICT_BROKEN};
	if (transfer->kind != TRANSFER_PUT || !transfer->sent)
		return (struct verdict){VERDICT_DONE};
	return (struct verdict){transfer->stage++ ? VERDICT_DONE : VERDICT_NEXT, .after_flush = true};
}

static bool flush(struct remote_conn *conn, GError **error)
{
	pthread_mutex_lock(&conn->place->mutex);
	bool broken = conn->place->flush_broken;
	pthread_mutex_unlock(&conn->place->mutex);
	if (broken)
		error_set(error, ERROR_IO, "flush: as the test wants it");
	return !broken;
}

static void forget(struct remote_conn *conn, struct transfer *transfer)
{
	(void)conn;
	g_clear_pointer((GBytes **)&transfer->state, g_bytes_unref);
}

static struct remote_conn *connect(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	(void)mode;
	(void)error;
	char *rest;
	struct remote_conn *conn = g_new(struct remote_conn, 1);
	conn->place = (struct memory_place *)(uintptr_t)g_ascii_strtoull(spec->url + strlen("memory://"), &rest, 16);
	conn->who = *rest ? (unsigned)g_ascii_strtoull(rest + 1, NULL, 10) : 0;
	return conn;
}

static void disconnect(struct remote_conn *conn)
{
	g_free(conn);
}

const struct remote_ops memory_remote = {
	.scheme = "memory",
	.abilities = REMOTE_CAN_LIST | REMOTE_CAN_DELETE | REMOTE_DEEP_LIST,
	.delete_batch = 10,
	.open = connect,
	.close = disconnect,
	.shape = shape,
	.judge = judge,
	.flush = flush,
	.forget = forget,
};

const struct remote_ops *const memory_table[] = {&memory_remote, NULL};
