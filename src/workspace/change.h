/*
 * change: one difference between two states of tracked data, as status and diff list them. Plain data; paths are
 * relative to the project and, for a folder, end in '/'.
 */
#ifndef WORKSPACE_CHANGE_H
#define WORKSPACE_CHANGE_H

#include "base/auto.h"
#include "hash/oid.h"
#include "store/manifest.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum change_kind {
	CHANGE_ADDED,
	CHANGE_DELETED,
	CHANGE_MODIFIED,
	CHANGE_RENAMED,
	CHANGE_UNKNOWN,   /* a file in a folder whose recorded manifest is not in the store */
	CHANGE_UNCHANGED, /* listed on request only */
	CHANGE_KINDS
};

struct change {
	uint8_t kind;             /* enum change_kind */
	bool mode_only;           /* modified: the same bytes, but the exec bit or the kind (file, link) differs */
	const char *path;         /* now; where it was for a deleted one */
	const char *old_path;     /* renamed: where it was; else NULL */
	struct oid before, after; /* OID_NONE where there is none or it was not computed */
	uint64_t old_size, size;  /* bytes; MANIFEST_NO_SIZE where not known */
};

/* A list of changes that owns its strings. */
struct changes {
	GArray *list; /* of struct change */
	GStringChunk *strings;
	size_t counts[CHANGE_KINDS];
};

/* An empty list. */
struct changes *changes_new(void);

/* Add a copy of *change, with its strings copied. */
void changes_add(struct changes *changes, const struct change *change);

/* Entry i. */
const struct change *changes_get(const struct changes *changes, size_t i);

/* Sort by path (for a renamed one: where it was), folders before what is in them. */
void changes_sort(struct changes *changes);

/* The word for a kind: "added", "deleted", "modified", "renamed", "unknown", "unchanged". */
const char *change_kind_name(enum change_kind kind);

/* Free the list. */
void changes_free(struct changes *changes);

AUTO_DEFINE(changes, changes_free);

/* One side of a comparison: what an output is, or was. */
struct change_side {
	bool present; /* false: it is not there at all */
	struct oid oid;
	uint64_t size;                   /* MANIFEST_NO_SIZE if not known */
	bool isexec;                     /* of a single file */
	const struct manifest *manifest; /* of a folder, if it could be had */
};

/* What to compare and how to list it. */
struct change_request {
	const char *path;   /* of the output */
	const char *inside; /* only this part of a folder; "" for all. The folder itself is then not listed */
	const struct change_side *before, *after;
	bool granular;  /* the files of folders, too */
	bool modes;     /* exec bits count (dialect->keeps_modes) */
	bool unchanged; /* list what did not change, too */
};

/* List the differences between two states of one output, in no particular order and without renames. */
void changes_compare(struct changes *changes, const struct change_request *request);

/*
 * Turn pairs of an added and a deleted entry with the same object into one renamed entry, over all of the list, as DVC
 * does: by path order within each object. The list is sorted then.
 */
void changes_pair_renames(struct changes *changes);

#endif
