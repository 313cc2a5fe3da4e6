#include "base/walk.h"
#include "base/file.h"
#include "base/walk-int.h"

#include <fcntl.h>

struct walk {
	GPtrArray *chunks, *blocks; /* as in struct walk_reading */
	const struct walk_entry **sorted;
	size_t count;
};

/*
 * Append what dir contains, in order. Whether anything but our own left-overs was there. Recursion goes as deep as a
 * path has components: the kernel has opened each of these directories by a path of at most PATH_MAX bytes.
 */
static bool append_sorted(struct walk *walk, const struct walk_dir *dir)
{
	bool has_content = false;

	for (guint i = 0; i < dir->items->len; i++) {
		const struct walk_item *item = &g_array_index(dir->items, struct walk_item, i);

		if (item->sub && item->sub->gone)
			continue;
		if (!item->entry) {
			if (item->sub->self->kind == WALK_DIR)
				item->sub->self->empty = !append_sorted(walk, item->sub);
			continue;
		}
		walk->sorted[walk->count++] = item->entry;
		has_content |= item->entry->kind != WALK_TEMP;
	}
	return has_content;
}

struct walk *walk_tree(int root, const char *path, walk_filter filter, void *user, unsigned threads, GError **error)
{
	auto_fd int fd = file_open_beneath(root, path, O_RDONLY | O_DIRECTORY, 0, error);
	const struct walk_request request = {fd, path, filter, user, threads};
	struct walk_reading reading;
	autoptr(walk) walk = NULL;
	size_t most;
	bool ok;

	if (fd < 0)
		return NULL;
	ok = walk_read(&request, &reading, error);
	walk = g_new0(struct walk, 1);
	walk->chunks = reading.chunks;
	walk->blocks = reading.blocks;
	if (ok) {
		most = (size_t)reading.blocks->len * WALK_BLOCK;
		walk->sorted = g_new(const struct walk_entry *, most);
		append_sorted(walk, reading.dirs->pdata[0]);
	}
	g_ptr_array_unref(reading.dirs);
	return ok ? g_steal_pointer(&walk) : NULL;
}

size_t walk_count(const struct walk *walk)
{
	return walk->count;
}

const struct walk_entry *walk_get(const struct walk *walk, size_t i)
{
	return walk->sorted[i];
}

void walk_free(struct walk *walk)
{
	if (!walk)
		return;
	g_ptr_array_unref(walk->chunks);
	g_ptr_array_unref(walk->blocks);
	g_free(walk->sorted);
	g_free(walk);
}
