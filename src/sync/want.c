#include "sync/want.h"

#include <string.h>

static void want_free(gpointer data)
{
	struct sync_want *want = data;
	g_free(want->path);
	g_free(want->inside);
	g_free(want->remote);
	g_free(want);
}

GPtrArray *sync_wants_new(void)
{
	return g_ptr_array_new_with_free_func(want_free);
}

struct sync_want *sync_wants_add(GPtrArray *wants, const struct oid *oid, uint64_t size, const char *path,
				 const char *inside, const char *remote)
{
	struct sync_want *want = g_new0(struct sync_want, 1);
	want->oid = *oid;
	want->size = size;
	want->path = g_strdup(path);
	want->inside = g_strdup(inside);
	want->remote = g_strdup(remote);
	g_ptr_array_add(wants, want);
	return want;
}

/* Whether an output has an object that belongs on the remote asked for. */
static bool is_wanted(const struct output *output, enum sync_use use, const char *remote)
{
	if (output->no_cache || oid_is_none(&output->oid) || output->repo_import)
		return false;
	if (use == SYNC_USE_PUSH && output->no_push)
		return false;
	return !remote || !output->remote || strcmp(remote, output->remote) == 0;
}

static void add_output(GPtrArray *wants, const struct output *output, const char *inside, enum sync_use use,
		       const char *remote)
{
	if (!is_wanted(output, use, remote))
		return;
	/* the object of a 2.x hash may have other line ends, thus another size */
	uint64_t size = output->has_size && output->oid.algo != OID_MD5_2X ? output->size : STORE_ANY_SIZE;
	struct sync_want *want = sync_wants_add(wants, &output->oid, size, output->path, inside, output->remote);
	want->optional = output->no_push;
}

void sync_wants_from_outputs(GPtrArray *wants, const struct outputs *outputs, enum sync_use use, const char *remote)
{
	for (guint i = 0; i < outputs->list->len; i++)
		add_output(wants, g_ptr_array_index(outputs->list, i), "", use, remote);
}

void sync_wants_from_targets(GPtrArray *wants, const GPtrArray *targets, enum sync_use use, const char *remote)
{
	for (guint i = 0; i < targets->len; i++) {
		const struct target *target = g_ptr_array_index(targets, i);
		add_output(wants, target->output, target->inside, use, remote);
	}
}
