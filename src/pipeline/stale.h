/*
 * stale: whether a stage is up to date, and every reason why not (dvc-formats 6). Each reason carries what DVC's status
 * words it by and what an explanation needs: old and new.
 *
 * Pure comparison of what is recorded (a lock entry) with the facts; nothing is touched. Main thread.
 */
#ifndef PIPELINE_STALE_H
#define PIPELINE_STALE_H

#include "pipeline/facts.h"
#include "pipeline/stages.h"

enum reason_kind {
	REASON_NEVER_RAN,  /* no lock entry */
	REASON_COMMAND,    /* another command: old, new */
	REASON_DEP,        /* what: path as DVC prints it; word: "modified", "deleted", "update available" */
	REASON_PARAM,      /* what: the file; key; word: "modified", "new", "deleted"; old, new as text */
	REASON_OUT,        /* what: path; word: "modified", "deleted", "not in cache" */
	REASON_ALWAYS,     /* always_changed */
	REASON_CALLBACK,   /* neither dependencies nor outputs */
	REASON_CHECKSUM,   /* a pointer whose own md5 is another: DVC's "changed checksum" */
	REASON_FORCED,     /* --force: added by who decides, never found here */
	REASON_UPSTREAM,   /* --dry: a stage that it needs would run: what: its address. The same */
};

struct reason {
	enum reason_kind kind;
	char *what, *key; /* see above; NULL where the kind has none */
	const char *word; /* static */
	bool unknown;     /* REASON_DEP, REASON_PARAM: it changed while the stage ran, so what was read of it is not recorded */
	char *old, *new;  /* short ids, values or commands, for people; NULL where there is none */
	GPtrArray *inside; /* of char *: "modified: a/b" lines for a folder of which both manifests are known; else NULL */
};

/* Against what to compare, and how far to look. */
struct stale_options {
	bool allow_missing; /* outputs and dependencies that are not there do not count, unless the record upstream is another */
	bool no_store;      /* do not look into the store: "not in cache" is never found */
	bool no_outs;       /* outputs are the caller's business */
	bool first_only;    /* stop at the first reason: for who only wants to know whether */
	bool inside;        /* fill reason.inside */
	const struct stages *stages; /* for allow_missing: where the records upstream are; NULL: do not look at them */
};

/*
 * The reasons why the stage is not what `locked` (its lock entry as of now; NULL: none; for a pointer not looked at) says:
 * GPtrArray of struct reason, empty if it is up to date. In DVC's order: dependencies and parameters, outputs, command,
 * always changed; before them REASON_NEVER_RAN if there is any other and not first_only. What DVC does not follow is not followed: dependencies of a frozen stage. NULL with the error set for
 * what cannot be read.
 */
GPtrArray *stale_reasons(const struct stage *stage, const struct lockfile_stage *locked, struct facts *facts,
			 const struct stale_options *options, GError **error);

/*
 * One reason as a line for people, without a full stop: "'data/raw.csv' changed: 3c09ecd6 -> 404dc319", "parameter
 * train.lr of params.yaml changed: 0.1 -> 0.2", "the command changed: … -> …", "output 'model.bin' is missing". New string.
 */
char *reason_text(const struct reason *reason);

/* Whether it is about what a stage reads: a dependency or a parameter. */
bool reason_is_input(const struct reason *reason);

/* What somebody else found out about an output at `path`: DVC's word for it (static), the id recorded and the one now. */
struct reason *reason_new_out(const struct workspace *ws, const char *path, const char *word, const struct oid *recorded,
			      const struct oid *now);

/* Free one. */
void reason_free(struct reason *reason);

#endif
