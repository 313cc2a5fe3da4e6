/*
 * listing: the files of a project, Git's and tracked ones together, as if all data stood in one tree: what `ls` and `du` show.
 *
 * An immutable list sorted by path. Folders whose manifest is not in the store appear as one entry with `unknown` set. Main thread.
 */
#ifndef WORKSPACE_LISTING_H
#define WORKSPACE_LISTING_H

#include "base/auto.h"
#include "workspace/outputs.h"

#include <glib.h>
#include <stdbool.h>

/* No size known. */
#define LISTING_NO_SIZE UINT64_MAX

struct listing_entry {
	char *path;      /* relative to the project */
	bool tracked;    /* by a pointer or pipeline; else by Git (or simply there) */
	bool is_dir;
	bool executable;
	bool unknown;    /* a folder whose manifest the store lacks */
	struct oid oid;  /* of tracked data; OID_NONE else */
	uint64_t size;   /* bytes; LISTING_NO_SIZE if not known */
};

struct listing_options {
	const char *revision; /* a commit (hex id); NULL for the workspace */
	const char *path;     /* only what is at or below this path; "" for all */
	bool recursive;       /* every file; else what stands directly in `path`, folders as one entry each */
	bool tracked_only;    /* --dvc-only */
};

/* Read it: a GPtrArray of struct listing_entry with its free function. ERROR_NOT_FOUND if `path` names nothing. */
GPtrArray *listing_read(struct workspace *ws, const struct listing_options *options, GError **error);

#endif
