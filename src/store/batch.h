/*
 * batch: a directory for objects in the making, which a flock() shows to be in use. The next process removes those of the dead.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "store/store-int.h"

struct batch {
	char *name;    /* below STORE_TEMP */
	int parent;    /* of STORE_TEMP */
	int fd;        /* of the directory */
	int lock;      /* of the locked file in it */
	bool sealable; /* a file created with mode 0444 here is 0444: neither umask nor ACL interferes */
};

/* No batch: what batch_end() has nothing to do for. */
#define BATCH_NONE ((struct batch){.parent = -1, .fd = -1, .lock = -1})

/* Make one, and remove those that were left behind. Undo with batch_end(); on failure there is nothing to undo but that is fine. */
bool batch_begin(const struct store *store, struct batch *batch, GError **error);

/* Remove the directory with all that is still in it. */
void batch_end(struct batch *batch);

#endif
