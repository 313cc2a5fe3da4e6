#include "workspace/scan-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "workspace/workspace-int.h"

#include <errno.h>
#include <fcntl.h>

struct scan_file *scan_get(const struct scan *scan, size_t i)
{
	return &g_array_index(scan->files, struct scan_file, i);
}

void scan_set(struct scan *scan, size_t i, const struct oid *oid, const struct stamp *stamp)
{
	struct scan_file *file = scan_get(scan, i);
	struct stamp *now;

	file->oid = *oid;
	if (stamp_same(stamp, file->stamp))
		return;
	/* Sizes count in manifests: they are those of the bytes that were hashed. */
	now = g_memdup2(stamp, sizeof(*stamp));
	scan->size += now->size - file->stamp->size;
	g_ptr_array_add(scan->private->stamps, now);
	file->stamp = now;
}

char *scan_file_path(const struct scan *scan, const struct scan_file *file)
{
	return path_join(scan->path, file->path);
}

bool scan_is_exec(const struct scan *scan)
{
	return scan->kind == SCAN_FILE && scan->files->len && scan_get(scan, 0)->stamp->mode & 0111;
}

void scan_note(struct scan_state *state, const char *path, const char *text)
{
	g_autofree char *quoted = quote_path(path);

	g_ptr_array_add(state->scan->unkept, g_strdup_printf("'%s' %s", quoted, text));
}

void scan_note_unread(struct scan_state *state, const char *name, GError *reason)
{
	g_hash_table_replace(state->scan->unread, g_strdup(name), reason);
}

static struct scan *scan_new(const struct scan_options *options)
{
	struct scan *scan = g_new0(struct scan, 1);

	scan->path = g_strdup(options->path);
	scan->inside = g_strdup(options->inside ? options->inside : "");
	scan->algo = options->algo;
	scan->files = g_array_new(false, false, sizeof(struct scan_file));
	scan->unkept = g_ptr_array_new_with_free_func(g_free);
	scan->unread = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_error_free);
	scan->temps = g_ptr_array_new_with_free_func(g_free);
	scan->private = g_new0(struct scan_private, 1);
	scan->private->strings = g_string_chunk_new(4096);
	scan->private->stamps = g_ptr_array_new_with_free_func(g_free);
	return scan;
}

void scan_free(struct scan *scan)
{
	if (!scan)
		return;
	g_free(scan->path);
	g_free(scan->inside);
	g_free(scan->refusal);
	g_array_unref(scan->files);
	g_ptr_array_unref(scan->unkept);
	g_hash_table_unref(scan->unread);
	g_ptr_array_unref(scan->temps);
	if (scan->manifest)
		manifest_free(scan->manifest);
	if (scan->private->walk)
		walk_free(scan->private->walk);
	g_string_chunk_free(scan->private->strings);
	g_ptr_array_unref(scan->private->stamps);
	g_free(scan->private);
	g_free(scan);
}

static enum scan_kind kind_of(mode_t mode)
{
	if (S_ISREG(mode))
		return SCAN_FILE;
	if (S_ISDIR(mode))
		return SCAN_DIR;
	return S_ISLNK(mode) ? SCAN_LINK : SCAN_OTHER;
}

/* lstat below the project without passing through a link on the way: what is behind one is not there. */
static bool look_at(struct workspace *ws, const char *path, enum scan_kind *kind, struct stamp *stamp, GError **error)
{
	g_autoptr(GError) reason = NULL;
	const char *name;
	auto_fd int dir = file_open_parent(ws->root_fd, path, false, &name, &reason);
	struct stat st;

	*kind = SCAN_ABSENT;
	if (dir < 0) {
		if (error_is(reason, ERROR_NOT_FOUND) || error_is(reason, ERROR_UNSAFE))
			return true;
		g_propagate_error(error, g_steal_pointer(&reason));
		return false;
	}
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno == ENOENT || errno == ENOTDIR)
			return true;
		error_set_errno(error, errno, "look at '%s'", path);
		return false;
	}
	*kind = kind_of(st.st_mode);
	*stamp = stamp_of(&st);
	return true;
}

static void add_file(struct scan_state *state, const char *name, const struct stamp *stamp)
{
	bool exec = state->ws->dialect->keeps_modes && stamp->mode & 0111 && state->scan->kind == SCAN_DIR;
	const struct scan_file file = {.path = name, .stamp = stamp, .mode = exec ? MANIFEST_EXEC : MANIFEST_FILE};

	g_array_append_val(state->scan->files, file);
}

void scan_refuse(struct scan_state *state, const char *path, const char *why)
{
	g_autofree char *quoted = quote_path(path);

	if (!state->scan->refusal)
		state->scan->refusal = g_strdup_printf("'%s' %s", quoted, why);
}

