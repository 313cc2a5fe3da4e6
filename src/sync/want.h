/*
 * want: what a command wants to have somewhere: the objects behind tracked paths. A list of plain values, the input of
 * every plan in this folder.
 */
#ifndef SYNC_WANT_H
#define SYNC_WANT_H

#include "base/auto.h"
#include "hash/oid.h"
#include "workspace/outputs.h"
#include "workspace/target.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct sync_want {
	struct oid oid; /* of the output: a file or, with its dir flag, a folder */
	uint64_t size;  /* as recorded; STORE_ANY_SIZE if not */
	char *path;     /* of the output, for messages */
	char *inside;   /* only what is at or below this path of the folder; "" for all */
	char *remote;   /* the output's own remote, or NULL */
	bool optional;  /* its absence from the remote is no failure: an output that is never pushed */
};

/* What the list is for, which decides what belongs in it. */
enum sync_use {
	SYNC_USE_PUSH,  /* push, status, fsck: without `push: false` and imports from repositories */
	SYNC_USE_FETCH, /* fetch: `push: false` is optional; without imports from repositories, which come from their
			   source */
};

/* An empty list: a GPtrArray of struct sync_want that owns them. */
GPtrArray *sync_wants_new(void);

/* Add one (all copied). `size` of STORE_ANY_SIZE, `inside` "" and `remote` NULL where there is none. */
struct sync_want *sync_wants_add(GPtrArray *wants, const struct oid *oid, uint64_t size, const char *path,
				 const char *inside, const char *remote);

/*
 * Add what the outputs record. Left out: outputs without cache or without a recorded hash, and with `remote` (-r NAME,
 * or NULL) those that are bound to another one. Called several times for several revisions; doubles do no harm.
 */
void sync_wants_from_outputs(GPtrArray *wants, const struct outputs *outputs, enum sync_use use, const char *remote);

/* The same for resolved targets: a GPtrArray of struct target. */
void sync_wants_from_targets(GPtrArray *wants, const GPtrArray *targets, enum sync_use use, const char *remote);

#endif
