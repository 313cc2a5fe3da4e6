/*
 * look: what lies at a URL now, as far as its server tells without sending it: how external dependencies of stages are
 * checked (dvc-formats 2.4). For the network program; main thread.
 */
#ifndef SYNC_LOOK_H
#define SYNC_LOOK_H

#include "workspace/workspace.h"

struct look {
	bool found;
	const char *key; /* what DVC calls the mark: "etag", "checksum" (HTTP), "md5" (a folder as a remote); static */
	char *mark;      /* its value as recorded; NULL unless found */
	bool has_size;
	uint64_t size; /* bytes */
};

/*
 * Look at http(s)://, s3://, webdav(s):// or remote://<name>/<path>, whose remote is of one of these kinds or a folder. true if
 * it is known what is there, be it nothing. ERROR_USAGE for other kinds; ERROR_FAILED if the server tells no mark, or a folder
 * is there.
 */
bool look_at_url(struct workspace *ws, const char *url, struct look *look, GError **error);

/* Free what it holds (not the struct) and zero it. */
void look_clear(struct look *look);

#endif
