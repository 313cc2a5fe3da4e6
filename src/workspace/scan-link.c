#include "workspace/scan-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "hash/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

/* The text of the link. New string. */
static char *read_link(struct workspace *ws, const char *path, GError **error)
{
	const char *name;
	auto_fd int dir = file_open_parent(ws->root_fd, path, false, &name, error);
	char text[PATH_MAX];
	ssize_t length;

	if (dir < 0)
		return NULL;
	length = readlinkat(dir, name, text, sizeof(text));
	if (length < 0 || length == (ssize_t)sizeof(text)) {
		error_set_errno(error, length < 0 ? errno : ENAMETOOLONG, "read the link '%s'", path);
		return NULL;
	}
	return g_strndup(text, (gsize)length);
}

/* A place in the store that a link may lead to, whether or not something is there. */
static bool leads_to_store(const struct store *store, const char *target)
{
	return path_is_inside(target, store->root) && !g_str_equal(target, store->root);
}

static struct stamp *keep_stamp(struct scan_state *state, const struct stat *st)
{
	struct stamp *stamp = g_new(struct stamp, 1);

	*stamp = stamp_of(st);
	g_ptr_array_add(state->scan->private->stamps, stamp);
	return stamp;
}

/* A link that natively stays one: the object is its text. */
static void add_text(struct scan_state *state, const char *name, const char *target)
{
	const struct stat st = {.st_mode = S_IFLNK | 0777, .st_size = (off_t)strlen(target)};
	struct scan_file file = {.path = name, .mode = MANIFEST_LINK, .fresh = true};

	file.stamp = keep_stamp(state, &st);
	digest_bytes(target, strlen(target), state->scan->algo, &file.oid);
	g_array_append_val(state->scan->files, file);
}

/* A link that stands for the file it leads to. With `oid`, the file is an object of our store. */
static void add_followed(struct scan_state *state, const char *name, const struct stat *st, const struct oid *oid)
{
	struct scan_file file = {.path = name, .mode = MANIFEST_FILE, .followed = true, .object = oid};

	file.stamp = keep_stamp(state, st);
	if (oid)
		file.oid = *oid;
	g_array_append_val(state->scan->files, file);
}

/* DVC's rule: files are followed, folders and broken links are not recorded. */
static void follow(struct scan_state *state, const char *path, const char *name)
{
	struct stat st;

	if (fstatat(state->ws->root_fd, path, &st, 0)) {
		scan_note(state, path, "is a link that leads nowhere, and is not recorded");
		scan_refuse(state, path, "is a link that leads nowhere");
	} else if (S_ISREG(st.st_mode)) {
		scan_note(state, path, "is a link: the file that it leads to is recorded in its place");
		add_followed(state, name, &st, NULL);
	} else {
		scan_note(state, path, "is a link to a folder, and is not recorded");
	}
}

bool scan_add_link(struct scan_state *state, const char *path, const char *name, GError **error)
{
	g_autofree char *target = read_link(state->ws, path, error);
	const struct stamp none = {0};
	struct stat st;
	struct oid oid;

	if (!target)
		return false;
	if (leads_to_store(state->store, target)) {
		bool sound = store_identify(state->store, &none, target, NULL, &oid);

		/* What was written through the link is the user's, and no object any more. */
		if (!fstatat(state->ws->root_fd, path, &st, 0) && S_ISREG(st.st_mode)) {
			add_followed(state, name, &st, sound && oid.algo == state->scan->algo ? &oid : NULL);
			return true;
		}
		scan_refuse(state, path, "is a link to an object that is no longer in the store");
		return true;
	}
	if (state->ws->dialect->keeps_links && store_is_object_path(target))
		scan_refuse(state, path, "is a link into another store");
	if (state->ws->dialect->keeps_links)
		add_text(state, name, target);
	else
		follow(state, path, name);
	return true;
}
