#include "pipeline/claims.h"

#include "base/error.h"
#include "workspace/rwlock.h"

#include <sys/stat.h>

struct claims {
	char *what;
	struct rwlock *rwlock;
	char *table;              /* where the table is */
	struct stat seen;         /* of the table as it was when we looked last; zero: there was none */
	bool others;              /* somebody else was in it */
	bool disturbed;           /* it changed under us; not told yet */
	GHashTable *stages;         /* set of const struct stage: those that have claims */
	GHashTable *reads, *writes; /* path -> how many of them */
};

/* How the table file looks now; zero if there is none. */
static struct stat look_at(const struct claims *claims)
{
	struct stat st;

	return stat(claims->table, &st) ? (struct stat){0} : st;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

struct claims *claims_new(struct workspace *ws, const char *what)
{
	struct claims *claims = g_new0(struct claims, 1);

	claims->what = g_strdup(what);
	claims->rwlock = rwlock_new(ws);
	claims->table = rwlock_path(ws);
	claims->seen = look_at(claims);
	/* Who is in it is not known yet. */
	claims->others = claims->seen.st_ino;
	claims->stages = g_hash_table_new(NULL, NULL);
	claims->reads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	claims->writes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return claims;
}

/* Call `each` for all paths that the stage uses until it says false; whether it never did. */
static bool for_each_path(const struct stage *stage, bool (*each)(const char *path, bool write, void *user), void *user)
{
	for (guint i = 0; i < stage->deps->len; i++) {
		const char *path = g_array_index(stage->deps, struct stage_dep, i).path;

		if (path && !each(path, false, user))
			return false;
	}
	for (guint i = 0; i < stage->params->len; i++) {
		if (!each(g_array_index(stage->params, struct stage_params, i).path, false, user))
			return false;
	}
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct output *output = g_array_index(stage->outs, struct stage_out, i).output;

		if (output && !each(output->path, true, user))
			return false;
	}
	return true;
}

/* What the callbacks below work on. */
struct change {
	struct claims *claims;
	char *holder;
	bool above; /* the holder runs us */
};

static bool is_path_free(const char *path, bool write, void *user)
{
	struct change *change = user;

	change->holder = rwlock_holder(change->claims->rwlock, path, write);
	change->above = change->holder && rwlock_is_held_above(change->claims->rwlock, path, write);
	return !change->holder;
}

static bool add_path(const char *path, bool write, void *user)
{
	struct change *change = user;
	GHashTable *held = write ? change->claims->writes : change->claims->reads;
	guint count = GPOINTER_TO_UINT(g_hash_table_lookup(held, path));

	if (!count)
		rwlock_add(change->claims->rwlock, path, write, change->claims->what);
	g_hash_table_insert(held, g_strdup(path), GUINT_TO_POINTER(count + 1));
	return true;
}

static bool remove_path(const char *path, bool write, void *user)
{
	struct change *change = user;
	GHashTable *held = write ? change->claims->writes : change->claims->reads;
	guint count = GPOINTER_TO_UINT(g_hash_table_lookup(held, path));

	if (count > 1) {
		g_hash_table_insert(held, g_strdup(path), GUINT_TO_POINTER(count - 1));
	} else if (count) {
		rwlock_remove(change->claims->rwlock, path, write);
		g_hash_table_remove(held, path);
	}
	return true;
}

/* Open the table and see whether it is another one than ours of the last time. */
static bool open_table(struct claims *claims, GError **error)
{
	g_autofree char *holder = NULL;
	struct stat now;

	if (!rwlock_open(claims->rwlock, error))
		return false;
	now = look_at(claims);
	holder = rwlock_holder(claims->rwlock, "", true);
	claims->disturbed |= !is_same(&now, &claims->seen);
	claims->seen = now;
	claims->others = holder;
	return true;
}

/* Write the table and remember how it looks. */
static bool save_table(struct claims *claims, GError **error)
{
	bool ok = rwlock_save(claims->rwlock, error);

	claims->seen = look_at(claims);
	return ok;
}

/* What it means that the holder of a path is not us; taken over. */
static enum claims_answer busy(struct change *change, const struct stage *stage, char **holder, GError **error)
{
	if (!change->above) {
		*holder = change->holder;
		return CLAIMS_BUSY;
	}
	error_set(error, ERROR_BUSY, "stage '%s' cannot run inside of %s: each would wait for the other", stage->address,
		  change->holder);
	error_hint(error, "a stage must not run what reads or writes its own files");
	g_free(change->holder);
	return CLAIMS_FAILED;
}

enum claims_answer claims_look(struct claims *claims, const struct stage *stage, char **holder, GError **error)
{
	struct change change = {.claims = claims};
	struct stat now = look_at(claims);
	bool free;

	if (is_same(&now, &claims->seen) && !claims->others)
		return CLAIMS_FREE;
	if (!open_table(claims, error))
		return CLAIMS_FAILED;
	free = for_each_path(stage, is_path_free, &change);
	rwlock_close(claims->rwlock);
	return free ? CLAIMS_FREE : busy(&change, stage, holder, error);
}

enum claims_answer claims_take(struct claims *claims, const struct stage *stage, char **holder, bool *disturbed,
			       GError **error)
{
	struct change change = {.claims = claims};
	enum claims_answer answer;

	if (!open_table(claims, error))
		return CLAIMS_FAILED;
	*disturbed = claims->disturbed;
	claims->disturbed = false;
	if (for_each_path(stage, is_path_free, &change)) {
		if (g_hash_table_add(claims->stages, (void *)stage))
			for_each_path(stage, add_path, &change);
		answer = save_table(claims, error) ? CLAIMS_FREE : CLAIMS_FAILED;
	} else {
		answer = busy(&change, stage, holder, error);
	}
	rwlock_close(claims->rwlock);
	return answer;
}

bool claims_drop(struct claims *claims, const GPtrArray *stages, GError **error)
{
	struct change change = {.claims = claims};
	bool ok;

	if (!stages->len)
		return true;
	if (!open_table(claims, error))
		return false;
	for (guint i = 0; i < stages->len; i++) {
		if (g_hash_table_remove(claims->stages, stages->pdata[i]))
			for_each_path(stages->pdata[i], remove_path, &change);
	}
	ok = save_table(claims, error);
	rwlock_close(claims->rwlock);
	return ok;
}

/* Everything that is left; a table that cannot be written will find us dead. */
static void drop_all(struct claims *claims)
{
	GHashTable *const held[] = {claims->reads, claims->writes};
	GHashTableIter iter;
	void *path;

	if (!g_hash_table_size(claims->reads) && !g_hash_table_size(claims->writes))
		return;
	if (!rwlock_open(claims->rwlock, NULL))
		return;
	for (int write = 0; write < 2; write++) {
		g_hash_table_iter_init(&iter, held[write]);
		while (g_hash_table_iter_next(&iter, &path, NULL))
			rwlock_remove(claims->rwlock, path, write);
	}
	rwlock_save(claims->rwlock, NULL);
}

void claims_free(struct claims *claims)
{
	if (!claims)
		return;
	drop_all(claims);
	g_hash_table_unref(claims->stages);
	g_hash_table_unref(claims->reads);
	g_hash_table_unref(claims->writes);
	rwlock_free(claims->rwlock);
	g_free(claims->table);
	g_free(claims->what);
	g_free(claims);
}
