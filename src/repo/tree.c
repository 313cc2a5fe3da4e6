#include "repo/object-int.h"
#include "repo/repo-int.h"
#include "repo/tree-int.h"

#include "base/error.h"
#include "base/hex.h"

#include <string.h>

/* Octal digits up to a blank; 0 if it is something else. */
static unsigned parse_mode(const char **next, const char *end)
{
	unsigned mode = 0;
	const char *digit = *next;

	for (; digit < end && *digit >= '0' && *digit <= '7' && mode < 01000000; digit++)
		mode = mode * 8 + (*digit - '0');
	if (digit == end || *digit != ' ')
		return 0;
	*next = digit + 1;
	return mode;
}

enum tree_step tree_next(const char **next, const char *end, unsigned id_size, struct tree_entry *entry)
{
	const char *stop;

	if (*next == end)
		return TREE_END;
	entry->mode = parse_mode(next, end);
	entry->name = *next;
	stop = memchr(*next, '\0', end - *next);
	if (entry->mode == 0 || !stop || (size_t)(end - stop) < id_size + 1 || stop == entry->name ||
	    strchr(entry->name, '/') || strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
		return TREE_BAD;
	entry->id = (const uint8_t *)stop + 1;
	*next = stop + 1 + id_size;
	return TREE_ENTRY;
}

bool tree_read(struct repo *repo, const char *id, char **data, size_t *length, GError **error)
{
	struct object object;

	if (!object_read(repo, id, OBJECT_LIMIT, &object, error))
		return false;
	if (object.type != OBJECT_TREE) {
		g_free(object.data);
		error_set(error, ERROR_CORRUPT, "object '%s' is not a tree", id);
		return false;
	}
	*data = object.data;
	*length = object.length;
	return true;
}

/* Look for the entry with the name of `length` bytes in one tree; as tree_find(). */
static bool find_entry(struct repo *repo, char *id, const char *name, size_t length, unsigned *mode, GError **error)
{
	unsigned id_size = repo->backend->id_size;
	g_autofree char *data = NULL;
	struct tree_entry entry;
	enum tree_step step;
	const char *next;
	size_t size;

	if (!tree_read(repo, id, &data, &size, error))
		return false;
	*mode = 0;
	next = data;
	while ((step = tree_next(&next, data + size, id_size, &entry)) == TREE_ENTRY) {
		if (strncmp(entry.name, name, length) == 0 && entry.name[length] == '\0') {
			*mode = entry.mode;
			hex_encode(id, entry.id, id_size);
			return true;
		}
	}
	if (step == TREE_BAD)
		error_set(error, ERROR_CORRUPT, "tree '%s' is malformed", id);
	return step == TREE_END;
}

bool tree_find(struct repo *repo, char *id, const char *path, unsigned *mode, GError **error)
{
	*mode = 0040000;
	while (*path && TREE_IS_DIR(*mode)) {
		size_t length = strcspn(path, "/");

		if (!find_entry(repo, id, path, length, mode, error))
			return false;
		path += length;
		if (*path == '/')
			path++;
	}
	if (*path)
		*mode = 0;
	return true;
}
