/*
 * libgit2 is loaded when it is first wanted, not linked: it brings a dozen libraries for its transports, and to load
 * them takes longer than all the rest of the start-up of a command. Without it git reads on.
 */
#include "repo/object-int.h"

#include "base/path.h"
#include "base/trace.h"

#include <dlfcn.h>
#include <git2.h>
#include <string.h>

/* The library whose declarations we compiled with. */
#define LIBRARY "libgit2.so." LIBGIT2_SOVERSION

/* Our functions of libgit2, by their names without "git_", with the types of its header. */
#define EACH_FUNCTION(DO)                                                                                              \
	DO(libgit2_init)                                                                                               \
	DO(libgit2_shutdown)                                                                                           \
	DO(oid_fromstr)                                                                                                \
	DO(odb_open)                                                                                                   \
	DO(odb_free)                                                                                                   \
	DO(odb_read_header)                                                                                            \
	DO(odb_read)                                                                                                   \
	DO(odb_object_size)                                                                                            \
	DO(odb_object_data)                                                                                            \
	DO(odb_object_free)

#define DECLARE(name) __typeof__(git_##name) *name;
#define LOAD(name)    ok = (git->name = (__typeof__(git->name))dlsym(library, "git_" #name)) && ok;

struct libgit2 {
	git_odb *odb;
	EACH_FUNCTION(DECLARE)
};

/* The library stays loaded to the end: those that it brings are not all made to be taken out again. */
static bool load(struct libgit2 *git)
{
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
	bool ok = library;

	if (library) {
		EACH_FUNCTION(LOAD)
	}
	if (!ok)
		trace("repo", "cannot load " LIBRARY ": %s", dlerror());
	return ok;
}

struct libgit2 *libgit2_open(const char *common_dir)
{
	struct libgit2 *git = g_new0(struct libgit2, 1);
	g_autofree char *objects = path_join(common_dir, "objects");

	if (!load(git)) {
		g_free(git);
		return NULL;
	}
	/* The objects alone: libgit2 would refuse the repository as a whole for extensions that do not concern them. */
	git->libgit2_init();
	if (git->odb_open(&git->odb, objects) == 0)
		return git;
	libgit2_free(git);
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

enum libgit2_answer libgit2_read(struct libgit2 *git, const char *id, size_t limit, struct object *object)
{
	git_odb_object *found = NULL;
	git_object_t type;
	git_oid oid;

	if (strlen(id) != GIT_OID_HEXSZ || git->oid_fromstr(&oid, id) < 0 ||
	    git->odb_read_header(&object->length, &type, git->odb, &oid) < 0 || !type_from_libgit2(type, &object->type))
		return LIBGIT2_UNKNOWN;
	if (object->length > limit)
		return LIBGIT2_TOO_LARGE;
	if (git->odb_read(&found, git->odb, &oid) < 0)
		return LIBGIT2_UNKNOWN;
	object->length = git->odb_object_size(found);
	object->data = g_malloc(object->length + 1);
	memcpy(object->data, git->odb_object_data(found), object->length);
	object->data[object->length] = '\0';
	git->odb_object_free(found);
	return LIBGIT2_READ;
}

void libgit2_free(struct libgit2 *git)
{
	git->odb_free(git->odb);
	git->libgit2_shutdown();
	g_free(git);
}
