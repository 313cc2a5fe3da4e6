/*
 * clock: the times that the program reads.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/*
 * Now in ns since the epoch, on the coarse clock that Linux file systems stamp files with: a file that is written after
 * this call has no mtime before it. (It may be later than a following call says: since Linux 6.13 some stamps are
 * precise.)
 */
int64_t clock_file_now(void);

/* Microseconds of a clock that never goes back, from an arbitrary start. */
int64_t clock_steady_us(void);

#endif
