#include "workspace/rwlock.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "doc/json.h"
#include "workspace/workspace-int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* How long to wait for the guard, in milliseconds: its holders look at one small file. */
#define GUARD_WAIT_MS 30000

/* Longest table accepted, in bytes. */
#define TABLE_LIMIT ((size_t)16 << 20)

/* In `cmd` of our own entries, before the time at which the process began, in the kernel's ticks. */
#define SINCE " (began at tick "

/* The file beside it that the next table is written to. */
#define SPARE ".spare"

/* A table is read anew at the latest after so many times, since a doc frees nothing of what was in it. */
#define REUSES 500

struct rwlock {
	const struct workspace *ws;
	struct lock *guard; /* NULL while it is closed */
	char *path;
	struct doc *doc;  /* the table; NULL: not read yet */
	char *text;       /* what the file held when doc was the same */
	size_t length;    /* of text */
	unsigned reused;  /* how often doc stood for the file */
	gint64 pid;        /* ours */
	GHashTable *began; /* pid -> when it began, as it was found; 0: it does not run */
	bool changed;
};

char *rwlock_path(const struct workspace *ws)
{
	g_autofree char *marker = path_join(ws->root, dialect_dvc.marker);

	return ws->dialect == &dialect_dvc ? path_join(marker, "tmp/rwlock") : path_join(ws->state_dir, "rwlock");
}

/* When a process that runs began, in ticks since the machine did; 1 if that cannot be told. */
static guint64 read_began(gint64 pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%" G_GINT64_FORMAT "/stat", pid), *text = NULL;
	g_auto(GStrv) fields = NULL;
	const char *end;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 1;
	/* The second field, the program's name in brackets, may hold anything; the time is the twentieth after it. */
	end = strrchr(text, ')');
	if (!end)
		return 1;
	fields = g_strsplit(end + 1, " ", 22);
	return g_strv_length(fields) > 20 ? g_ascii_strtoull(fields[20], NULL, 10) : 1;
}

/* The same for any process id, 0 if there is no such process. Each is asked about once: a table may have it often. */
static guint64 began(const struct rwlock *rwlock, gint64 pid)
{
	void *known;

	if (g_hash_table_lookup_extended(rwlock->began, GINT_TO_POINTER(pid), NULL, &known))
		return GPOINTER_TO_SIZE(known);
	known = GSIZE_TO_POINTER(proc_is_running(pid) ? read_began(pid) : 0);
	g_hash_table_insert(rwlock->began, GINT_TO_POINTER(pid), known);
	return GPOINTER_TO_SIZE(known);
}

/* Whether the entry is of a process that runs. */
static bool is_live(const struct rwlock *rwlock, const struct node *entry)
{
	const struct node *pid = node_get(entry, "pid");
	const char *cmd = node_get_string(entry, "cmd");
	const char *since = cmd ? g_strrstr(cmd, SINCE) : NULL;

	if (!pid || pid->kind != NODE_INT || !began(rwlock, pid->integer))
		return false;
	return !since || began(rwlock, pid->integer) == g_ascii_strtoull(since + strlen(SINCE), NULL, 10);
}

static bool is_ours(const struct rwlock *rwlock, const struct node *entry)
{
	const struct node *pid = node_get(entry, "pid");

	return pid && pid->kind == NODE_INT && pid->integer == rwlock->pid;
}