/* What DVC could not read back. */
static void check_name(struct scan_state *state, const char *path)
{
	const struct dialect *dialect = state->ws->dialect;

	if (dialect->keeps_any_bytes)
		return;
	if (!path_is_utf8(path))
		scan_refuse(state, path, "has a name that is not UTF-8, which DVC does not support");
	else if (g_str_equal(path_base(path), dialect->ignore_name))
		scan_refuse(state, path, "is a file of ignore rules inside of tracked data, which DVC does not support");
}

/* A folder below the output, or the output itself, that we may not read. */
static void note_sealed(struct scan_state *state, const char *path, const char *name)
{
	GError *reason = NULL;

	error_set_errno(&reason, EACCES, "read directory '%s'", path);
	scan_note_unread(state, name, reason);
}

/* Take one entry of the walk. `path` is relative to the project, `name` to the output. */
static bool add_walked(struct scan_state *state, const struct walk_entry *entry, const char *path, const char *name,
		       GError **error)
{
	switch (entry->kind) {
	case WALK_TEMP:
		g_ptr_array_add(state->scan->temps, g_strdup(path));
		return true;
	case WALK_OTHER:
		scan_note(state, path, "is not a file, folder or link, and is not recorded");
		return true;
	case WALK_LINK:
		check_name(state, path);
		return scan_add_link(state, path, name, error);
	case WALK_DIR:
		if (entry->empty && state->ws->dialect->keeps_empty_dirs) {
			const struct scan_file dir = {.path = name, .stamp = &entry->stamp, .mode = MANIFEST_EMPTY_DIR};

			g_array_append_val(state->scan->files, dir);
		}
		return true;
	case WALK_FILE:
		check_name(state, path);
		add_file(state, name, &entry->stamp);
		return true;
	case WALK_SEALED:
		note_sealed(state, path, name);
		return true;
	}
	g_assert_not_reached();
}

/* What the walk's filter reads. */
struct filter {
	const struct ignore *ignore;
	const char *base; /* what is walked, relative to the project */
	size_t length;    /* of base */
	bool some;        /* go on where we may not read */
};

static enum walk_verdict leave_out_ignored(const char *path, enum walk_kind kind, void *user)
{
	const struct filter *filter = user;
	size_t length = strlen(path) + 1;
	char buffer[PATH_LIMIT + 1];

	if (kind == WALK_SEALED && filter->some)
		return WALK_PASS;
	/* A path too long for the kernel cannot be opened from the root; the walk, which goes step by step, says so. */
	if (filter->length + 1 + length > sizeof(buffer))
		return WALK_KEEP;
	memcpy(buffer, filter->base, filter->length);
	buffer[filter->length] = '/';
	memcpy(buffer + filter->length + 1, path, length);
	return ignore_match_leaf(filter->ignore, buffer, kind == WALK_DIR) ? WALK_SKIP : WALK_KEEP;
}

/*
 * DVC obeys a file of rules inside of tracked data, although it refuses to add such a folder. Add the rules of those
 * that are there, inner ones last; *any tells if there were some.
 */
static bool add_inner_rules(struct scan_state *state, const struct walk *walk, const char *base, bool *any,
			    GError **error)
{
	*any = false;
	for (size_t i = 0; i < walk_count(walk); i++) {
		const struct walk_entry *entry = walk_get(walk, i);
		g_autofree char *path = NULL;

		if (entry->kind != WALK_FILE || strcmp(path_base(entry->path), state->ws->dialect->ignore_name))
			continue;
		path = path_join(base, entry->path);
		if (!workspace_add_rules(state->ws, path, error))
			return false;
		*any = true;
	}
	return true;
}

/* All below `base` that no rule leaves out. */
static struct walk *walk_folder(struct scan_state *state, const char *base, GError **error)
{
	struct filter filter = {state->ignore, base, strlen(base), state->some};
	unsigned threads = state->ws->settings->threads;
	struct walk *walk = walk_tree(state->ws->root_fd, base, leave_out_ignored, &filter, threads, error);
	bool any = false;

	if (walk && !state->ws->dialect->keeps_any_bytes && !add_inner_rules(state, walk, base, &any, error)) {
		g_clear_pointer(&walk, walk_free);
	} else if (any) {
		walk_free(walk);
		walk = walk_tree(state->ws->root_fd, base, leave_out_ignored, &filter, threads, error);
	}
	return walk;
}

