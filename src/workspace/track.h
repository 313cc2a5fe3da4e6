/*
 * track: put data under version control and change what is: add, commit, remove, move, unprotect.
 *
 * Each decides everything first (and refuses before anything is touched), then acts in an order that a kill at any
 * instant survives: objects and manifests durable in the store, ignore lines, pointers one by one, and only then links
 * in place of the user's files. The caller holds the worktree's lock. Paths are relative to the project and normal.
 * Main thread.
 */
#ifndef WORKSPACE_TRACK_H
#define WORKSPACE_TRACK_H

#include "workspace/outputs.h"
#include "workspace/target.h"

/* What became of one tracked path. */
enum track_verb { TRACK_ADDED, TRACK_UPDATED, TRACK_UNCHANGED, TRACK_REMOVED, TRACK_MOVED };

struct track_item {
	enum track_verb verb;
	char *path;     /* the output */
	char *old_path; /* moved: from where; else NULL */
	char *file;     /* its pointer or pipeline file */
	struct oid oid; /* recorded now; OID_NONE for removed */
	uint64_t size, nfiles;
};

struct track_result {
	GPtrArray *items;   /* of struct track_item, owned */
	GPtrArray *touched; /* files that Git should get: pointers, lock files, .gitignore; relative to the project,
			       distinct */
	GPtrArray *notes;   /* lines for people: what was not kept, what was left alone */
	uint64_t stored, stored_bytes; /* objects that the store did not have */
	bool staged;                   /* autostage: touched was given to `git add` */
};

struct track_options {
	bool no_commit; /* hash and write pointers, store nothing */
	bool no_relink; /* leave the user's files as they are */
	bool force;     /* add: over an existing pointer that another program wrote; remove: unsaved data too */
	bool absent; /* add, commit: files that were never here, nor are in the store, count as deleted */
};

/*
 * Track paths (NULL-terminated), each a file or folder in the workspace or a path inside a tracked folder, which may be
 * gone: then it leaves the manifest. Errors (nothing was touched): ERROR_NOT_FOUND; ERROR_USAGE for a path that is
 * tracked by Git, ignored by the project's rules, inside .git or the marker, a link, not regular, overlapping another
 * output, or an output of a stage; each with the command that helps. ERROR_CONFLICT for a folder that was checked out in part: what
 * is missing was never here, so nobody deleted it (see `absent`).
 */
struct track_result *track_add(struct workspace *ws, const struct outputs *outputs, char **paths,
			       const struct track_options *options, GError **error);

/*
 * Copy `source` (absolute; a file or folder anywhere) to `out` in the project, where nothing may be yet (unless force),
 * and track it there.
 */
struct track_result *track_add_from(struct workspace *ws, const struct outputs *outputs, const char *source,
				    const char *out, const struct track_options *options, GError **error);

/*
 * Store what changed in targets (NULL: all pointers' data) and record it in their pointers. Outputs of stages are passed over: what
 * records them is pipeline's. ERROR_CONFLICT as for add.
 */
struct track_result *track_commit(struct workspace *ws, const struct outputs *outputs, const GPtrArray *targets,
				  const struct track_options *options, GError **error);

/* A pipeline file with its new text. */
struct track_text {
	const char *path; /* relative to the project */
	const char *text;
	size_t length;
};

/*
 * Write files (GArray of struct track_text) anew, one after the other, each as a whole; before that, have Git ignore
 * `ignore` (array of paths of outputs relative to the project, or NULL). What Git tracks of these is ERROR_USAGE, and
 * nothing was touched. No items, only `touched`.
 */
struct track_result *track_rewrite(struct workspace *ws, const GArray *texts, const GPtrArray *ignore, GError **error);

/* How to remove. */
struct track_remove_options {
	const GPtrArray *stages; /* of struct target_stage: stages that go, beside those of the targets; NULL: none */
	bool outs;  /* the data in the workspace, too */
	bool force; /* also data that are not in the store */
};

/*
 * Stop tracking: pointers (and stages, which leave the pipeline file and its lock) and ignore lines go; objects stay
 * until gc. ERROR_CONFLICT before anything is touched if `outs` would lose unsaved data.
 */
struct track_result *track_remove(struct workspace *ws, const struct outputs *outputs, const GPtrArray *targets,
				  const struct track_remove_options *options, GError **error);

/* Rename a tracked file or folder with its pointer and ignore line; `to` may be an existing folder. */
struct track_result *track_move(struct workspace *ws, const struct outputs *outputs, const char *from, const char *to,
				GError **error);

/* Replace links in targets by writable copies; counts in stored, stored_bytes. */
struct track_result *track_unprotect(struct workspace *ws, const GPtrArray *targets, GError **error);

/* Existing paths that match a pattern (ignore_glob() rules; ** too), not tracked by Git and not ignored: for add
 * --glob. */
bool track_glob(struct workspace *ws, const char *pattern, GPtrArray *paths, GError **error);

/*
 * For who runs stages and records them: what a stage has made, on its way into the store. The steps are those of add, each done
 * for many stages at once, since to flush a disk costs more than most stages:
 *
 *	track_kept_new(), track_kept_add()…      look at the outputs of one stage
 *	track_kept_store()                       their bytes into the store, durably
 *	track_kept_ignore()                      lines for Git
 *	(the caller writes what it records)
 *	track_kept_place()                       links where the settings ask for them; remembered in the index
 *
 * Only ignore and place want the worktree's lock.
 */
struct track_kept;

/* The outputs of one stage: none yet. options (borrowed) as for add: no_commit hashes only, no_relink leaves files as they are. */
struct track_kept *track_kept_new(struct workspace *ws, const struct track_options *options);

/*
 * Look at one more. `anyway`: its bytes go to the store although Git keeps them. ERROR_NOT_FOUND if it is not there, ERROR_USAGE
 * if it is nothing that can be kept.
 */
bool track_kept_add(struct track_kept *kept, const struct output *output, bool anyway, GError **error);

/* How many bytes have to be read to know what the outputs are. */
uint64_t track_kept_unread(const struct track_kept *kept);

/* What the caller says that one of the outputs is; store fails with ERROR_CONFLICT if it is something else. */
void track_kept_expect(struct track_kept *kept, const struct output *output, const struct oid *oid);

/* Each step for the outputs of several stages; counts and files go to result. Stored once, they are not stored again. */
bool track_kept_store(struct track_kept *const *kept, guint count, struct track_result *result, GError **error);
bool track_kept_ignore(struct track_kept *const *kept, guint count, struct track_result *result, GError **error);
bool track_kept_place(struct track_kept *const *kept, guint count, struct track_result *result, GError **error);

/* Free it. */
void track_kept_free(struct track_kept *kept);

AUTO_DEFINE(track_kept, track_kept_free);

/* An empty result. */
struct track_result *track_result_new(void);

/* Move all that `from` tells to the end of `into`. */
void track_result_merge(struct track_result *into, struct track_result *from);

/* Report one item; strings are copied. */
struct track_item *track_report(struct track_result *result, enum track_verb verb, const char *path, const char *file);

/* Report that a file (relative to the project) was written, once. */
void track_touch(struct track_result *result, const char *path);

/* Replace a file of the project by this text if it says something else; *changed (may be NULL) tells. */
bool track_write(struct workspace *ws, const char *path, const char *text, size_t length, bool *changed,
		 GError **error);

/* With autostage, `git add` what was touched. */
bool track_stage(struct workspace *ws, struct track_result *result, GError **error);

/* Free it. */
void track_result_free(struct track_result *result);

AUTO_DEFINE(track_result, track_result_free);

#endif