/* Keep the items of a list that are of live processes; whether any went. */
static bool drop_dead_items(const struct rwlock *rwlock, struct node *list)
{
	size_t kept = 0, count = list->count;

	for (size_t i = 0; i < count; i++) {
		if (is_live(rwlock, list->items[i]))
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
	return kept < count;
}

/* Drop what dead processes left in root[name], and make it if it is not there. */
static void drop_dead(struct rwlock *rwlock, const char *name)
{
	struct node *map = node_get(rwlock->doc->root, name);

	if (!map || map->kind != NODE_MAP) {
		node_set(rwlock->doc, rwlock->doc->root, name, node_map(rwlock->doc));
		return;
	}
	for (size_t i = map->count; i-- > 0;) {
		struct node *entry = map->items[i];

		if (entry->kind == NODE_LIST)
			rwlock->changed |= drop_dead_items(rwlock, entry);
		if (entry->kind == NODE_LIST ? entry->count > 0 : is_live(rwlock, entry))
			continue;
		node_unset(map, map->keys[i]->text);
		rwlock->changed = true;
	}
}

static void forget_table(struct rwlock *rwlock)
{
	g_clear_pointer(&rwlock->doc, doc_free);
	g_clear_pointer(&rwlock->text, g_free);
	rwlock->length = 0;
	rwlock->reused = 0;
}

/* Whether the table is known to say this. */
static bool is_known(const struct rwlock *rwlock, const char *text, size_t length)
{
	return rwlock->doc && rwlock->reused < REUSES && length == rwlock->length && !memcmp(text, rwlock->text, length);
}

static bool parse_table(struct rwlock *rwlock, const char *text, size_t length, GError **error)
{
	forget_table(rwlock);
	rwlock->doc = length ? json_read(text, length, rwlock->path, error) : doc_new();
	if (!rwlock->doc) {
		error_hint(error, "remove it if no other command runs in this project");
		return false;
	}
	if (!rwlock->doc->root || rwlock->doc->root->kind != NODE_MAP)
		rwlock->doc->root = node_map(rwlock->doc);
	return true;
}

static bool read_table(struct rwlock *rwlock, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) cause = NULL;
	size_t length = 0;

	if (!file_read(rwlock->path, TABLE_LIMIT, &text, &length, &cause) && !error_is(cause, ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return false;
	}
	if (text && is_known(rwlock, text, length)) {
		rwlock->reused++;
	} else {
		if (!parse_table(rwlock, text, length, error))
			return false;
		rwlock->text = g_steal_pointer(&text);
		rwlock->length = length;
	}
	g_hash_table_remove_all(rwlock->began);
	drop_dead(rwlock, "read");
	drop_dead(rwlock, "write");
	return true;
}

struct rwlock *rwlock_new(const struct workspace *ws)
{
	struct rwlock *rwlock = g_new0(struct rwlock, 1);

	rwlock->ws = ws;
	rwlock->pid = getpid();
	rwlock->began = g_hash_table_new(NULL, NULL);
	rwlock->path = rwlock_path(ws);
	return rwlock;
}

bool rwlock_open(struct rwlock *rwlock, GError **error)
{
	g_autofree char *guard = g_strconcat(rwlock->path, ".lock", NULL), *dir = path_parent(rwlock->path);

	if (!file_make_dirs(dir, error))
		return false;
	rwlock->guard = lock_take(guard, LOCK_EXCLUSIVE, GUARD_WAIT_MS, "git mlv", NULL, NULL, error);
	if (rwlock->guard && read_table(rwlock, error))
		return true;
	rwlock_close(rwlock);
	return false;
}

/* The path as the table has it: JSON holds UTF-8 only. New string. */
static char *key_of(const struct rwlock *rwlock, const char *path)
{
	g_autofree char *absolute = path_join(rwlock->ws->root, path);

	return g_utf8_make_valid(absolute, -1);
}

/* Whether the holder is not this process; with `strangers`, not even this program. */
static bool is_other(const struct rwlock *rwlock, const struct node *holder, bool strangers)
{
	const char *cmd = node_get_string(holder, "cmd");

	return !is_ours(rwlock, holder) && !(strangers && cmd && strstr(cmd, SINCE));
}

/* Who else is among the holders of an entry: one of them, or a list; NULL if nobody. Borrowed. */
static const struct node *other(const struct rwlock *rwlock, const struct node *entry, bool strangers)
{
	if (entry->kind != NODE_LIST)
		return is_other(rwlock, entry, strangers) ? entry : NULL;
	for (size_t i = 0; i < entry->count; i++) {
		if (is_other(rwlock, entry->items[i], strangers))
			return entry->items[i];
	}
	return NULL;
}

/* The entry of another one that uses a path that is `key`, inside or above it, and *path, which it is; NULL if there is none. */
static const struct node *find_in(const struct rwlock *rwlock, const char *name, const char *key, bool strangers,
				  const char **path)
{
	const struct node *map = node_get(rwlock->doc->root, name), *entry = NULL;

	for (size_t i = 0; !entry && i < map->count; i++) {
		*path = map->keys[i]->text;
		if (*path && (path_is_inside(*path, key) || path_is_inside(key, *path)))
			entry = other(rwlock, map->items[i], strangers);
	}
	return entry;
}

/* The same for who keeps us from reading `key`, or with `write` from writing it. */
static const struct node *find_holder(const struct rwlock *rwlock, const char *key, bool write, bool strangers,
				      const char **path)
{
	const struct node *entry = find_in(rwlock, "write", key, strangers, path);

	return entry || !write ? entry : find_in(rwlock, "read", key, strangers, path);
}

static char *holder_of(const struct rwlock *rwlock, const char *key, bool write, bool strangers)
{
	const char *path = NULL;
	const struct node *entry = find_holder(rwlock, key, write, strangers, &path);
	g_autofree char *cmd = NULL;

	if (!entry)
		return NULL;
	cmd = g_strdup(node_get_string(entry, "cmd") ? node_get_string(entry, "cmd") : "a program");
	if (strstr(cmd, SINCE))
		*strstr(cmd, SINCE) = '\0';
	return g_strdup_printf("%s, process %" G_GINT64_FORMAT ", which uses '%s'", cmd,
			       node_get(entry, "pid")->integer, path);
}

char *rwlock_holder(const struct rwlock *rwlock, const char *path, bool write)
{
	g_autofree char *key = key_of(rwlock, path);

	return holder_of(rwlock, key, write, false);
}

bool rwlock_is_held_above(const struct rwlock *rwlock, const char *path, bool write)
{
	g_autofree char *key = key_of(rwlock, path);
	const char *found = NULL;
	const struct node *entry = find_holder(rwlock, key, write, false, &found);

	return entry && proc_is_above(node_get(entry, "pid")->integer);
}

char *rwlock_stranger(const struct rwlock *rwlock)
{
	g_autofree char *key = key_of(rwlock, "");

	return holder_of(rwlock, key, true, true);
}

static struct node *our_entry(struct rwlock *rwlock, const char *what)
{
	struct node *entry = node_map(rwlock->doc);
	g_autofree char *cmd = g_strdup_printf("%s" SINCE "%" G_GUINT64_FORMAT ")", what, began(rwlock, rwlock->pid));
	g_autofree char *valid = g_utf8_make_valid(cmd, -1);

	node_set(rwlock->doc, entry, "pid", node_int(rwlock->doc, rwlock->pid));
	node_set(rwlock->doc, entry, "cmd", node_string(rwlock->doc, valid));
	return entry;
}

void rwlock_add(struct rwlock *rwlock, const char *path, bool write, const char *what)
{
	struct node *map = node_get(rwlock->doc->root, write ? "write" : "read");
	g_autofree char *key = key_of(rwlock, path);
	struct node *list = node_get(map, key);

	rwlock->changed = true;
	if (write) {
		node_set(rwlock->doc, map, key, our_entry(rwlock, what));
		return;
	}
	if (!list || list->kind != NODE_LIST) {
		list = node_list(rwlock->doc);
		node_set(rwlock->doc, map, key, list);
	}
	node_append(rwlock->doc, list, our_entry(rwlock, what));
}

void rwlock_remove(struct rwlock *rwlock, const char *path, bool write)
{
	struct node *map = node_get(rwlock->doc->root, write ? "write" : "read");
	g_autofree char *key = key_of(rwlock, path);
	struct node *entry = node_get(map, key);
	size_t kept = 0;

	if (!entry)
		return;
	for (size_t i = 0; entry->kind == NODE_LIST && i < entry->count; i++) {
		if (!is_ours(rwlock, entry->items[i]))
			entry->items[kept++] = entry->items[i];
	}
	if (entry->kind == NODE_LIST)
		entry->count = kept;
	if (entry->kind == NODE_LIST ? !kept : is_ours(rwlock, entry))
		node_unset(map, key);
	rwlock->changed = true;
}

/*
 * Write the text to a file that may be there, and is cut to its length afterwards: what is cut to nothing and written again ext4
 * sends to the disk when it is closed.
 */
static bool write_spare(const char *spare, const char *text, size_t length, GError **error)
{
	auto_fd int fd = open(spare, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);

	if (fd < 0) {
		error_set_errno(error, errno, "create '%s'", spare);
		return false;
	}
	if (!file_write_all(fd, text, length, error)) {
		g_prefix_error(error, "write '%s': ", spare);
		return false;
	}
	if (!ftruncate(fd, (off_t)length))
		return true;
	error_set_errno(error, errno, "write '%s'", spare);
	return false;
}

/*
 * No fsync: after a crash of the machine none of these processes runs any more. Who has the guard owns the spare file as well. It
 * changes places with the table and stays for the next time, since making and deleting files is slow, and since some file systems
 * begin to write to disk where a rename replaces a file.
 */
static bool replace(const char *path, const char *text, size_t length, GError **error)
{
	g_autofree char *spare = g_strconcat(path, SPARE, NULL);

	if (!write_spare(spare, text, length, error))
		return false;
	if (!renameat2(AT_FDCWD, spare, AT_FDCWD, path, RENAME_EXCHANGE) || !rename(spare, path))
		return true;
	error_set_errno(error, errno, "rename '%s'", spare);
	return false;
}

bool rwlock_save(struct rwlock *rwlock, GError **error)
{
	GString *text;

	if (!rwlock->changed)
		return true;
	text = json_write(rwlock->doc->root, JSON_COMPACT_PYTHON);
	rwlock->changed = !replace(rwlock->path, text->str, text->len, error);
	rwlock->length = text->len;
	g_free(rwlock->text);
	rwlock->text = g_string_free(text, FALSE);
	return !rwlock->changed;
}

void rwlock_close(struct rwlock *rwlock)
{
	/* What is not in the file has never been said. */
	if (rwlock->changed)
		forget_table(rwlock);
	rwlock->changed = false;
	g_clear_pointer(&rwlock->guard, lock_free);
}

void rwlock_free(struct rwlock *rwlock)
{
	if (!rwlock)
		return;
	rwlock_close(rwlock);
	forget_table(rwlock);
	g_hash_table_unref(rwlock->began);
	g_free(rwlock->path);
	g_free(rwlock);
}
