/*
 * pointer: a data.mlv or data.dvc file: outputs (almost always one), for imports a dependency, and what else DVC's schema
 * allows (dvc-formats 2).
 *
 * Read it, change `outs`, write it: text that was read is edited in place, so comments and key order stay.
 */
#ifndef FORMAT_POINTER_H
#define FORMAT_POINTER_H

#include "base/auto.h"
#include "format/entry.h"

#include <glib.h>
#include <stdbool.h>

/* Longest pointer file accepted, in bytes (version-aware ones list every file). */
#define POINTER_SIZE_LIMIT ((size_t)64 << 20)

struct pointer {
	const struct dialect *dialect;
	char *wdir;          /* as written, "." if absent */
	bool frozen;         /* an import, or frozen by hand */
	char *cmd;           /* legacy single-stage files may have one; NULL otherwise */
	GPtrArray *deps;     /* of struct entry, owned */
	GPtrArray *outs;     /* of struct entry, owned */
	struct doc *doc;     /* what was read, NULL for a new one */
};

/* A new pointer with one output of that path (copied), wdir ".". */
struct pointer *pointer_new(const struct dialect *dialect, const char *path);

/* Parse text; `name` for messages. Errors as entry_read(), unknown top-level keys included. */
struct pointer *pointer_read(const char *text, size_t length, const char *name, const struct dialect *dialect,
			     GError **error);

/*
 * The text to write: for one that was read, the old text with only the changed values replaced; unchanged outputs keep their bytes.
 * For an import the top-level md5 is brought up to date (dvc-formats 2.4). New string, *length bytes.
 */
char *pointer_write(const struct pointer *pointer, size_t *length);

/* The text of a new file that says the same, as DVC writes one: its own order of keys, no comments. New string, *length bytes. */
char *pointer_write_anew(const struct pointer *pointer, size_t *length);

/* Whether it has a dependency in another repository or at a URL. */
bool pointer_is_import(const struct pointer *pointer);

/* Whether its data come from another repository's remote and so are never pushed (dvc-formats 2.4). */
bool pointer_is_repo_import(const struct pointer *pointer);

/* Whether the file's own md5, which files with dependencies have, is there and that of its content. */
bool pointer_is_sealed(const struct pointer *pointer);

/* Free it. */
void pointer_free(struct pointer *pointer);

AUTO_DEFINE(pointer, pointer_free);

#endif
