#include "repo/object-int.h"

#include <git2.h>
#include <string.h>

struct libgit2 {
	git_repository *repository;
	git_odb *odb;
};

struct libgit2 *libgit2_open(const char *git_dir)
{
	/* The directory as given, not as an environment or a core.worktree would have it; only objects are asked for.
	 */
	unsigned flags = GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_NO_DOTGIT | GIT_REPOSITORY_OPEN_BARE;
	struct libgit2 *libgit2 = g_new0(struct libgit2, 1);

	git_libgit2_init();
	/* Git has accepted the owner already, and knows safe.directory better. */
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	if (git_repository_open_ext(&libgit2->repository, git_dir, flags, NULL) < 0 ||
	    git_repository_odb(&libgit2->odb, libgit2->repository) < 0) {
		libgit2_free(libgit2);
		return NULL;
	}
	return libgit2;
}

static bool type_from_libgit2(git_object_t from, enum object_type *type)
{
	switch (from) {
	case GIT_OBJECT_COMMIT:
		*type = OBJECT_COMMIT;
		return true;
	case GIT_OBJECT_TREE:
		*type = OBJECT_TREE;
		return true;
	case GIT_OBJECT_BLOB:
		*type = OBJECT_BLOB;
		return true;
	case GIT_OBJECT_TAG:
		*type = OBJECT_TAG;
		return true;
	default:
		return false;
	}
}

enum libgit2_answer libgit2_read(struct libgit2 *libgit2, const char *id, size_t limit, struct object *object)
{
	git_odb_object *found = NULL;
	git_object_t type;
	git_oid oid;

	if (strlen(id) != GIT_OID_HEXSZ || git_oid_fromstr(&oid, id) < 0 ||
	    git_odb_read_header(&object->length, &type, libgit2->odb, &oid) < 0 ||
	    !type_from_libgit2(type, &object->type))
		return LIBGIT2_UNKNOWN;
	if (object->length > limit)
		return LIBGIT2_TOO_LARGE;
	if (git_odb_read(&found, libgit2->odb, &oid) < 0)
		return LIBGIT2_UNKNOWN;
	object->length = git_odb_object_size(found);
	object->data = g_malloc(object->length + 1);
	memcpy(object->data, git_odb_object_data(found), object->length);
	object->data[object->length] = '\0';
	git_odb_object_free(found);
	return LIBGIT2_READ;
}

void libgit2_free(struct libgit2 *libgit2)
{
	git_odb_free(libgit2->odb);
	git_repository_free(libgit2->repository);
	git_libgit2_shutdown();
	g_free(libgit2);
}
