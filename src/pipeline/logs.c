#include "pipeline/logs.h"

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Logs are kept for so many days, and so many of them. */
#define DAYS 30
#define KEPT 5000

/* How much of the end of a log is a tail. */
#define TAIL_BYTES 4096
#define TAIL_LINES 10

/* As much of an address as a file name bears. */
#define ADDRESS_LIMIT 100

struct logs {
	char *dir;
	GPtrArray *silent; /* of char *: files that were given back */
};

/* A log that is there. */
struct old_log {
	char *path;
	gint64 seconds; /* when it was written */
};

static void clear_old_log(void *data)
{
	g_free(((struct old_log *)data)->path);
}

static int compare_old_logs(const void *a, const void *b)
{
	const struct old_log *x = a, *y = b;

	return (x->seconds < y->seconds) - (x->seconds > y->seconds);
}

/* All logs, the newest first. */
static GArray *list_logs(const char *dir_path)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct old_log));
	GDir *dir = g_dir_open(dir_path, 0, NULL);
	const char *name;
	struct stat st;

	g_array_set_clear_func(list, clear_old_log);
	while (dir && (name = g_dir_read_name(dir))) {
		struct old_log log = {.path = path_join(dir_path, name)};

		if (!lstat(log.path, &st))
			log.seconds = st.st_mtim.tv_sec;
		g_array_append_val(list, log);
	}
	if (dir)
		g_dir_close(dir);
	g_array_sort(list, compare_old_logs);
	return list;
}

/* Drop logs that are old, or too many. What cannot be dropped is no reason to stop. */
static void prune(const char *dir)
{
	gint64 limit = g_get_real_time() / G_USEC_PER_SEC - (gint64)DAYS * 24 * 3600;
	g_autoptr(GArray) list = list_logs(dir);

	for (guint i = 0; i < list->len; i++) {
		const struct old_log *log = &g_array_index(list, struct old_log, i);

		if (i >= KEPT || log->seconds < limit)
			unlink(log->path);
	}
}

struct logs *logs_open(const char *state_dir, GError **error)
{
	g_autofree char *dir = path_join(state_dir, "logs");
	struct logs *logs;

	if (!file_make_dirs(dir, error))
		return NULL;
	prune(dir);
	logs = g_new0(struct logs, 1);
	logs->dir = g_steal_pointer(&dir);
	logs->silent = g_ptr_array_new_with_free_func(g_free);
	return logs;
}

char *logs_take(struct logs *logs, const char *address)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *when = g_date_time_format(now, "%Y%m%d-%H%M%S");
	g_autofree char *name = g_strndup(address, ADDRESS_LIMIT);
	char *path;

	/* Only letters that are no trouble. */
	g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "@-_.", '_');
	path = g_strdup_printf("%s/%s.%s.%06d.%ld.log", logs->dir, name, when, g_date_time_get_microsecond(now), (long)getpid());
	if (logs->silent->len) {
		g_autofree char *spare = g_ptr_array_steal_index_fast(logs->silent, logs->silent->len - 1);

		/* One that cannot be used again just stays. */
		(void)rename(spare, path);
	}
	return path;
}

void logs_give_back(struct logs *logs, const char *path, const char *const *commands)
{
	size_t length = 0;
	struct stat st;

	for (; *commands; commands++)
		length += strlen("> \n") + strlen(*commands);
	if (!lstat(path, &st) && S_ISREG(st.st_mode) && (size_t)st.st_size == length)
		g_ptr_array_add(logs->silent, g_strdup(path));
}

char *logs_tail(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	g_autofree char *text = g_malloc0(TAIL_BYTES + 1);
	struct stat st;
	ssize_t n;
	char *start;

	if (fd < 0 || fstat(fd, &st))
		return NULL;
	n = pread(fd, text, TAIL_BYTES, MAX(st.st_size - TAIL_BYTES, 0));
	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n <= 0)
		return NULL;
	text[n] = '\0';
	start = text + n;
	for (int lines = 0; start > text; start--) {
		if (start[-1] == '\n' && ++lines == TAIL_LINES)
			break;
	}
	return g_strdup(start);
}

void logs_free(struct logs *logs)
{
	if (!logs)
		return;
	for (guint i = 0; i < logs->silent->len; i++)
		unlink(logs->silent->pdata[i]);
	g_ptr_array_unref(logs->silent);
	g_free(logs->dir);
	g_free(logs);
}
