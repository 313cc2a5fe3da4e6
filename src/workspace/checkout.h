/*
 * checkout: make the workspace what the pointers say. First a plan - plain data, nothing touched, what --dry-run prints
 * - then its run, which is parallel and decides nothing.
 *
 * No byte is overwritten or removed unless the store holds it or `force` was given: what would be lost is a conflict,
 * and conflicting paths stay out of the plan. Right before a step replaces or removes a file it looks again whether
 * that is still the file that was judged. A run that was killed left whole files only; the next one goes on. Main
 * thread; the caller holds the worktree's lock to run.
 */
#ifndef WORKSPACE_CHECKOUT_H
#define WORKSPACE_CHECKOUT_H

#include "workspace/outputs.h"
#include "workspace/target.h"

enum checkout_verb {
	CHECKOUT_REMOVE, /* unlink a file or link */
	CHECKOUT_RMDIR,  /* remove a folder if it is empty by then */
	CHECKOUT_MKDIR,
	CHECKOUT_CREATE,  /* nothing is there yet */
	CHECKOUT_REPLACE, /* a file or link with other bytes */
	CHECKOUT_MODE,    /* the exec bit only */
	CHECKOUT_RELINK,  /* the right bytes as the wrong kind of link */
	CHECKOUT_VERBS
};

struct checkout_step {
	uint8_t verb;              /* enum checkout_verb */
	uint8_t mode;              /* enum manifest_mode of the target */
	uint32_t output;           /* index into plan->outputs */
	const char *path;          /* relative to the project */
	struct oid oid;            /* of the target; OID_NONE where there is none */
	uint64_t size;             /* MANIFEST_NO_SIZE if not known */
	const struct stamp *found; /* what was there when it was judged; NULL if nothing */
};

/* Something that checkout will not overwrite or cannot do. */
struct checkout_obstacle {
	const char *path;
	const char *reason; /* "has changes that are not stored", … */
	struct oid oid;     /* missing: the object */
};

/* What happens to one output. */
enum checkout_fate { CHECKOUT_KEPT, CHECKOUT_ADDED, CHECKOUT_MODIFIED, CHECKOUT_DELETED };

struct checkout_output {
	char *path;     /* relative to the project */
	struct oid oid; /* the target; OID_NONE if it is to go */
	enum checkout_fate fate;
	bool is_dir;
	bool whole; /* not only a part of the folder */
	size_t conflicts, missing, failed;
};

struct checkout_plan {
	GArray *outputs;   /* of struct checkout_output */
	GArray *steps;     /* of struct checkout_step, in an order that can be followed */
	GArray *conflicts; /* of struct checkout_obstacle */
	GArray *missing;   /* of struct checkout_obstacle: objects that the store lacks */
	GPtrArray *orphans; /* of char *: outputs that stay although no pointer names them, as no commit records them either */
	GPtrArray *failed; /* of GError, owned: single paths that could not be looked at, path in the text; they stay */
	GPtrArray *temps;  /* left-overs of ours to sweep, relative to the project */
	uint64_t bytes;    /* of files to place, as far as known */
	bool relink;
	GStringChunk *strings; /* private */
	GPtrArray *kept;       /* private */
};

struct checkout_options {
	bool force;         /* overwrite and remove unsaved data, and what no commit records */
	bool relink;        /* make every file the kind of link that the settings ask for */
	bool allow_missing; /* objects that the store lacks are no obstacle */
};

/*
 * Compare targets (NULL: all outputs, and outputs that were put there once and that no pointer names any more) with the
 * workspace. What cannot be looked at is left out, and in plan->failed.
 */
struct checkout_plan *checkout_plan_new(struct workspace *ws, const struct outputs *outputs, const GPtrArray *targets,
					const struct checkout_options *options, GError **error);

/* What a run did. */
struct checkout_result {
	size_t done[CHECKOUT_VERBS]; /* steps */
	uint64_t bytes;
	GPtrArray *failed;   /* of GError, owned: steps that failed, path in the text */
	GHashTable *changed; /* set of indexes into plan->outputs: a step of theirs was done */
};

/*
 * Do it: parallel, then the index is brought up to date. false only for what stops all (Ctrl-C: finished steps stay and
 * are remembered). Failures of single steps are in result->failed; checkout_result_clear() it.
 */
bool checkout_plan_run(struct workspace *ws, const struct checkout_plan *plan, struct checkout_result *result,
		       GError **error);

/* Free what the result holds. */
void checkout_result_clear(struct checkout_result *result);

/*
 * Whether the plan would leave something undone: NULL-error true if not; else false with all conflicts (ERROR_CONFLICT,
 * hint
 * --force) or missing objects (ERROR_NOT_FOUND, hint `git mlv fetch`) listed by name, at most 20 of them, or the first of
 * plan->failed.
 */
bool checkout_plan_check(const struct checkout_plan *plan, GError **error);

/* The word for a verb, for --dry-run: "create" … */
const char *checkout_verb_name(enum checkout_verb verb);

/* Free it. */
void checkout_plan_free(struct checkout_plan *plan);

AUTO_DEFINE(checkout_plan, checkout_plan_free);

#endif
