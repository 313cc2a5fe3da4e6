#include "base/error.h"
#include "sync/sync-int.h"

static void failure_free(gpointer data)
{
	struct sync_failure *failure = data;
	g_free(failure->path);
	g_clear_error(&failure->error);
	g_free(failure);
}

void sync_result_init(struct sync_result *result)
{
	*result = (struct sync_result){.failures = g_ptr_array_new_with_free_func(failure_free)};
}

void sync_result_clear(struct sync_result *result)
{
	g_clear_pointer(&result->failures, g_ptr_array_unref);
}

void sync_result_fail(struct sync_result *result, const char *path, const struct oid *oid, GError *error)
{
	result->failed++;
	if (result->failures->len >= SYNC_FAILURES_KEPT) {
		g_error_free(error);
		return;
	}
	struct sync_failure *failure = g_new0(struct sync_failure, 1);
	failure->path = g_strdup(path);
	failure->oid = *oid;
	failure->error = error;
	g_ptr_array_add(result->failures, failure);
}

void sync_hint_at_rest(GError **error, const char *command)
{
	bool passing = error && (error_is(*error, ERROR_CANCELLED) || error_is(*error, ERROR_TRANSIENT));
	if (passing && !error_get_hint(*error))
		error_hint(error, "what was finished is kept: %s goes on with the rest", command);
}

void sync_result_take_failures(struct sync_result *result, struct sync_result *from)
{
	result->failed += from->failed - from->failures->len;
	for (guint i = 0; i < from->failures->len; i++) {
		struct sync_failure *failure = g_ptr_array_index(from->failures, i);
		sync_result_fail(result, failure->path, &failure->oid, g_steal_pointer(&failure->error));
	}
	sync_result_clear(from);
}
