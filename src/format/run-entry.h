/*
 * run-entry: the lock entry of one stage as the run cache keeps it: a document of its own under a key made of what went in, and
 * a value made of all that it says (dvc-formats 9).
 */
#ifndef FORMAT_RUN_ENTRY_H
#define FORMAT_RUN_ENTRY_H

#include "format/lockfile.h"

/* Length of a key or value: hexadecimal. */
#define RUN_ENTRY_HEX 64

/*
 * The key of an entry: its command, dependencies, parameters and the paths of its outputs; and with `whole` its value: the
 * outputs with their ids, too. As in DVC, nothing that is called size or nfiles counts, wherever it stands.
 */
void run_entry_key(const struct lockfile_stage *entry, const struct dialect *dialect, bool whole,
		   char text[RUN_ENTRY_HEX + 1]);

/* All that goes into the key with nothing left out, as a text that is equal for equal inputs only. New string. */
char *run_entry_inputs(const struct lockfile_stage *entry, const struct dialect *dialect);

/* The document to keep. New string. */
char *run_entry_write(const struct lockfile_stage *entry, const struct dialect *dialect, size_t *length);

/*
 * Parse one: a lock file with this stage alone. `place` is for messages. ERROR_CORRUPT also for an entry without outputs or
 * with an output whose id it does not tell.
 */
struct lockfile *run_entry_read(const char *text, size_t length, const char *place, const char *stage,
				const struct dialect *dialect, GError **error);

#endif
