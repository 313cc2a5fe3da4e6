/*
 * tree-int: Git's tree objects: entries "MODE NAME NUL ID", sorted as if names of directories ended in '/'.
 */
#ifndef REPO_TREE_INT_H
#define REPO_TREE_INT_H

#include "repo/repo.h"

#include <stddef.h>
#include <stdint.h>

#define TREE_IS_DIR(mode)       (((mode)&0170000) == 0040000)
#define TREE_IS_SUBMODULE(mode) (((mode)&0170000) == 0160000)

/* One entry, pointing into the tree. */
struct tree_entry {
	const char *name;
	const uint8_t *id;
	unsigned mode;
};

enum tree_step { TREE_ENTRY, TREE_END, TREE_BAD };

/*
 * Read the entry at *next, which is advanced; `end` is where the tree ends. TREE_BAD if it is none, or has a name that
 * no file can have.
 */
enum tree_step tree_next(const char **next, const char *end, unsigned id_size, struct tree_entry *entry);

/* Read the tree `id` whole into *data. ERROR_CORRUPT if it is another kind of object. */
bool tree_read(struct repo *repo, const char *id, char **data, size_t *length, GError **error);

/*
 * Go down from the tree `id` by `path`: its id replaces `id` (of REVISION_ID_MAX bytes) and *mode becomes its mode, 0
 * if it is not there. "" is the tree itself.
 */
bool tree_find(struct repo *repo, char *id, const char *path, unsigned *mode, GError **error);

#endif
