/*
 * hints: what this clone remembers of a remote: the manifests that it had when it was last dealt with.
 *
 * Never more than a hint: before anything is concluded from one, the remote is asked whether the manifest still is
 * there. That the remote had objects at all is remembered, too: then its place must not be made anew. Kept in a small
 * file of the clone, one a remote, which may be lost, foreign or broken at no cost but time. Main thread only.
 */
#ifndef SYNC_HINTS_H
#define SYNC_HINTS_H

#include "base/auto.h"
#include "hash/oid.h"
#include "remote/spec.h"

#include <glib.h>
#include <stdbool.h>

/* One manifest, and the path under which it was sent or fetched. */
struct hint {
	struct oid oid;
	char *path;
};

struct hints;

/* The most that are remembered of a remote: the latest. */
#define HINTS_MAX 64

/* What is remembered of the remote of `spec` in directory `dir`, which need not exist; NULL: nothing, and nothing will be. */
struct hints *hints_load(const char *dir, const struct remote_spec *spec);

/* How many there are, and one of them, the latest first; a pointer into the list until it changes. */
guint hints_count(const struct hints *hints);
const struct hint *hints_get(const struct hints *hints, guint i);

/* The remote has this manifest: remember it as the latest. */
void hints_note(struct hints *hints, const struct oid *oid, const char *path);

/* The remote does not have it any more. */
void hints_drop(struct hints *hints, const struct oid *oid);

/* The remote has objects, be they of folders or not. */
void hints_note_use(struct hints *hints);

/* Whether this clone knows that the remote had objects. */
bool hints_has_use(const struct hints *hints);

/* Write down what changed, if it can be written, and free it. NULL is fine. */
void hints_free(struct hints *hints);

AUTO_DEFINE(hints, hints_free);

#endif
