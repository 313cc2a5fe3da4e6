/*
 * stamp: what stat() says about a file, as far as it tells whether the file is still the same bytes.
 */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct stamp {
	uint64_t dev, ino;
	uint64_t size;    /* bytes */
	int64_t mtime_ns; /* since the epoch */
	int64_t ctime_ns;
	uint32_t mode; /* st_mode: kind and permission bits */
	uint32_t nlink;
};

/* The stamp of a stat result. */
struct stamp stamp_of(const struct stat *st);

/* Same device, inode, kind, size, mtime and ctime: nobody wrote to the file in between (clock granularity apart). */
bool stamp_same(const struct stamp *a, const struct stamp *b);

/*
 * As stamp_same(), but for a file that has, or had, several names the ctime does not count: it moves whenever a name
 * comes or goes.
 */
bool stamp_same_content(const struct stamp *a, const struct stamp *b);

/* Same device and inode. */
bool stamp_same_file(const struct stamp *a, const struct stamp *b);

#endif
