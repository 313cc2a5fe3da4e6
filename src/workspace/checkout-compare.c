#include "workspace/checkout-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "store/link.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

/* The path of something in the output, kept by the plan. */
static const char *keep_path(struct checkout_case *work, const char *name)
{
	g_autofree char *path = path_join(work->path, name);

	return g_string_chunk_insert(work->plan->strings, path);
}

static struct checkout_output *output_of(const struct checkout_case *work)
{
	return &g_array_index(work->plan->outputs, struct checkout_output, work->output);
}

static const struct stamp *keep_stamp(struct checkout_case *work, const struct stamp *stamp)
{
	struct stamp *copy = g_memdup2(stamp, sizeof(*stamp));

	g_ptr_array_add(work->plan->kept, copy);
	return copy;
}

/* The lstat of a file that was judged; NULL if it is gone by now. Links are looked at again: the scan knows what they
 * lead to. */
static const struct stamp *found_stamp(struct checkout_case *work, const struct scan_file *file)
{
	g_autofree char *path = NULL;
	struct stamp stamp;
	struct stat st;

	if (!file->followed && file->mode != MANIFEST_LINK)
		return keep_stamp(work, file->stamp);
	path = scan_file_path(work->scan, file);
	if (fstatat(work->ws->root_fd, path, &st, AT_SYMLINK_NOFOLLOW))
		return NULL;
	stamp = stamp_of(&st);
	return keep_stamp(work, &stamp);
}

static struct checkout_step *add_step(struct checkout_case *work, enum checkout_verb verb, const char *name,
				      const struct stamp *found)
{
	const struct checkout_step step = {
		.verb = verb, .output = work->output, .path = keep_path(work, name), .found = found};

	g_array_append_val(work->plan->steps, step);
	return &g_array_index(work->plan->steps, struct checkout_step, work->plan->steps->len - 1);
}

/* A step that ends with `entry` in place. */
static void add_placing(struct checkout_case *work, enum checkout_verb verb, const struct manifest_entry *entry,
			const struct stamp *found)
{
	struct checkout_step *step = add_step(work, verb, entry->path, found);

	step->mode = entry->mode;
	step->oid = entry->oid;
	step->size = entry->size;
	if (entry->size != MANIFEST_NO_SIZE && verb != CHECKOUT_MODE)
		work->plan->bytes += entry->size;
}

/* The folders above what stays do, too. */
static void hold_above(struct checkout_case *work, const char *name)
{
	g_autofree char *above = g_strdup(name);

	for (char *slash; (slash = strrchr(above, '/'));) {
		*slash = '\0';
		if (!g_hash_table_add(work->held, g_strdup(above)))
			return;
	}
}

