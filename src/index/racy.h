/*
 * racy: is a stamp so young that one more write could leave the same stamp? Pure; any thread.
 */
#ifndef INDEX_RACY_H
#define INDEX_RACY_H

#include "base/stamp.h"

/*
 * Whether the file may still be written to at `now_ns` (clock_file_now()) without its stamp changing. Stamps are as fine as a
 * tick of the kernel, 10 ms at most, taken twice here; or two seconds on file systems that know only whole ones.
 */
bool racy_is_fresh(const struct stamp *stamp, int64_t now_ns);

/* Whether waiting for RACY_TICK_NS makes a fresh stamp an old one. */
bool racy_is_short(const struct stamp *stamp);

/* How long ago a finely stamped file must have been written. */
#define RACY_TICK_NS INT64_C(20000000)

#endif
