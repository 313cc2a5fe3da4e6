/*
 * entry-int: checking maps against a table of the keys that they may have, as pointers, locks and entries need.
 */
#ifndef FORMAT_ENTRY_INT_H
#define FORMAT_ENTRY_INT_H

#include "doc/node.h"
#include "format/entry.h"

/* Kinds of values as a set. */
#define KIND(kind) (1u << (kind))
#define KIND_ANY (~0u)

struct schema_key {
	const char *name;
	unsigned kinds;   /* set of KIND() */
	bool native_only;
};

/*
 * Whether node is a map with keys of the table only, each with a value of its kinds. `what` names the map in the message. `count` is
 * the length of the table.
 */
bool schema_check(const struct doc *doc, const struct node *node, const struct dialect *dialect, const char *what,
		  const struct schema_key *keys, size_t count, GError **error);

/* map[key] if it is true; false if it is absent. */
bool schema_get_bool(const struct node *map, const char *key);

/* A copy of map[key] if it is a string that is not empty, else NULL. */
char *schema_get_text(const struct node *map, const char *key);

/*
 * Read a `deps` or `outs` list (may be NULL or null) into `entries` (of struct entry). ERROR_CORRUPT with the place otherwise.
 */
bool entry_read_list(GPtrArray *entries, const struct doc *doc, const struct node *list,
		     const struct dialect *dialect, GError **error);

/* A list of entries for writing. */
struct node *entry_write_list(struct doc *doc, const GPtrArray *entries, const struct dialect *dialect,
			      enum entry_order order);

/* Whether the entries say what the list (may be NULL) that they were read from says. */
bool entry_list_unchanged(const GPtrArray *entries, const struct node *list, const struct dialect *dialect);

#endif
