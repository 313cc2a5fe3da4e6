/*
 * objects: the plan of this folder: every object that the wants come to, each once, with what is known about where it
 * is. Plain data; who fills in and who moves is elsewhere. Private to this folder and its tests.
 */
#ifndef SYNC_OBJECTS_H
#define SYNC_OBJECTS_H

#include "base/auto.h"
#include "store/manifest.h"
#include "sync/want.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether an object is at one end. */
enum object_place {
	PLACE_UNKNOWN,
	PLACE_THERE,
	PLACE_ABSENT,
	PLACE_DAMAGED, /* something else is there under its name: to be replaced */
	PLACE_FAILED,  /* could not be found out, or moving it there failed; the reason is among the failures */
};

struct object {
	struct oid oid;
	uint8_t remote, local;        /* enum object_place */
	bool sent;                    /* by this run */
	bool asked;                   /* wanted itself, not only needed to tell whether a folder is complete */
	uint64_t size;                /* STORE_ANY_SIZE if not known */
	const struct sync_want *want; /* whose path names it; borrowed */
	const char *inside;           /* where in that folder; "" for the output itself; owned by its manifest */
};

struct objects {
	GPtrArray *list;       /* of struct object, owned, each id once, in order of first mention */
	GHashTable *by_oid;    /* private */
	GHashTable *manifests; /* private: id to struct manifest */
};

/* An empty plan. */
struct objects *objects_new(void);

/* Free it with its manifests. */
void objects_free(struct objects *objects);

AUTO_DEFINE(objects, objects_free);

/* The object of that id, added if it is new. `inside` must live as long as the plan. */
struct object *objects_add(struct objects *objects, const struct oid *oid, uint64_t size, const struct sync_want *want,
			   const char *inside);

/* The object of that id, NULL if the plan has none. */
struct object *objects_find(const struct objects *objects, const struct oid *oid);

/* Add what the wants name themselves: files, and the manifests of folders. */
void objects_add_wants(struct objects *objects, const GPtrArray *wants);

/* The manifest of that id read from the store, kept by the plan; NULL with the error set if the store lacks it or it is
 * broken. */
const struct manifest *objects_manifest(struct objects *objects, struct store *store, const struct oid *oid,
					GError **error);

/* The same, but only if it has been read. */
const struct manifest *objects_known_manifest(const struct objects *objects, const struct oid *oid);

/* Add the files of a wanted folder; those that are not at or below want->inside are not marked as asked for. */
void objects_add_folder(struct objects *objects, const struct sync_want *want, const struct manifest *manifest);

/*
 * Whether all files of a folder whose manifest has been read are on the remote; with `planned` also if they are asked
 * for and about to be sent.
 */
bool objects_are_complete(const struct objects *objects, const struct object *folder, bool planned);

/* The path of an object for people. New string. */
char *object_path(const struct object *object);

/* The shorter name of an object for a progress bar. Owned by the plan. */
const char *object_label(const struct object *object);

#endif
