/*
 * claims: what stages of this command read and write while they run, told to other commands in the table of rwlock.h, and what
 * others told. Two `repro` in one project so wait for each other by path, not as a whole; and for DVC's.
 *
 * Make it before the project's files are loaded: what others change from then on is noticed. Main thread.
 */
#ifndef PIPELINE_CLAIMS_H
#define PIPELINE_CLAIMS_H

#include "pipeline/stages.h"

struct claims;

enum claims_answer {
	CLAIMS_FAILED = -1, /* the error is set: ERROR_BUSY if the other command runs us, and waits for us to end */
	CLAIMS_BUSY,        /* another command uses a path that the stage reads or writes */
	CLAIMS_FREE,
};

/* No claims yet. `what` is our command line for others to read; copied. Borrows ws. */
struct claims *claims_new(struct workspace *ws, const char *what);

/* Whether a stage could be claimed now. *holder (new string) tells who uses its paths if not. Two stats where nobody else is at work. */
enum claims_answer claims_look(struct claims *claims, const struct stage *stage, char **holder, GError **error);

/*
 * Claim all that the stage reads and writes, or nothing. *disturbed becomes whether other commands came or went since claims_new()
 * or the last call that told so: what was found out about files and records may be old.
 */
enum claims_answer claims_take(struct claims *claims, const struct stage *stage, char **holder, bool *disturbed,
			       GError **error);

/* Give up the claims of these stages (GPtrArray of const struct stage), if they have any, after what they made was recorded. */
bool claims_drop(struct claims *claims, const GPtrArray *stages, GError **error);

/* Give up all claims, as far as that works, and free it. */
void claims_free(struct claims *claims);

AUTO_DEFINE(claims, claims_free);

#endif
