/*
 * session: one remote, one engine and the local store, for as long as a command deals with that remote. Private to this
 * folder and its tests.
 */
#ifndef SYNC_SESSION_H
#define SYNC_SESSION_H

#include "base/auto.h"
#include "remote/engine.h"
#include "sync/hints.h"
#include "sync/sync.h"

/* What the remote is opened for. */
enum session_mode {
	SESSION_READ,
	SESSION_LOOK, /* as READ, but a remote that does not exist yet is an empty one; one that had objects must exist */
	SESSION_WRITE,
	SESSION_COLLECT, /* to take objects away, while nobody writes */
};

struct sync_session {
	struct store *store;            /* borrowed */
	const struct remote_spec *spec; /* borrowed */
	const struct remote_ops *const *table;
	enum session_mode mode;
	struct remote *remote; /* NULL before sync_session_connect(), and if there is none yet */
	bool connected;
	int64_t began; /* Unix time */
	struct engine *engine;
	struct hints *hints; /* what is remembered of the remote; never NULL */
	struct watch *watch; /* borrowed; may be NULL */
	bool dry_run, verify;
	sync_visit visit;
	void *visit_user;
};

/* Set one up that remembers nothing; store, spec and engine_options->watch are borrowed. Nobody is connected to yet. */
struct sync_session *sync_session_new(struct store *store, const struct remote_spec *spec, enum session_mode mode,
				      const struct engine_options *engine_options, const struct sync_options *options,
				      GError **error);

/* Set one up for a remote of the project with its settings; NULL for the default remote. */
struct sync_session *sync_session_open(struct workspace *ws, const char *remote, enum session_mode mode,
				       const struct sync_options *options, GError **error);

/* Connect on first call: what turns out to need no remote does not fail for want of one. */
bool sync_session_connect(struct sync_session *session, GError **error);

/* Disconnect. */
void sync_session_free(struct sync_session *session);

AUTO_DEFINE(sync_session, sync_session_free);

/* What a command does with the wants of one remote. */
typedef bool (*sync_body)(struct sync_session *session, const GPtrArray *wants, void *user, GError **error);

/* Sort the wants by remote and call `body` for each of these in turn, until one returns false. */
bool sync_each_remote(struct workspace *ws, const GPtrArray *wants, enum session_mode mode,
		      const struct sync_options *options, sync_body body, void *user, GError **error);

#endif