static bool scan_folder(struct scan_state *state, GError **error)
{
	struct scan *scan = state->scan;
	g_autofree char *base = path_join(scan->path, scan->inside);
	g_autoptr(GString) path = g_string_new(base);
	g_autoptr(GError) reason = NULL;
	struct walk *walk = walk_folder(state, base, &reason);
	size_t above;

	if (!walk && state->some && error_is(reason, ERROR_DENIED)) {
		scan_note_unread(state, scan->inside, g_steal_pointer(&reason));
		return true;
	}
	if (!walk) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return false;
	}
	scan->private->walk = walk;
	g_string_append_c(path, '/');
	above = path->len;
	for (size_t i = 0; i < walk_count(walk); i++) {
		const struct walk_entry *entry = walk_get(walk, i);
		const char *name = entry->path;

		g_string_truncate(path, above);
		g_string_append(path, entry->path);
		if (*scan->inside)
			name = g_string_chunk_insert(scan->private->strings, path->str + strlen(scan->path) + 1);
		if (!add_walked(state, entry, path->str, name, error))
			return false;
	}
	if (!scan->files->len && *scan->inside && state->ws->dialect->keeps_empty_dirs) {
		const struct scan_file dir = {.path = scan->inside, .stamp = &scan->stamp, .mode = MANIFEST_EMPTY_DIR};

		g_array_append_val(scan->files, dir);
	}
	return true;
}

/* Look at one file, link or other thing at `path`; `name` is its path in the output. */
static bool scan_single(struct scan_state *state, const char *path, const char *name, enum scan_kind kind,
			const struct stamp *stamp, GError **error)
{
	struct stamp *copy;

	switch (kind) {
	case SCAN_FILE:
		copy = g_memdup2(stamp, sizeof(*stamp));
		g_ptr_array_add(state->scan->private->stamps, copy);
		check_name(state, path);
		add_file(state, name, copy);
		return true;
	case SCAN_LINK:
		check_name(state, path);
		return scan_add_link(state, path, name, error);
	case SCAN_OTHER:
		scan_note(state, path, "is not a file, folder or link, and is not recorded");
		return true;
	case SCAN_ABSENT:
	case SCAN_DIR:
		break;
	}
	return true;
}

static bool look(struct scan_state *state, GError **error)
{
	struct scan *scan = state->scan;
	g_autofree char *part = path_join(scan->path, scan->inside);
	enum scan_kind kind;
	struct stamp stamp;

	if (!look_at(state->ws, scan->path, &scan->kind, &scan->stamp, error))
		return false;
	kind = scan->kind;
	stamp = scan->stamp;
	if (*scan->inside && scan->kind == SCAN_DIR && !look_at(state->ws, part, &kind, &stamp, error))
		return false;
	if (*scan->inside && scan->kind != SCAN_DIR)
		return true;
	if (kind == SCAN_DIR)
		return scan_folder(state, error);
	if (!scan_single(state, part, scan->inside, kind, &stamp, error))
		return false;
	/* A link that counts as a file is one. */
	if (scan->kind == SCAN_LINK && scan->files->len && scan_get(scan, 0)->followed)
		scan->kind = SCAN_FILE;
	return true;
}

void scan_seal(struct scan *scan)
{
	const struct oid none = {.algo = scan->algo, .dir = 1};
	struct manifest_format format = manifest_format_of(&none);

	if (scan->kind == SCAN_FILE && scan->files->len)
		scan->oid = scan_get(scan, 0)->oid;
	if (scan->kind != SCAN_DIR)
		return;
	g_clear_pointer(&scan->manifest, manifest_free);
	scan->manifest = manifest_new(&format);
	for (guint i = 0; i < scan->files->len; i++) {
		const struct scan_file *file = scan_get(scan, i);
		uint64_t size = file->mode == MANIFEST_EMPTY_DIR ? 0 : file->stamp->size;

		manifest_add(scan->manifest, file->path, &file->oid, file->mode, size);
	}
	manifest_oid(scan->manifest, &scan->oid);
}

struct scan *scan_path(struct workspace *ws, const struct scan_options *options, GError **error)
{
	autoptr(scan) scan = scan_new(options);
	struct scan_state state = {.ws = ws, .scan = scan, .no_hash = options->no_hash, .some = options->some};

	state.index = workspace_index(ws, error);
	state.ignore = state.index ? workspace_ignore(ws, error) : NULL;
	state.store = state.ignore ? workspace_store(ws, error) : NULL;
	if (!state.store || !look(&state, error))
		return NULL;
	for (guint i = 0; i < scan->files->len; i++) {
		if (scan_get(scan, i)->mode != MANIFEST_EMPTY_DIR)
			scan->size += scan_get(scan, i)->stamp->size;
	}
	scan_ask_index(&state);
	if (options->no_hash)
		return g_steal_pointer(&scan);
	if (!scan_hash_fresh(&state, error))
		return NULL;
	if (!g_hash_table_size(scan->unread))
		scan_seal(scan);
	return g_steal_pointer(&scan);
}
