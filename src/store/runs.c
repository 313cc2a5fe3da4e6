#include "store/runs.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "store/batch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Digits of the key that make the folder above it. */
#define FAN_DIGITS 2

struct runs_writer {
	struct store *store;
	struct batch batch;
};

/* Whether the first RUNS_HEX bytes are lower-case digits and nothing but `end` follows. */
static bool is_hex(const char *text, char end)
{
	return strspn(text, "0123456789abcdef") == RUNS_HEX && text[RUNS_HEX] == end;
}

static char *folder_of(const char *key)
{
	return g_strdup_printf(RUNS_FOLDER "/%.*s/%s", FAN_DIGITS, key, key);
}

char *runs_path(const char *key, const char *value)
{
	return g_strdup_printf(RUNS_FOLDER "/%.*s/%s/%s", FAN_DIGITS, key, key, value);
}

bool runs_parse(const char *path, char key[RUNS_HEX + 1], const char **value)
{
	const size_t length = FAN_DIGITS + 1 + RUNS_HEX + 1 + RUNS_HEX, whole = strlen(path);
	const char *fan, *text;

	if (whole < length || (whole > length && path[whole - length - 1] != '/'))
		return false;
	fan = path + whole - length;
	text = fan + FAN_DIGITS + 1;
	if (fan[FAN_DIGITS] != '/' || !is_hex(text, '/') || strncmp(fan, text, FAN_DIGITS) != 0 ||
	    !is_hex(text + RUNS_HEX + 1, '\0'))
		return false;
	memcpy(key, text, RUNS_HEX);
	key[RUNS_HEX] = '\0';
	*value = text + RUNS_HEX + 1;
	return true;
}

/* Open a folder below the root for reading; NULL with errno if that fails. */
static DIR *open_folder(const struct store *store, const char *path)
{
	auto_fd int fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir)
		fd_steal(&fd);
	return dir;
}

/* A value with its age. */
struct aged {
	char *value;
	struct timespec time;
};

static int newest_first(gconstpointer a, gconstpointer b)
{
	const struct aged *x = a, *y = b;

	if (x->time.tv_sec != y->time.tv_sec)
		return x->time.tv_sec > y->time.tv_sec ? -1 : 1;
	if (x->time.tv_nsec != y->time.tv_nsec)
		return x->time.tv_nsec > y->time.tv_nsec ? -1 : 1;
	return strcmp(x->value, y->value);
}

GPtrArray *runs_values(const struct store *store, const char *key)
{
	g_autofree char *folder = folder_of(key);
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct aged));
	GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
	DIR *dir = open_folder(store, folder);
	const struct dirent *d;
	struct stat st;

	while (dir && (d = readdir(dir))) {
		struct aged aged;

		if (!is_hex(d->d_name, '\0') || fstatat(dirfd(dir), d->d_name, &st, 0) || !S_ISREG(st.st_mode))
			continue;
		aged = (struct aged){g_strdup(d->d_name), st.st_mtim};
		g_array_append_val(found, aged);
	}
	if (dir)
		closedir(dir);
	g_array_sort(found, newest_first);
	for (guint i = 0; i < found->len; i++)
		g_ptr_array_add(values, g_array_index(found, struct aged, i).value);
	return values;
}

char *runs_read(const struct store *store, const char *key, const char *value, size_t *length, GError **error)
{
	g_autofree char *path = runs_path(key, value), *full = path_join(store->root, path);
	g_autoptr(GError) reason = NULL;
	char *text = NULL;

	if (file_read(full, RUNS_SIZE_LIMIT, &text, length, &reason) || error_is(reason, ERROR_NOT_FOUND))
		return text;
	g_propagate_error(error, g_steal_pointer(&reason));
	return NULL;
}

static bool has(const struct store *store, const char *path, size_t length)
{
	struct stat st;

	return fstatat(store->fd, path, &st, 0) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == length;
}

bool runs_has(const struct store *store, const char *key, const char *value, size_t length)
{
	g_autofree char *path = runs_path(key, value);

	return has(store, path, length);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder below the root that could be keys' folders, keys or values, sorted; none if there is no such folder. */
static GPtrArray *names_in(const struct store *store, const char *path, bool fan, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	DIR *dir = open_folder(store, path);
	const struct dirent *d;

	if (!dir && errno != ENOENT && errno != ENOTDIR) {
		store_fail(store, errno, "read", path, error);
		return NULL;
	}
	while (dir && (d = readdir(dir)))
		if (fan ? strspn(d->d_name, "0123456789abcdef") == FAN_DIGITS && !d->d_name[FAN_DIGITS]
			: is_hex(d->d_name, '\0'))
			g_ptr_array_add(names, g_strdup(d->d_name));
	if (dir)
		closedir(dir);
	g_ptr_array_sort(names, by_name);
	return g_steal_pointer(&names);
}

static bool visit_key(const struct store *store, const char *key, runs_visit visit, void *user, GError **error)
{
	g_autofree char *folder = folder_of(key);
	g_autoptr(GPtrArray) values = names_in(store, folder, false, error);

	for (guint i = 0; values && i < values->len; i++) {
		g_autofree char *path = path_join(folder, values->pdata[i]);
		struct stat st;

		if (fstatat(store->fd, path, &st, 0) || !S_ISREG(st.st_mode))
			continue;
		if (!visit(key, values->pdata[i], (uint64_t)st.st_size, user, error))
			return false;
	}
	return values;
}

bool runs_each(const struct store *store, runs_visit visit, void *user, GError **error)
{
	g_autoptr(GPtrArray) fans = names_in(store, RUNS_FOLDER, true, error);

	for (guint i = 0; fans && i < fans->len; i++) {
		g_autofree char *fan = path_join(RUNS_FOLDER, fans->pdata[i]);
		g_autoptr(GPtrArray) keys = names_in(store, fan, false, error);

		if (!keys)
			return false;
		for (guint j = 0; j < keys->len; j++)
			if (g_str_has_prefix(keys->pdata[j], fans->pdata[i]) &&
			    !visit_key(store, keys->pdata[j], visit, user, error))
				return false;
	}
	return fans;
}

struct runs_writer *runs_begin(struct store *store, GError **error)
{
	autoptr(runs_writer) writer = g_new0(struct runs_writer, 1);

	writer->store = store;
	writer->batch = BATCH_NONE;
	return batch_begin(store, &writer->batch, error) ? g_steal_pointer(&writer) : NULL;
}

bool runs_add(struct runs_writer *writer, const char *key, const char *value, const char *text, size_t length,
	      GError **error)
{
	const struct store *store = writer->store;
	g_autofree char *folder = folder_of(key), *path = path_join(folder, value);
	auto_fd int fd = -1;

	if (has(store, path, length))
		return true;
	if (!store_make_dirs(store, store->fd, folder, error))
		return false;
	fd = openat(writer->batch.fd, value, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || (store->options.shared_group && fchmod(fd, 0664) < 0))
		return store_fail(store, errno, "make", path, error);
	if (!file_write_all(fd, text, length, error)) {
		g_prefix_error(error, "write '%s/%s': ", store->root, path);
		return false;
	}
	return renameat(writer->batch.fd, value, store->fd, path) == 0 ||
	       store_fail(store, errno, "make", path, error);
}

void runs_end(struct runs_writer *writer)
{
	batch_end(&writer->batch);
	g_free(writer);
}
