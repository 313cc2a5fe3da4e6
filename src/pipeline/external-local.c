/* Dependencies elsewhere on this machine. Their names in the index are absolute, which none of the project's are. */
#include "pipeline/external-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/walk.h"
#include "hash/digest.h"
#include "store/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Version control keeps its own in these folders, and in DVC's. */
static const char *const left_out[] = {".git", ".hg"};

/* One look at a place. */
struct local_look {
	struct workspace *ws;
	struct index *index;
	struct digest *digest;
	struct manifest *manifest; /* of a folder, else NULL */
};

static bool fail(const char *path, const char *verb, GError **error)
{
	g_autofree char *quoted = quote_path(path);

	error_set_errno(error, errno, "%s '%s'", verb, quoted);
	return false;
}

/* The id of the file at an absolute path without links. */
static bool hash_file(struct local_look *look, const char *path, struct oid *oid, struct stat *st, GError **error)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct index_query query = {.path = path};
	struct stamp stamp;

	if (fd < 0 || fstat(fd, st) < 0)
		return fail(path, "open", error);
	stamp = stamp_of(st);
	query.stamp = &stamp;
	index_lookup(look->index, &query, 1, look->ws->dialect->algo);
	if (query.found) {
		*oid = query.oid;
		return true;
	}
	if (!digest_read(look->digest, fd, oid, NULL, error)) {
		g_autofree char *quoted = quote_path(path);

		g_prefix_error(error, "read '%s': ", quoted);
		return false;
	}
	index_put(look->index, path, &stamp, oid);
	return true;
}

/* Add one thing in a folder to its manifest: files, and links to files. */
static bool add_inside(struct local_look *look, const char *folder, const struct walk_entry *entry, GError **error)
{
	g_autofree char *path = path_join(folder, entry->path);
	struct stat st;
	struct oid oid;
	char *real;
	bool ok;

	if (entry->kind != WALK_FILE && entry->kind != WALK_LINK)
		return true;
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return true;
	real = realpath(path, NULL);
	ok = real ? hash_file(look, real, &oid, &st, error) : fail(path, "resolve", error);
	free(real);
	if (ok)
		manifest_add(look->manifest, entry->path, &oid, st.st_mode & S_IXUSR ? MANIFEST_EXEC : MANIFEST_FILE,
			     (uint64_t)st.st_size);
	return ok;
}

static enum walk_verdict filter(const char *path, enum walk_kind kind, void *user)
{
	const char *name = path_base(path);
	bool ours = strcmp(name, dialect_dvc.marker) == 0;

	(void)user;
	for (size_t i = 0; i < G_N_ELEMENTS(left_out); i++)
		ours |= strcmp(name, left_out[i]) == 0;
	return kind == WALK_DIR && ours ? WALK_SKIP : WALK_KEEP;
}

static bool look_at_folder(struct local_look *look, const char *path, struct external_fact *fact, GError **error)
{
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct oid none = {.algo = look->ws->dialect->algo};
	struct manifest_format format = manifest_format_of(&none);
	autoptr(walk) walk = NULL;

	if (fd < 0)
		return fail(path, "open", error);
	walk = walk_tree(fd, "", filter, NULL, 1, error);
	if (!walk)
		return false;
	look->manifest = manifest_new(&format);
	for (size_t i = 0; i < walk_count(walk); i++)
		if (!add_inside(look, path, walk_get(walk, i), error))
			return false;
	manifest_oid(look->manifest, &fact->oid);
	fact->has_nfiles = true;
	fact->nfiles = manifest_files(look->manifest);
	fact->size = manifest_size(look->manifest);
	return true;
}

/* Look at a path that is there, without links. */
static bool look_at(struct local_look *look, const char *path, struct external_fact *fact, GError **error)
{
	struct stat st;
	bool ok;

	if (stat(path, &st) < 0)
		return fail(path, "look at", error);
	if (S_ISDIR(st.st_mode)) {
		ok = look_at_folder(look, path, fact, error);
	} else if (!S_ISREG(st.st_mode)) {
		g_autofree char *quoted = quote_path(path);

		/* A device may have no end. */
		error_set(error, ERROR_USAGE, "'%s' is neither a file nor a folder", quoted);
		ok = false;
	} else {
		ok = hash_file(look, path, &fact->oid, &st, error);
		fact->size = (uint64_t)st.st_size;
		fact->isexec = st.st_mode & S_IXUSR;
	}
	fact->found = fact->has_size = ok;
	return ok;
}

bool external_look_local(struct workspace *ws, const char *path, struct external_fact *fact, GError **error)
{
	struct local_look look = {.ws = ws, .index = workspace_index(ws, error)};
	char *real = realpath(path, NULL);
	bool ok;

	if (!real && (errno == ENOENT || errno == ENOTDIR))
		return look.index != NULL;
	if (!real || !look.index) {
		free(real);
		return real ? false : fail(path, "find", error);
	}
	look.digest = digest_new(ws->dialect->algo);
	ok = look_at(&look, real, fact, error);
	digest_free(look.digest);
	g_clear_pointer(&look.manifest, manifest_free);
	free(real);
	return ok;
}
