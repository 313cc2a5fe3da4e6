/*
 * facts: what is in the workspace now, as far as stages read it: ids of files and folders, values of parameters. Each
 * path is looked at once, until it is said to have changed.
 *
 * One for a command; main thread. Ids come from workspace/scan.h, so unchanged files are not read.
 */
#ifndef PIPELINE_FACTS_H
#define PIPELINE_FACTS_H

#include "pipeline/external.h"
#include "pipeline/stages.h"
#include "workspace/scan.h"

/* What stands at a path. */
struct fact {
	enum scan_kind kind;
	struct oid oid;          /* with the algorithm that was asked for; OID_NONE if there is nothing */
	uint64_t size, nfiles;   /* nfiles of a folder, else 0 */
	bool isexec;
	bool kept;               /* SCAN_FILE or SCAN_DIR: something that can be recorded */
	struct manifest *manifest; /* of a folder, else NULL; NULL also after facts_know(). Owned by the facts */
};

struct facts;

/* Know nothing yet. What was hashed is put into the index, which the caller commits. */
struct facts *facts_new(struct workspace *ws);

/* What lies outside the project, as far as stages read it. */
struct externals *facts_externals(struct facts *facts);

/* The workspace that they are of. */
struct workspace *facts_workspace(const struct facts *facts);

/*
 * What stands at `path` (relative to the project), hashed with `algo`. Borrowed until facts_forget(). NULL with the error set
 * if it cannot be read; absence is a fact (SCAN_ABSENT).
 */
const struct fact *facts_at(struct facts *facts, const char *path, enum oid_algo algo, GError **error);

/* Take over what somebody else has found out about `path` with `algo` just now; the fact is copied without its manifest. */
void facts_know(struct facts *facts, const char *path, enum oid_algo algo, const struct fact *fact);

/*
 * The same for a path whose record is `recorded` (may be NULL): with the record's algorithm if that still gives the
 * recorded id, else with the dialect's, as DVC moves entries of 2.x on when they change.
 */
const struct fact *facts_against(struct facts *facts, const char *path, const struct entry *recorded, GError **error);

/*
 * The same for something that a stage reads: where a symbolic link stands, or leads there, what it leads to, in the project or
 * elsewhere on this machine, is what the stage gets.
 */
const struct fact *facts_input(struct facts *facts, const char *path, const struct entry *recorded, GError **error);

/*
 * A file of parameters as a document (borrowed until facts_forget()); NULL with the error unset if it is absent, with the error
 * set, file and line told, if it cannot be read.
 */
const struct node *facts_params(struct facts *facts, const char *path, GError **error);

/* The value of a dotted key ("train.lr", "layers[0]" and "layers.0" alike) in a document; NULL if it has none. */
const struct node *facts_value(const struct node *document, const char *key);

/* Whatever lies at, in or above `path` may be another by now: a command has run. */
void facts_forget(struct facts *facts, const char *path);

/* The same for something that a stage reads: what a link there leads to is forgotten, too. */
void facts_forget_input(struct facts *facts, const char *path);

/*
 * Forget what is known at `path`, and what a link there leads to, unless it is a file that looks as it did when it was looked
 * at: somebody may have changed it since. Folders are forgotten always; what was hashed of large ones is committed before.
 */
void facts_refresh(struct facts *facts, const char *path);

/* Commit the index, so that what was hashed need not be hashed again when it is looked at anew. If that fails, it only costs time. */
void facts_commit(struct facts *facts);

/* Free it. */
void facts_free(struct facts *facts);

AUTO_DEFINE(facts, facts_free);

#endif
