/*
 * track-int: the steps that add, commit, remove and move share. Private to workspace/track*.c.
 */
#ifndef WORKSPACE_TRACK_INT_H
#define WORKSPACE_TRACK_INT_H

#include "store/put.h"
#include "workspace/scan.h"
#include "workspace/track.h"

/* One output that is being recorded anew. */
struct track_work {
	char *path;                  /* of the output, relative to the project */
	char *file;                  /* its pointer or pipeline file */
	const struct output *output; /* what is recorded so far; NULL for a new one */
	GPtrArray *insides;          /* of char *: only these parts of a folder; NULL for all of it */
	GPtrArray *scans;            /* of struct scan: one, or one for each inside; owned */
	struct manifest *manifest;   /* with insides: the recorded manifest with these parts replaced; owned */
	struct oid oid;              /* what is to be recorded */
	bool stored; /* its bytes go to the store: not those that Git keeps itself (cache: false) */
	bool isexec;
	uint64_t size, nfiles;
};

/* All of them, with what they report to. */
struct track_session {
	struct workspace *ws;
	const struct track_options *options;
	struct track_result *result;
	GPtrArray *works; /* of struct track_work, owned, sorted by path; those of track_kept_*() are not */
};

/* A session without work and with an empty result. */
void track_session_init(struct track_session *session, struct workspace *ws, const struct track_options *options);

/* Free what it holds; the result goes to the caller, or nowhere if it is not taken out. */
void track_session_clear(struct track_session *session);

/* A new piece of work, owned by the session. */
struct track_work *track_session_add(struct track_session *session, const char *path, const char *file,
				     const struct output *output);

/*
 * Do all of it: look at the data, store them, make them durable, ignore them in Git, write pointers,
 * place links, update the index, stage. Items are reported in the order of works.
 */
bool track_session_run(struct track_session *session, GError **error);

/* The steps of track_session_run(), each for all works. */

/* Look at what is in the workspace; refuse what the dialect cannot track. */
bool track_look(struct track_session *session, GError **error);

/* The same for one work. */
bool track_look_at(struct track_session *session, struct track_work *work, GError **error);

/* Whether every file that a folder's record has and the workspace has not was deleted here, so that it may leave the record;
 * ERROR_CONFLICT names those that were never here. With `absent` anything may. */
bool track_check_absent(struct track_session *session, GError **error);

/* Bring all bytes into the store, durably; fills in the oid, size and nfiles of each work. With no_commit only hashes.
 */
bool track_store(struct track_session *session, GError **error);

/* Have Git ignore the data, before a pointer tells that they are tracked. */
bool track_ignore(struct track_session *session, GError **error);

/* Write pointers whose record changed. */
bool track_record(struct track_session *session, GError **error);

/* Put links in place of files where the settings ask for links. Failures are notes: the data are safe. */
bool track_link(struct track_session *session, GError **error);

/* Remember what is in the workspace now. */
bool track_remember(struct track_session *session, GError **error);

/* The same for one relative to the work tree's top, if it is in the project. Takes the string. */
void track_touch_git(struct track_result *result, const struct workspace *ws, char *path);

/* Set the error for a path inside a folder that a symbolic link leads to, and tell what stands at `path` otherwise: 0
 * absent, else st_mode. */
bool track_kind(struct workspace *ws, const char *path, mode_t *mode, GError **error);

/* Whether data that are yet to be put at `path` could be tracked there; as track_add(). */
bool track_check_new(struct workspace *ws, const struct outputs *outputs, const char *path,
		     const struct track_options *options, GError **error);

/* Whether Git would see pointers that are yet to be written. ERROR_USAGE for those that its rules ignore: who clones would
 * not get them, and no command here would find them again. Paths are relative to the project. */
bool track_check_pointers(struct workspace *ws, const GPtrArray *pointers, GError **error);

#endif
