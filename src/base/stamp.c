#include "base/stamp.h"

static int64_t ns_of(const struct timespec *time)
{
	/* In unsigned arithmetic: a file system may hand out any second, and 292 years is where 64 bits of ns end. */
	return (int64_t)((uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec);
}

struct stamp stamp_of(const struct stat *st)
{
	return (struct stamp){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = ns_of(&st->st_mtim),
		.ctime_ns = ns_of(&st->st_ctim),
		.mode = st->st_mode,
		.nlink = (uint32_t)st->st_nlink,
	};
}

/* All but the ctime. */
static bool is_alike(const struct stamp *a, const struct stamp *b)
{
	return stamp_same_file(a, b) && (a->mode & S_IFMT) == (b->mode & S_IFMT) && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns;
}

bool stamp_same(const struct stamp *a, const struct stamp *b)
{
	return is_alike(a, b) && a->ctime_ns == b->ctime_ns;
}

bool stamp_same_content(const struct stamp *a, const struct stamp *b)
{
	return is_alike(a, b) && (a->ctime_ns == b->ctime_ns || a->nlink > 1 || b->nlink > 1);
}

bool stamp_same_file(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}
