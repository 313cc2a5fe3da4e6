/*
 * entry: one output or dependency as pointers and lock files record it (dvc-formats 2.2 and 5).
 */
#ifndef FORMAT_ENTRY_H
#define FORMAT_ENTRY_H

#include "base/auto.h"
#include "doc/node.h"
#include "format/dialect.h"
#include "hash/oid.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* One file of an output that a version-aware remote keeps (dvc-formats 13). */
struct entry_file {
	char *path;      /* relative to the output */
	struct oid oid;
	uint64_t size;
};

struct entry {
	char *path;       /* as written: relative to the document's wdir, or a URL; "" for a database dependency */
	struct oid oid;   /* OID_NONE if nothing is recorded; without `hash:` an md5 is OID_MD5_2X */
	bool has_size, has_nfiles;
	uint64_t size;    /* bytes */
	uint64_t nfiles;
	bool isexec;
	bool no_cache;    /* cache: false */
	bool no_push;     /* push: false */
	bool persist;
	char *remote;     /* remote override, or NULL */
	char *etag;       /* `etag` or `checksum` of an external dependency, or NULL */
	bool etag_is_checksum; /* it stands under `checksum` */
	struct node *repo; /* `repo:` map of an import's dependency, or NULL; owned by the document */
	struct entry_file *files; /* `files:` list, or NULL; not NULL for an empty one */
	size_t file_count;
	const struct node *node; /* the map it was read from, NULL for a new one; owned by the document */
};

/* A new entry for that path (copied), all else zero. */
struct entry *entry_new(const char *path);

/* Another one that says the same; it borrows the nodes of the same document. */
struct entry *entry_copy(const struct entry *entry);

/*
 * Read one entry of a pointer or lock. Unknown keys, wrong kinds, negative or absurd sizes, hashes that are none and a path
 * that is missing are errors with the place (node_error()). Paths with a native quote ("\"caf\\351\"") are decoded.
 */
struct entry *entry_read(const struct doc *doc, const struct node *node, const struct dialect *dialect, GError **error);

/* In which order the keys go. */
enum entry_order {
	ENTRY_POINTER, /* md5 size nfiles isexec hash path … */
	ENTRY_LOCK,    /* path hash md5 size nfiles isexec … */
};

/*
 * The entry's map for writing, in doc's arena. What was read and has no field here (desc, meta, cloud …) is kept; `cloud` and
 * `version_id` go when the content is no longer the one that was read, since they name the old one.
 */
struct node *entry_write(struct doc *doc, const struct entry *entry, const struct dialect *dialect,
			 enum entry_order order);

/* Whether the entry says something else than the map it was read from; true for a new one. */
bool entry_changed(const struct entry *entry, const struct dialect *dialect);

/* Free it. */
void entry_free(struct entry *entry);

AUTO_DEFINE(entry, entry_free);

#endif
