#include "workspace/track-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/walk.h"
#include "hash/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

/* Copy one regular file with its exec bits; `from` is closed. */
static bool copy_file(int from_dir, const char *from_name, int to_dir, const char *to_name, GError **error)
{
	auto_fd int from = openat(from_dir, from_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	auto_fd int to = -1;
	struct stat st;

	if (from < 0 || fstat(from, &st)) {
		error_set_errno(error, errno, "open '%s'", from_name);
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(error, ERROR_USAGE, "'%s' is not a file", from_name);
		return false;
	}
	to = openat(to_dir, to_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666 | (st.st_mode & 0111));
	if (to < 0) {
		error_set_errno(error, errno, "create '%s'", to_name);
		return false;
	}
	return file_copy(from, to, NULL, error);
}

/* Copy a symbolic link as it is. */
static bool copy_link(int from_dir, int to_dir, const char *name, GError **error)
{
	char text[PATH_MAX];
	ssize_t length = readlinkat(from_dir, name, text, sizeof(text) - 1);

	if (length >= 0) {
		text[length] = '\0';
		if (!symlinkat(text, to_dir, name))
			return true;
	}
	error_set_errno(error, errno, "copy the link '%s'", name);
	return false;
}

static bool copy_entry(const struct walk_entry *entry, int from, int to, GError **error)
{
	switch (entry->kind) {
	case WALK_DIR:
		if (!mkdirat(to, entry->path, 0777))
			return true;
		error_set_errno(error, errno, "make the folder '%s'", entry->path);
		return false;
	case WALK_FILE:
		return copy_file(from, entry->path, to, entry->path, error);
	case WALK_LINK:
		return copy_link(from, to, entry->path, error);
	default:
		return true;
	}
}

/* Copy a folder into a new one called `name` in to_dir. */
static bool copy_folder(struct workspace *ws, const char *source, int to_dir, const char *name, GError **error)
{
	auto_fd int from = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_fd int to = -1;
	autoptr(walk) walk = NULL;

	if (from < 0) {
		error_set_errno(error, errno, "open '%s'", source);
		return false;
	}
	walk = walk_tree(from, "", NULL, NULL, ws->settings->threads, error);
	if (!walk)
		return false;
	if (mkdirat(to_dir, name, 0777) || (to = openat(to_dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		error_set_errno(error, errno, "make a folder for the copy of '%s'", source);
		return false;
	}
	for (size_t i = 0; i < walk_count(walk); i++) {
		if (!copy_entry(walk_get(walk, i), from, to, error))
			return false;
	}
	return true;
}

/* Copy under a temporary name, so that a kill leaves no half of the data under their own. */
static bool copy_beside(struct workspace *ws, const char *source, int dir, const char *temp, GError **error)
{
	struct stat st;

	if (stat(source, &st)) {
		error_set_errno(error, errno, "open '%s'", source);
		return false;
	}
	return S_ISDIR(st.st_mode) ? copy_folder(ws, source, dir, temp, error)
				   : copy_file(AT_FDCWD, source, dir, temp, error);
}

/* Have the two change names; where the file system cannot, what --force gives up goes first. */
static bool exchange(int dir, const char *temp, const char *name)
{
	if (!renameat2(dir, temp, dir, name, RENAME_EXCHANGE))
		return true;
	return errno == EINVAL && file_remove_tree(dir, name, NULL) && !renameat(dir, temp, dir, name);
}

static bool copy_in(struct workspace *ws, const char *source, const char *out, bool force, GError **error)
{
	g_autofree char *temp = NULL, *quoted = quote_path(out);
	const char *name;
	auto_fd int dir = file_open_parent(ws->root_fd, out, true, &name, error);
	bool ok;

	if (dir < 0)
		return false;
	temp = file_temp_name_for(name);
	/* Left by a run that was killed. */
	ok = file_remove_tree(dir, temp, error) && copy_beside(ws, source, dir, temp, error);
	/* What --force replaces changes places with the copy in one step, and goes only then. */
	if (ok && file_rename_new(dir, temp, dir, name) && !(errno == EEXIST && force && exchange(dir, temp, name))) {
		error_set_errno(error, errno, "create '%s'", quoted);
		ok = false;
	}
	return file_remove_tree(dir, temp, ok ? error : NULL) && ok;
}

/* Whether two files have the same bytes; what cannot be read does not. */
static bool is_same_file(int dir, const char *name, int other_dir, const char *other_name)
{
	auto_fd int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	auto_fd int other = openat(other_dir, other_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct oid oid, other_oid;

	return fd >= 0 && other >= 0 && digest_fd(fd, OID_SHA256, &oid, NULL, NULL) &&
	       digest_fd(other, OID_SHA256, &other_oid, NULL, NULL) && oid_equal(&oid, &other_oid);
}

/* Whether two entries of walks below `from` and `to` are the same. */
static bool is_same_entry(const struct walk_entry *a, int from, const struct walk_entry *b, int to)
{
	char text[PATH_MAX], other[PATH_MAX];
	ssize_t length;

	if (a->kind != b->kind || !g_str_equal(a->path, b->path))
		return false;
	if (a->kind == WALK_FILE)
		return a->stamp.size == b->stamp.size && is_same_file(from, a->path, to, b->path);
	if (a->kind != WALK_LINK)
		return a->kind == WALK_DIR;
	length = readlinkat(from, a->path, text, sizeof(text));
	return length >= 0 && readlinkat(to, b->path, other, sizeof(other)) == length &&
	       !memcmp(text, other, (size_t)length);
}

static bool is_same_folder(struct workspace *ws, const char *source, const char *out)
{
	auto_fd int from = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_fd int to = file_open_beneath(ws->root_fd, out, O_RDONLY | O_DIRECTORY, 0, NULL);
	autoptr(walk) walk = from < 0 ? NULL : walk_tree(from, "", NULL, NULL, ws->settings->threads, NULL);
	autoptr(walk) copy = to < 0 ? NULL : walk_tree(to, "", NULL, NULL, ws->settings->threads, NULL);
	bool same = walk && copy && walk_count(walk) == walk_count(copy);

	for (size_t i = 0; same && i < walk_count(walk); i++)
		same = is_same_entry(walk_get(walk, i), from, walk_get(copy, i), to);
	return same;
}

/* Whether what stands at `out` is the copy that is asked for: a run that was killed got so far. */
static bool is_copied(struct workspace *ws, const char *source, const char *out, mode_t mode)
{
	const char *name;
	auto_fd int dir = -1;

	if (S_ISDIR(mode))
		return is_same_folder(ws, source, out);
	dir = S_ISREG(mode) ? file_open_parent(ws->root_fd, out, false, &name, NULL) : -1;
	return dir >= 0 && is_same_file(AT_FDCWD, source, dir, name);
}

struct track_result *track_add_from(struct workspace *ws, const struct outputs *outputs, const char *source,
				    const char *out, const struct track_options *options, GError **error)
{
	char *paths[] = {(char *)out, NULL};
	g_autofree char *quoted = quote_path(out), *root_out = NULL;
	mode_t mode;
	bool copied;

	if (!path_check(out, error) || !track_kind(ws, out, &mode, error))
		return NULL;
	root_out = path_join(ws->root, out);
	if (path_is_inside(root_out, source)) {
		error_set(error, ERROR_USAGE, "'%s' lies inside of '%s'", quoted, source);
		return NULL;
	}
	copied = mode && !outputs_covering(outputs, out, NULL) && is_copied(ws, source, out, mode);
	if (mode && !copied && !options->force) {
		error_set(error, ERROR_CONFLICT, "'%s' exists already", quoted);
		error_hint(error, "--force replaces it");
		return NULL;
	}
	if (!track_check_new(ws, outputs, out, options, error))
		return NULL;
	if (!copied && !copy_in(ws, source, out, options->force, error))
		return NULL;
	return track_add(ws, outputs, paths, options, error);
}
