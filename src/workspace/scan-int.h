/*
 * scan-int: the steps of a scan. Private to workspace/scan*.c.
 */
#ifndef WORKSPACE_SCAN_INT_H
#define WORKSPACE_SCAN_INT_H

#include "base/walk.h"
#include "workspace/scan.h"

struct scan_private {
	struct walk *walk;     /* owns most paths and stamps of the files; NULL for a single file */
	GStringChunk *strings; /* the other paths */
	GPtrArray *stamps;     /* the other stamps */
};

/* What all steps of one scan need. */
struct scan_state {
	struct workspace *ws;
	struct scan *scan;
	struct index *index;
	struct ignore *ignore;
	struct store *store;
	bool no_hash, some;
};

/*
 * Judge the symbolic link at `path` (relative to the project; `name` relative to the output) and, if it is kept, add it
 * to the files. DVC follows it, native keeps its text; a link to an object of the store counts as that file in both.
 */
bool scan_add_link(struct scan_state *state, const char *path, const char *name, GError **error);

/* Ask the index for the ids of all files that have none yet. */
void scan_ask_index(struct scan_state *state);

/* Hash the files that have no id yet, on the pool, and put them into the index. */
bool scan_hash_fresh(struct scan_state *state, GError **error);

/* Note that something cannot be read; `name` is relative to the output. Takes the error. */
void scan_note_unread(struct scan_state *state, const char *name, GError *reason);

/* Add a line to scan->unkept: 'path' and what follows. */
void scan_note(struct scan_state *state, const char *path, const char *text);

/* Set scan->refusal, unless there is one: 'path' and what follows. */
void scan_refuse(struct scan_state *state, const char *path, const char *why);

#endif
