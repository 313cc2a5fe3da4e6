/*
 * world: what tests of sync/ play with: a store, a remote in memory, and folders made of a few files.
 */
#ifndef TESTS_SYNC_WORLD_H
#define TESTS_SYNC_WORLD_H

#include "../remote/memory-remote.h"
#include "base/error.h"
#include "store/manifest.h"
#include "sync/objects.h"
#include "sync/session.h"

/* The clone that works, and the place that it and others share. */
struct world {
	enum oid_algo algo; /* of everything made here */
	struct store *store;
	struct memory_place *place;
	struct remote_spec *spec;
	struct sync_options options;
	GPtrArray *wants;
	char *hints; /* where the clone remembers what the remote has; a directory of its own */
};

/* For g_test_add(); data is GUINT_TO_POINTER(algo). */
void world_set_up(struct world *world, gconstpointer algo);
void world_tear_down(struct world *world, gconstpointer algo);

/* A second clone's empty store and memory instead of the first one's, which is closed. */
void world_new_store(struct world *world);

/* A session with the remote. */
struct sync_session *world_session(struct world *world, enum session_mode mode);

/* Put a text into the store; its id. */
struct oid world_put(struct world *world, const char *text);

/* Put a folder's files and its manifest: `files` are names and texts by turns, NULL at the end. Its id. */
struct oid world_put_folder(struct world *world, const char *const *files);

/* The same for `count` files that are named and filled by number, but for the first, which has this text. */
struct oid world_put_large(struct world *world, const char *first, unsigned count);

/* Want the object under this path. */
struct sync_want *world_want(struct world *world, const struct oid *oid, const char *path);

/* The id of a text. */
struct oid world_oid(const struct world *world, const char *text);

/* Whether the remote has this object; the store, trusting it. */
bool world_remote_has(const struct world *world, const struct oid *oid);
bool world_store_has(const struct world *world, const struct oid *oid);

/* Take an object from the remote; from the store. */
void world_remote_lose(struct world *world, const struct oid *oid);
void world_store_lose(struct world *world, const struct oid *oid);

/* Have transfers of that object fail from now on. */
void world_break(struct world *world, const struct oid *oid, enum transfer_kind kind, enum fault_kind what);

/* Push, fetch: what came of it, into a fresh result. */
void world_push(struct world *world, struct sync_result *result);
void world_fetch(struct world *world, struct sync_result *result);

/* Check that there is one failure, for that path with that code, and forget it. */
void world_expect_failure(struct sync_result *result, const char *path, enum error_code code);

/* Check these counts and that nothing failed, and forget the result. */
void world_expect(struct sync_result *result, uint64_t moved, uint64_t present);

#endif
