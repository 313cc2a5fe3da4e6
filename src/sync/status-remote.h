/*
 * status-remote: which wanted objects are only here, only on the remote, or nowhere: `status -c` (dvc-formats 12, 22).
 */
#ifndef SYNC_STATUS_REMOTE_H
#define SYNC_STATUS_REMOTE_H

#include "base/auto.h"
#include "sync/sync.h"

enum sync_state {
	SYNC_OK,      /* at both ends */
	SYNC_NEW,     /* only in the store */
	SYNC_DELETED, /* only on the remote */
	SYNC_MISSING, /* at neither */
	SYNC_STATES
};

/* "ok", "new", "deleted", "missing". */
const char *sync_state_name(enum sync_state state);

struct sync_status_entry {
	char *path; /* of the output, or of a file inside it: "folder/sub/file" */
	struct oid oid;
	enum sync_state state;
};

struct sync_status {
	GPtrArray *entries; /* of struct sync_status_entry that are not OK, sorted by path, one a path; owned */
	uint64_t counts[SYNC_STATES];
	struct sync_result result; /* its failures: what could not be asked */
};

/*
 * Compare. A folder has an entry of its own for its manifest and one for each file. Where the remote has the manifest
 * its files count as there unless options->verify. A manifest that only the remote has is fetched into the store.
 */
struct sync_status *sync_status_remote(struct workspace *ws, const GPtrArray *wants, const struct sync_options *options,
				       GError **error);

/* Free it. */
void sync_status_free(struct sync_status *status);

AUTO_DEFINE(sync_status, sync_status_free);

#endif
