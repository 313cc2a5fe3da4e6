/*
 * presence: where are the objects of a plan? Asked by the cheapest means that the remote offers. Private to this
 * folder.
 */
#ifndef SYNC_PRESENCE_H
#define SYNC_PRESENCE_H

#include "sync/objects.h"
#include "sync/session.h"

/*
 * Find out about the remote end of all objects that are PLACE_UNKNOWN there. What could not be found out is
 * PLACE_FAILED, with a failure in result.
 */
bool presence_remote(struct sync_session *session, struct objects *objects, struct sync_result *result, GError **error);

/* Find out about the local end of one object if it is unknown: whether the store has it and trusts it. */
bool presence_local(struct sync_session *session, struct object *object);

/* The size of an object's file in the store, trusted or not, into object->size; false if there is none. */
bool presence_measure(struct sync_session *session, struct object *object);

/*
 * Have the manifests of the wanted folders at hand: those that the store lacks and the remote has are fetched. Failures
 * in result; objects_manifest() then tells which are there.
 */
bool presence_fetch_manifests(struct sync_session *session, struct objects *objects, struct sync_result *result,
			      GError **error);

#endif
