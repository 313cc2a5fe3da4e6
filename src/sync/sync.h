/*
 * sync: what all commands of this folder share: their options, and what came of them.
 *
 * A function here returns false only for what stops everything (no such remote, interrupted, the disk is full); what
 * went wrong with single objects is in the failures, and everything else was done. A command with failures exits 1.
 * Main thread only.
 */
#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include "hash/oid.h"
#include "remote/remote.h"
#include "sync/want.h"
#include "workspace/workspace.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Called for each object that is moved (or would be), with its path for people. */
typedef void (*sync_visit)(const char *path, const struct oid *oid, uint64_t size, void *user);

struct sync_options {
	const char *remote;                    /* for wants without a remote of their own; NULL: the default one */
	unsigned jobs;                         /* -j; 0: the remote's or the project's setting */
	bool verify;                           /* push: look for every file even if its folder's manifest is there */
	bool dry_run;                          /* find out and report what would be moved, then stop */
	sync_visit visit;                      /* may be NULL */
	void *user;                            /* of visit */
	const struct remote_ops *const *table; /* the back-ends; remote_table outside tests */
};

/* One object that could not be dealt with. */
struct sync_failure {
	char *path;
	struct oid oid;
	GError *error;
};

/* The most failures kept with their texts; the rest is only counted. */
#define SYNC_FAILURES_KEPT 200

struct sync_result {
	uint64_t objects, bytes; /* moved, or with dry_run to be moved */
	uint64_t present;        /* were where they should be already */
	uint64_t failed;
	GPtrArray *failures; /* of struct sync_failure, owned, at most SYNC_FAILURES_KEPT */
};

/* An empty result in place. */
void sync_result_init(struct sync_result *result);

/* Free what it holds. */
void sync_result_clear(struct sync_result *result);

/* Count a failure and keep it while there is room; takes the error. */
void sync_result_fail(struct sync_result *result, const char *path, const struct oid *oid, GError *error);

/* Move the failures of another result, which is cleared, behind those of this one; its counts of moved objects are
 * dropped. */
void sync_result_take_failures(struct sync_result *result, struct sync_result *from);

/*
 * Send what is missing on the remotes: files first, then the manifests whose files are all there. A manifest on the
 * remote stands for all of its files unless options->verify. An object that is nowhere is a failure.
 */
bool sync_push(struct workspace *ws, const GPtrArray *wants, const struct sync_options *options,
	       struct sync_result *result, GError **error);

/* Fetch into the store what it lacks: manifests first, then files. What arrived stays, whatever happens later. */
bool sync_fetch(struct workspace *ws, const GPtrArray *wants, const struct sync_options *options,
		struct sync_result *result, GError **error);

#endif
