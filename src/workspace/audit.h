/*
 * audit: is everything that the pointers record in the store, and is every object in the store what its name says?
 *
 * Main thread; objects are hashed on the pool.
 */
#ifndef WORKSPACE_AUDIT_H
#define WORKSPACE_AUDIT_H

#include "base/auto.h"
#include "workspace/target.h"

#include <glib.h>
#include <stdbool.h>

enum audit_kind {
	AUDIT_MISSING,  /* recorded, but not in the store */
	AUDIT_DAMAGED,  /* its bytes do not match its name; set aside in the store's trash */
	AUDIT_REPAIRED, /* was missing or damaged; stored anew from the workspace */
};

/* One finding. */
struct audit_item {
	enum audit_kind kind;
	char *path;     /* of the output or of the file inside it; NULL for an object that no target names */
	struct oid oid;
};

struct audit_options {
	bool data;   /* hash every object of the store; else names, sizes and marks count */
	bool repair; /* store what is missing anew where the workspace still has the bytes */
};

struct audit {
	GPtrArray *items; /* of struct audit_item, owned */
	uint64_t objects, bytes; /* hashed */
	uint64_t checked; /* recorded objects that were looked for */
};

/* Check targets (GPtrArray of struct target) and, with `data`, the whole store. The caller holds the worktree's lock to repair. */
struct audit *audit_run(struct workspace *ws, const GPtrArray *targets, const struct audit_options *options, GError **error);

/* Free it. */
void audit_free(struct audit *audit);

AUTO_DEFINE(audit, audit_free);

#endif
