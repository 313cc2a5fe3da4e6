/*
 * fsck-remote: is everything wanted on the remote, and are its bytes right?
 */
#ifndef SYNC_FSCK_REMOTE_H
#define SYNC_FSCK_REMOTE_H

#include "base/auto.h"
#include "sync/sync.h"

enum fsck_finding {
	FSCK_MISSING,  /* not on the remote */
	FSCK_DAMAGED,  /* there, with wrong bytes */
	FSCK_REPAIRED, /* was missing or damaged; sent anew from the store */
};

/* One object that is or was not right. */
struct fsck_remote_item {
	char *path;
	struct oid oid;
	enum fsck_finding finding;
};

struct fsck_remote_options {
	bool data;   /* read and hash every byte; else presence, as far as the remote can tell cheaply */
	bool repair; /* send from the store what is missing or damaged */
};

struct fsck_remote {
	GPtrArray *items;          /* of struct fsck_remote_item, in the order found; owned */
	uint64_t checked, bytes;   /* objects asked for; bytes hashed */
	struct sync_result result; /* its failures: what could not be checked or repaired; its objects: repaired ones */
};

/* Check every wanted object and, in folders, every file, also where the manifest is there. */
struct fsck_remote *fsck_remote_run(struct workspace *ws, const GPtrArray *wants,
				    const struct fsck_remote_options *fsck, const struct sync_options *options,
				    GError **error);

/* Free it. */
void fsck_remote_free(struct fsck_remote *fsck);

AUTO_DEFINE(fsck_remote, fsck_remote_free);

#endif
