/*
 * status: where the workspace, the pointers, HEAD and the store differ. Pure facts, gathered once; commands choose the
 * view: `dvc status` reads outputs, `dvc data status` the change lists.
 *
 * Main thread; nothing in the workspace is touched, but hashes that had to be computed are remembered in the index.
 */
#ifndef WORKSPACE_STATUS_H
#define WORKSPACE_STATUS_H

#include "workspace/change.h"
#include "workspace/outputs.h"
#include "workspace/target.h"

/* What stands in the workspace, against what the pointer records. */
enum output_state {
	OUTPUT_UNCHANGED,
	OUTPUT_MODIFIED, /* other bytes, or another kind; or nothing is recorded yet */
	OUTPUT_DELETED,
	OUTPUT_STATES
};

struct status_output {
	const struct output *output; /* borrowed */
	const char *inside;          /* what part of it was asked for; "" for all. Owned by the status */
	enum output_state state;
	bool in_store;  /* the object is in the local store and, for a folder, all its files (true for cache: false) */
	size_t missing; /* objects that are not */
	struct oid now; /* what stands there; OID_NONE for nothing */
};

struct status {
	GArray *outputs;             /* of struct status_output, in path order */
	struct changes *committed;   /* HEAD -> pointers; NULL unless asked for */
	struct changes *uncommitted; /* pointers -> workspace */
	GPtrArray *not_in_store;     /* paths whose objects the store lacks; folders end in '/' */
	GPtrArray *untracked;  /* paths that neither Git nor a pointer tracks and that Git does not ignore; NULL unless
				  asked for */
	GPtrArray *notes;      /* lines for people: what cannot be recorded */
	GPtrArray *refusals;   /* lines for people: why data cannot be recorded as they are */
	bool clean;            /* no output changed and nothing is missing from the store */
	GStringChunk *strings; /* private */
};

/* What to find out. */
struct status_options {
	bool committed; /* compare HEAD with the pointers, too */
	bool granular;  /* list the files inside folders */
	bool unchanged; /* list what did not change, too (CHANGE_UNCHANGED in uncommitted) */
	bool untracked; /* list untracked files */
	bool no_store;  /* do not look into the store: in_store stays true */
	bool quick;     /* stop looking once it is known that something changed: fills only `clean`; for -q and hooks */
};

/*
 * Gather the status of targets (GPtrArray of struct target; NULL: all outputs). ERROR for what stops all; a file that
 * cannot be read is such an error, since a status that skipped it would not be true.
 */
struct status *status_read(struct workspace *ws, const struct outputs *outputs, const GPtrArray *targets,
			   const struct status_options *options, GError **error);

/* DVC's word for one output: "not in cache", "deleted", "modified" - in this precedence - or NULL if all is well. */
const char *status_word(const struct status_output *output);

/* Free it. The outputs must live as long. */
void status_free(struct status *status);

AUTO_DEFINE(status, status_free);

#endif
