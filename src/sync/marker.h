/*
 * marker: the sign on a remote that garbage is collected there. How a collection and a push that run at the same time
 * leave everything that the push vouches for in place, on remotes that know no locks:
 *
 *	the collector                           the pusher
 *	lists, and decides what to take out     asks what is there, and relies on it
 *	puts a marker                           sends files, then the manifests that need them
 *	moves manifests to the trash, then      lists the markers; if there is one of a collection that may have
 *	files                                   touched what it relied on, it asks for everything again and sends
 *	lists the manifests again, and takes    what is gone
 *	back what those need that appeared
 *	marks the marker as done
 *
 * What is moved before the pusher asks again, it finds gone and sends. What is moved later than that is moved later than
 * its manifest appeared, so the collector sees that manifest when it lists again, and takes the files back. If the
 * pusher saw no marker, nothing had been moved when its manifest appeared, and the same holds.
 *
 * A manifest that was there before the collector decided is not protected by this: it was garbage by the collector's
 * roots. The trash's grace period is for such mistakes.
 *
 * The key is ".mlv/collecting/<time>-<random>", renamed to "….done" with the time of the end when all is done; done ones
 * are kept for a week, for pushes that take long. The text tells the host and process of the collector.
 */
#ifndef SYNC_MARKER_H
#define SYNC_MARKER_H

#include "sync/session.h"

#include <stdint.h>

struct marker {
	char *key;
	int64_t time; /* Unix time: of its end if it is done, else of its beginning */
	bool done;
};

/* All markers of the remote: a GPtrArray of struct marker that owns them. NULL with the error set. */
GPtrArray *marker_list(struct sync_session *session, GError **error);

/* Whether the collector is known to be dead: its process is gone, or a day has passed. False with the error unset if not. */
bool marker_is_stale(struct sync_session *session, const struct marker *marker);

/* Put one; its key. New string. NULL with the error set. */
char *marker_put(struct sync_session *session, GError **error);

/* Mark ours as done. */
bool marker_finish(struct sync_session *session, const char *key, GError **error);

/* Remove a marker. */
bool marker_remove(struct sync_session *session, const char *key, GError **error);

/* Remove those that were done too long ago to matter to anybody; failures do not matter either. */
void marker_expire(struct sync_session *session, const GPtrArray *markers);

/*
 * Whether a collection may have moved something since the session began: one that is not done, or was in the last day.
 * What cannot be found out counts as yes, but for a remote that nobody could collect on, or that may not be listed.
 * False with the error set on Ctrl-C alone.
 */
bool marker_look(struct sync_session *session, bool *seen, GError **error);

#endif
