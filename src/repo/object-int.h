/*
 * object-int: objects of the repository by id, from whichever reader suits.
 *
 * `git cat-file --batch` reads whatever git reads (sha256, partial clones, replaced objects, alternates …) and starts
 * in a millisecond; libgit2 needs several to start (it loads the certificates of its transports), but then answers some
 * ten times faster. So git answers first, and libgit2 takes over in a run that asks for many objects, if it can open
 * the repository. What it does not find is still asked from git. GIT_MLV_PLUMBING=1 keeps libgit2 out, 0 uses it from
 * the first object on. Main thread only.
 */
#ifndef REPO_OBJECT_INT_H
#define REPO_OBJECT_INT_H

#include "repo/repo.h"

#include "base/proc.h"

#include <stddef.h>

/* The largest tree, commit or tag that is read into memory. */
#define OBJECT_LIMIT ((size_t)256 << 20)

enum object_type { OBJECT_COMMIT, OBJECT_TREE, OBJECT_BLOB, OBJECT_TAG };

struct object {
	enum object_type type;
	char *data; /* NUL-terminated; g_free() */
	size_t length;
};

/* The readers of one repository; all zero is none yet. */
struct objects {
	struct proc *git; /* `git cat-file --batch` */
	struct libgit2 *libgit2;
	bool libgit2_refused; /* it cannot, or must not, read this repository */
	unsigned asked;       /* how many objects so far */
};

/* Read the object with this id (hex). ERROR_NOT_FOUND if there is none, ERROR_UNSAFE over `limit` bytes. */
bool object_read(struct repo *repo, const char *id, size_t limit, struct object *object, GError **error);

/*
 * As object_read(), through git, by anything that names an object ("HEAD~1^{commit}"), without a newline. The full id
 * goes to `id`, of REVISION_ID_MAX bytes.
 */
bool object_find(struct repo *repo, const char *name, size_t limit, char *id, struct object *object, GError **error);

/* End the readers. */
void objects_clear(struct objects *objects);

/* libgit2's view of the (sha1) objects of the repository with this common directory; NULL if it cannot open them. */
struct libgit2 *libgit2_open(const char *common_dir);

enum libgit2_answer { LIBGIT2_READ, LIBGIT2_TOO_LARGE, LIBGIT2_UNKNOWN };

/* Read an object. LIBGIT2_UNKNOWN: absent or unreadable to it, which git may see otherwise. */
enum libgit2_answer libgit2_read(struct libgit2 *libgit2, const char *id, size_t limit, struct object *object);

/* Close it. */
void libgit2_free(struct libgit2 *libgit2);

#endif