static void add_conflict(struct checkout_case *work, const char *name, const char *reason)
{
	const struct checkout_obstacle obstacle = {.path = keep_path(work, name), .reason = reason};

	g_array_append_val(work->plan->conflicts, obstacle);
	g_hash_table_add(work->blocked, g_strdup(name));
	hold_above(work, name);
	output_of(work)->conflicts++;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

static bool is_unread(const struct scan_file *file)
{
	return oid_is_none(&file->oid) && file->mode != MANIFEST_EMPTY_DIR;
}

/* What cannot be read stays, and nothing is put into it; but a file may be overwritten unread if the user says so. */
static void leave_unread(struct checkout_case *work)
{
	g_autoptr(GHashTable) dropped = g_hash_table_new(g_str_hash, g_str_equal);
	GList *names;

	if (!g_hash_table_size(work->scan->unread))
		return;
	for (guint i = 0; work->options->force && i < work->scan->files->len; i++) {
		if (is_unread(scan_get(work->scan, i)))
			g_hash_table_add(dropped, (gpointer)scan_get(work->scan, i)->path);
	}
	names = g_list_sort(g_hash_table_get_keys(work->scan->unread), compare_names);
	for (const GList *item = names; item; item = item->next) {
		const GError *reason = g_hash_table_lookup(work->scan->unread, item->data);

		if (g_hash_table_contains(dropped, item->data))
			continue;
		g_ptr_array_add(work->plan->failed, g_error_copy(reason));
		g_hash_table_add(work->blocked, g_strdup(item->data));
		hold_above(work, item->data);
		output_of(work)->failed++;
	}
	g_list_free(names);
}

static void add_missing(struct checkout_case *work, const char *name, const struct oid *oid)
{
	const struct checkout_obstacle obstacle = {
		.path = keep_path(work, name), .oid = *oid, .reason = "is not in the store"};

	output_of(work)->missing++;
	if (!work->options->allow_missing)
		g_array_append_val(work->plan->missing, obstacle);
}

/* Whether the store could give back what stands there, to the byte. */
static bool is_saved(const struct checkout_case *work, const struct scan_file *file)
{
	struct stamp stamp;
	auto_fd int fd = -1;

	if (file->mode == MANIFEST_EMPTY_DIR || file->object)
		return true;
	/* The hash of DVC 2.x is blind for line ends; the size is not. */
	if (file->oid.algo == OID_MD5_2X) {
		fd = store_open_object(work->store, &file->oid, &stamp, NULL);
		return fd >= 0 && stamp.size == file->stamp->size;
	}
	return !oid_is_none(&file->oid) && store_has(work->store, &file->oid, file->stamp->size);
}

/*
 * Whether it may be taken away again: we put exactly this there. Where nothing is known about that - the index is new, or DVC
 * put the data there - it is enough, as it is for DVC, that the store holds the bytes.
 */
static bool is_ours(const struct checkout_case *work, const struct scan_file *file)
{
	const struct manifest_entry *entry;

	/* What stands at the output's own path is tracked, whatever it is. */
	if (!*file->path)
		return !oid_is_none(&work->oid) || oid_equal(&work->recorded, &file->oid);
	if (oid_is_none(&work->recorded))
		return true;
	entry = work->record ? manifest_find(work->record, file->path) : NULL;
	return entry && oid_equal(&entry->oid, &file->oid);
}

/* Something stands there that the target does not have. */
static void judge_extra(struct checkout_case *work, const struct scan_file *file)
{
	if (is_unread(file) && !work->options->force)
		return;
	if (file->mode == MANIFEST_EMPTY_DIR)
		add_step(work, CHECKOUT_RMDIR, file->path, NULL);
	else if (work->options->force || (is_ours(work, file) && is_saved(work, file)))
		add_step(work, CHECKOUT_REMOVE, file->path, found_stamp(work, file));
	else if (is_saved(work, file))
		add_conflict(work, file->path, "is not part of the tracked version");
	else
		add_conflict(work, file->path, "is not tracked, and would be lost");
}

/* The object for an entry is in the store; if not, say so. */
static bool has_object(struct checkout_case *work, const struct manifest_entry *entry)
{
	if (entry->mode == MANIFEST_EMPTY_DIR)
		return true;
	if (store_has(work->store, &entry->oid, checkout_size(&entry->oid, entry->size)))
		return true;
	add_missing(work, entry->path, &entry->oid);
	return false;
}

/* Whether a conflict stands at the path or above it. */
static bool is_blocked(const struct checkout_case *work, const char *name)
{
	g_autofree char *above = NULL;

	if (!g_hash_table_size(work->blocked))
		return false;
	above = g_strdup(name);
	for (;;) {
		char *slash = strrchr(above, '/');

		if (g_hash_table_contains(work->blocked, above))
			return true;
		if (!slash)
			return g_hash_table_contains(work->blocked, "");
		*slash = '\0';
	}
}

/* What stands where an entry is to be made, although the scan did not list it: ignored files, folders without files. */
static void judge_unlisted(struct checkout_case *work, const struct manifest_entry *entry)
{
	g_autofree char *path = path_join(work->path, entry->path);
	const char *name;
	auto_fd int dir = -1;
	struct stamp stamp;
	struct stat st;

	if (work->scan->kind == SCAN_DIR)
		dir = file_open_parent(work->ws->root_fd, path, false, &name, NULL);
	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW)) {
		add_placing(work, entry->mode == MANIFEST_EMPTY_DIR ? CHECKOUT_MKDIR : CHECKOUT_CREATE, entry, NULL);
		return;
	}
	stamp = stamp_of(&st);
	if (S_ISDIR(st.st_mode)) {
		if (entry->mode == MANIFEST_EMPTY_DIR || g_hash_table_contains(work->held, entry->path))
			return;
		add_step(work, CHECKOUT_RMDIR, entry->path, NULL);
		add_placing(work, CHECKOUT_CREATE, entry, NULL);
	} else if (work->options->force && entry->mode != MANIFEST_EMPTY_DIR) {
		add_placing(work, CHECKOUT_REPLACE, entry, keep_stamp(work, &stamp));
	} else {
		add_conflict(work, entry->path, "is not tracked, and stands in the way");
	}
}

