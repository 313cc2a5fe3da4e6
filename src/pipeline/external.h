/*
 * external: dependencies that lie outside the project: URLs, of which their servers tell a mark (dvc-formats 2.4), and files
 * and folders elsewhere on this machine, which are hashed.
 *
 * One for a command, kept by its facts; each place is looked at once. URLs are asked of the network program, run as a child, all
 * of a stage together. Main thread.
 */
#ifndef PIPELINE_EXTERNAL_H
#define PIPELINE_EXTERNAL_H

#include "pipeline/stages.h"

/* What lies at one place. */
struct external_fact {
	bool found;
	struct oid oid;  /* OID_NONE if `etag` tells */
	char *etag;      /* the mark of a server; NULL if `oid` tells */
	bool is_checksum; /* it is recorded as `checksum` */
	bool has_size, has_nfiles, isexec;
	uint64_t size, nfiles;
};

struct externals;

/* Know nothing yet; ws is borrowed. */
struct externals *externals_new(struct workspace *ws);

/*
 * What lies at the place of a dependency of this stage that has no path in the project. Borrowed. NULL with the error set if that
 * cannot be told: no network, a folder on a server, a kind of URL that is not known.
 */
const struct external_fact *externals_at(struct externals *externals, const struct stage *stage,
					 const struct stage_dep *dep, GError **error);

/* Look at the place of such a dependency anew when it is asked for again. */
void externals_forget(struct externals *externals, const struct stage *stage, const struct stage_dep *dep);

/* Whether the record (NULL: none) says that the same lay there. */
bool external_is_same(const struct external_fact *fact, const struct entry *recorded);

/* Put what was found into the entry, replacing what it had. */
void external_fill(struct entry *entry, const struct external_fact *fact);

/* The mark for people, cut short; of a record with external_fact NULL. New string, NULL for nothing. */
char *external_short_mark(const struct external_fact *fact, const struct entry *recorded);

/* Free it. */
void externals_free(struct externals *externals);

AUTO_DEFINE(externals, externals_free);

#endif
