#include "pipeline/leftover.h"

#include "base/cancel.h"
#include "base/file.h"
#include "base/path.h"
#include "base/walk.h"
#include "hash/digest.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Their folder in the state directory. */
#define LEFT "left"

/* Take in one thing. */
static void add(struct digest *digest, const char *path, const struct stamp *stamp)
{
	const int64_t numbers[] = {(int64_t)stamp->ino, (int64_t)stamp->size, stamp->mtime_ns, stamp->ctime_ns,
				   stamp->mode};

	digest_update(digest, path, strlen(path) + 1);
	digest_update(digest, numbers, sizeof(numbers));
}

/* The digest of all stamps at a path as text; false if it cannot be made, as where nothing is. */
static bool look(const struct workspace *ws, const char *path, char text[OID_TEXT_MAX])
{
	autoptr(digest) digest = digest_new(OID_SHA256);
	autoptr(walk) walk = NULL;
	const char *name;
	auto_fd int dir = file_open_parent(ws->root_fd, path, false, &name, NULL);
	struct stamp stamp;
	struct stat st;
	struct oid oid;

	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return false;
	stamp = stamp_of(&st);
	add(digest, "", &stamp);
	if (S_ISDIR(st.st_mode)) {
		walk = walk_tree(ws->root_fd, path, NULL, NULL, 1, NULL);
		if (!walk)
			return false;
	}
	for (size_t i = 0; walk && i < walk_count(walk); i++)
		add(digest, walk_get(walk, i)->path, &walk_get(walk, i)->stamp);
	digest_final(digest, &oid);
	oid_text(&oid, text);
	return true;
}

/* Where the note of a path is. New string. */
static char *note_path(const struct workspace *ws, const char *path)
{
	struct oid oid;
	char text[OID_TEXT_MAX];

	digest_bytes(path, strlen(path), OID_SHA256, &oid);
	return g_strdup_printf("%s/" LEFT "/%s", ws->state_dir, oid_text(&oid, text));
}

void leftover_note(struct workspace *ws, const char *path)
{
	g_autofree char *note = note_path(ws, path), *dir = path_parent(note);
	char text[OID_TEXT_MAX];
	bool found;

	/* After Ctrl-C, too. */
	cancel_defer();
	found = look(ws, path, text);
	cancel_resume();
	if (!found || !file_make_dirs(dir, NULL) || !file_replace(note, text, strlen(text), 0666, NULL))
		unlink(note);
}

bool leftover_is(struct workspace *ws, const char *path)
{
	g_autofree char *note = note_path(ws, path), *noted = NULL;
	char text[OID_TEXT_MAX];

	return file_read(note, sizeof(text), &noted, NULL, NULL) && look(ws, path, text) && g_str_equal(noted, text);
}

void leftover_forget(struct workspace *ws, const char *path)
{
	g_autofree char *note = note_path(ws, path);

	unlink(note);
}