static void judge_lacking(struct checkout_case *work, const struct manifest_entry *entry)
{
	if (has_object(work, entry) && !is_blocked(work, entry->path))
		judge_unlisted(work, entry);
}

/* The same bytes; is it the kind of link that is asked for? */
static void judge_kind(struct checkout_case *work, const struct scan_file *file, const struct manifest_entry *entry)
{
	char target[PATH_MAX] = "";
	g_autofree char *path = NULL;
	ssize_t length;

	if (!work->options->relink || entry->mode == MANIFEST_LINK || entry->mode == MANIFEST_EMPTY_DIR)
		return;
	if (file->followed) {
		path = scan_file_path(work->scan, file);
		length = readlinkat(work->ws->root_fd, path, target, sizeof(target) - 1);
		if (length < 0)
			return;
		target[length] = '\0';
	}
	if (!link_is_wanted(work->store, &file->oid, file->stamp, *target ? target : NULL) && has_object(work, entry))
		add_placing(work, CHECKOUT_RELINK, entry, found_stamp(work, file));
}

/* Whether the exec bit has to change. DVC only ever sets it, and knows it for single files alone. */
static bool has_wrong_mode(const struct checkout_case *work, const struct scan_file *file,
			   const struct manifest_entry *entry)
{
	bool is = file->stamp->mode & 0100, wanted = entry->mode == MANIFEST_EXEC;

	if (entry->mode != MANIFEST_EXEC && entry->mode != MANIFEST_FILE)
		return false;
	return work->ws->dialect->keeps_modes ? is != wanted : wanted && !is;
}

static void judge_same_bytes(struct checkout_case *work, const struct scan_file *file,
			     const struct manifest_entry *entry)
{
	if (!has_wrong_mode(work, file, entry)) {
		judge_kind(work, file, entry);
		return;
	}
	/* The mode of a hard link is that of the object: such a file becomes one of its own. */
	if (file->followed || file->stamp->nlink > 1) {
		if (has_object(work, entry))
			add_placing(work, CHECKOUT_REPLACE, entry, found_stamp(work, file));
	} else {
		add_placing(work, CHECKOUT_MODE, entry, found_stamp(work, file));
	}
}

static bool is_file(uint8_t mode)
{
	return mode == MANIFEST_FILE || mode == MANIFEST_EXEC;
}

/* Something stands where the target has something, too. */
static void judge_both(struct checkout_case *work, const struct scan_file *file, const struct manifest_entry *entry)
{
	if (is_unread(file) && !work->options->force)
		return;
	if (oid_equal(&file->oid, &entry->oid) &&
	    (file->mode == entry->mode || (is_file(file->mode) && is_file(entry->mode)))) {
		judge_same_bytes(work, file, entry);
		return;
	}
	if (!has_object(work, entry))
		return;
	if (!work->options->force && !is_saved(work, file)) {
		add_conflict(work, file->path, "has changes that are not stored");
		return;
	}
	if (file->mode == MANIFEST_EMPTY_DIR) {
		add_step(work, CHECKOUT_RMDIR, file->path, NULL);
		add_placing(work, CHECKOUT_CREATE, entry, NULL);
	} else if (entry->mode == MANIFEST_EMPTY_DIR) {
		add_step(work, CHECKOUT_REMOVE, file->path, found_stamp(work, file));
		add_placing(work, CHECKOUT_MKDIR, entry, NULL);
	} else {
		add_placing(work, CHECKOUT_REPLACE, entry, found_stamp(work, file));
	}
}

/* After extras went, folders that the target does not have are left over: take them out, the innermost first. */
static void add_empty_folders(struct checkout_case *work, guint first_step)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guint end = work->plan->steps->len;
	size_t skip = strlen(work->path) + 1, unused[2];

	for (guint i = first_step; i < end; i++) {
		const struct checkout_step step = g_array_index(work->plan->steps, struct checkout_step, i);
		g_autofree char *dir = NULL;

		if ((step.verb != CHECKOUT_REMOVE && step.verb != CHECKOUT_RMDIR) || strlen(step.path) < skip)
			continue;
		dir = path_parent(step.path + skip);
		while (*dir && !g_hash_table_contains(seen, dir)) {
			if (!work->target || !manifest_range(work->target, dir, &unused[0], &unused[1]))
				add_step(work, CHECKOUT_RMDIR, dir, NULL);
			g_hash_table_add(seen, g_strdup(dir));
			char *above = path_parent(dir);

			g_free(dir);
			dir = above;
		}
	}
	if (work->scan->kind == SCAN_DIR && !work->oid.dir && !*work->inside)
		add_step(work, CHECKOUT_RMDIR, "", NULL);
}

