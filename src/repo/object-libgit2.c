#include "repo/object-int.h"

#include "base/path.h"

#include <git2.h>
#include <string.h>

struct libgit2 {
	git_odb *odb;
};

struct libgit2 *libgit2_open(const char *common_dir)
{
	struct libgit2 *libgit2 = g_new0(struct libgit2, 1);
	g_autofree char *objects = path_join(common_dir, "objects");

	/* The objects alone: libgit2 would refuse the repository as a whole for extensions that do not concern them. */
	git_libgit2_init();
	if (git_odb_open(&libgit2->odb, objects) == 0)
		return libgit2;
	libgit2_free(libgit2);
	return NULL;
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
	git_libgit2_shutdown();
	g_free(libgit2);
}
