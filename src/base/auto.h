/*
 * auto: clean-up at the end of a scope for our own types, in the manner of GLib's g_autoptr (which wants a typedef).
 *
 *	AUTO_DEFINE(manifest, manifest_free)           once, in the header of the type
 *	autoptr(manifest) m = NULL;                    freed when the scope ends, unless stolen with g_steal_pointer()
 *	autoptr(lock) lock = lock_take(...);           may be there for its scope alone: clang does not call it unused
 *	auto_fd int fd = open(...);                    closed when the scope ends, unless negative; steal with fd_steal()
 */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#include <errno.h>
#include <unistd.h>

#define AUTO_DEFINE(S, free_function)               \
	static inline void S##_auto(struct S **p)   \
	{                                           \
		if (*p)                             \
			free_function(*p);          \
	}                                           \
	struct S

#define autoptr(S) __attribute__((cleanup(S##_auto), unused)) struct S *

/* Close *fd unless it is negative; errno survives. Called by auto_fd. */
static inline void fd_auto(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

#define auto_fd __attribute__((cleanup(fd_auto), unused))

/* Take the descriptor out of *fd, leaving -1, so that the scope no longer closes it. */
static inline int fd_steal(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