/* Order of a file of the scan and an entry of the target by path; whichever is at its end comes last. */
static int order(const struct scan_file *file, const struct manifest_entry *entry)
{
	if (!file || !entry)
		return file ? -1 : 1;
	return strcmp(file->path, entry->path);
}

/* Go through both lists side by side. */
static void compare_lists(struct checkout_case *work)
{
	size_t i = 0, j = 0, end = 0, count = work->scan->files->len;

	/* Extras first: what stays of them blocks what lies below. */
	for (i = 0; i < count; i++) {
		const struct scan_file *file = scan_get(work->scan, i);

		if (!work->target || !manifest_find(work->target, file->path))
			judge_extra(work, file);
	}
	if (work->target && !manifest_range(work->target, work->inside, &j, &end))
		j = end = 0;
	for (i = 0; i < count || j < end;) {
		const struct scan_file *file = i < count ? scan_get(work->scan, i) : NULL;
		const struct manifest_entry *entry = j < end ? manifest_get(work->target, j) : NULL;
		int which = order(file, entry);

		if (which == 0)
			judge_both(work, file, entry);
		else if (which > 0)
			judge_lacking(work, entry);
		i += which <= 0;
		j += which >= 0;
	}
}

/* The output is to be a single file. */
static void compare_file(struct checkout_case *work)
{
	const struct manifest_entry entry = {
		.path = "", .oid = work->oid, .size = work->size, .mode = work->isexec ? MANIFEST_EXEC : MANIFEST_FILE};
	const struct scan *scan = work->scan;

	if (scan->kind != SCAN_DIR && scan->files->len) {
		judge_both(work, scan_get(scan, 0), &entry);
		return;
	}
	for (guint i = 0; i < scan->files->len; i++)
		judge_extra(work, scan_get(scan, i));
	if (g_hash_table_size(work->blocked)) {
		has_object(work, &entry);
		return;
	}
	if (has_object(work, &entry))
		add_placing(work, CHECKOUT_CREATE, &entry, NULL);
}

bool checkout_compare(struct checkout_case *work, GError **error)
{
	guint first = work->plan->steps->len;

	leave_unread(work);
	if (work->scan->kind == SCAN_OTHER || (work->scan->kind == SCAN_LINK && !work->scan->files->len)) {
		if (!work->options->force) {
			add_conflict(work, "", "is neither a file nor a folder");
			return true;
		}
		/* Nothing goes for what cannot be placed. */
		if (work->oid.dir || store_has(work->store, &work->oid, checkout_size(&work->oid, work->size)))
			add_step(work, CHECKOUT_REMOVE, "", keep_stamp(work, &work->scan->stamp));
	}
	if (work->oid.dir && !work->target) {
		work->target = manifest_load(work->store, &work->oid, error);
		if (!work->target)
			return false;
	}
	if (work->oid.dir)
		compare_lists(work);
	else
		compare_file(work);
	add_empty_folders(work, first);
	if (work->oid.dir && !*work->inside && !manifest_count(work->target) && work->scan->kind != SCAN_DIR &&
	    !is_blocked(work, ""))
		add_step(work, CHECKOUT_MKDIR, "", NULL);
	return true;
}

void checkout_retire(struct checkout_case *work)
{
	guint first = work->plan->steps->len;

	leave_unread(work);
	for (guint i = 0; i < work->scan->files->len; i++) {
		const struct scan_file *file = scan_get(work->scan, i);
		g_autofree char *path = scan_file_path(work->scan, file);

		if (outputs_covering(work->outputs, path, NULL) || !is_ours(work, file) || !is_saved(work, file))
			continue;
		if (file->mode == MANIFEST_EMPTY_DIR)
			add_step(work, CHECKOUT_RMDIR, file->path, NULL);
		else
			add_step(work, CHECKOUT_REMOVE, file->path, found_stamp(work, file));
	}
	if (work->plan->steps->len > first || !work->scan->files->len)
		add_empty_folders(work, first);
}
