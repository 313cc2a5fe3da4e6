/*
 * source: a project that a command reads: the one we stand in, another folder's, or one behind a URL, cloned for the time of the command.
 */
#ifndef CMD_SOURCE_H
#define CMD_SOURCE_H

#include "cli/command.h"
#include "repo/revision.h"
#include "workspace/listing.h"

struct source {
	struct repo *repo;       /* owned unless it is the context's */
	struct config *config;   /* likewise */
	struct workspace *ws;    /* likewise */
	bool own;                /* they are ours to free */
	char *clone;             /* temporary folder to remove, or NULL */
	char revision[REVISION_ID_MAX]; /* "" for the workspace */
};

/*
 * Open `where` ("." or NULL: the context's project; a folder; a Git URL, which is cloned without its files) at `rev` (NULL: the workspace,
 * HEAD of a clone). Free with source_free().
 */
struct source *source_open(struct context *context, const char *where, const char *rev, GError **error);

/*
 * What `ls` and `du` take: "[<repository>] [<path>]". Opens the source and lists it as `how` says (its path and revision are filled in). *source and *path
 * (the path asked for, "" for all) are the caller's to free. A GPtrArray of struct listing_entry, or NULL.
 */
GPtrArray *source_list(struct context *context, const char *rev, struct listing_options *how, struct source **source,
		       char **path, GError **error);

/* Whether an argument names a repository rather than a path: ".", a URL, "host:path", or a folder that is the top of a project. */
bool source_is_repository(const char *argument);

/* The revision to hand to listings: NULL for the workspace. */
const char *source_revision(const struct source *source);

/* Close it and remove a clone. */
void source_free(struct source *source);

AUTO_DEFINE(source, source_free);

#endif
