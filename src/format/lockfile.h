/*
 * lockfile: mlv.lock or dvc.lock: what each stage's command, dependencies, parameters and outputs were when it last ran
 * (dvc-formats 5).
 */
#ifndef FORMAT_LOCKFILE_H
#define FORMAT_LOCKFILE_H

#include "base/auto.h"
#include "format/entry.h"

#include <glib.h>

struct lockfile_stage {
	char *name;           /* "train", "train@1" */
	const struct node *cmd;    /* a string or a list; owned by the document */
	const struct node *params; /* map of files to maps, or NULL; owned by the document */
	GPtrArray *deps, *outs;    /* of struct entry, owned */
	const struct node *node;   /* the stage's whole map in the document */
};

struct lockfile {
	const struct dialect *dialect;
	GPtrArray *stages; /* of struct lockfile_stage, owned, in file order */
	struct doc *doc;   /* what was read, NULL for a new one */
	GHashTable *by_name; /* private: name -> stage */
};

/* An empty one. */
struct lockfile *lockfile_new(const struct dialect *dialect);

/* Parse text; `name` for messages. The 1.x layout without `schema` and unknown keys are errors; those of several stages are told
 * together. */
struct lockfile *lockfile_read(const char *text, size_t length, const char *name, const struct dialect *dialect,
			       GError **error);

/* Add a stage of that name (copied) at the end, without cmd, entries and parameters. Owned by the lockfile. */
struct lockfile_stage *lockfile_add(struct lockfile *lockfile, const char *name);

/*
 * Make the stage of the same name, a new one at the end if there is none, say what `from`, a stage of another lock file, says. That
 * file must live as long. One that says the same already keeps its text.
 */
void lockfile_set(struct lockfile *lockfile, const struct lockfile_stage *from);

/* The stage of that name, NULL if there is none. Owned by the lockfile. */
struct lockfile_stage *lockfile_find(const struct lockfile *lockfile, const char *name);

/* Drop the stage of that name; false if there is none. */
bool lockfile_remove(struct lockfile *lockfile, const char *name);

/* The text to write; stages whose entries did not change keep their bytes. New string, *length bytes. */
char *lockfile_write(const struct lockfile *lockfile, size_t *length);

/* Free it. */
void lockfile_free(struct lockfile *lockfile);

AUTO_DEFINE(lockfile, lockfile_free);

#endif
