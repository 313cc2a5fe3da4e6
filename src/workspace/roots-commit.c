#include "workspace/roots-int.h"

#include "base/error.h"
#include "base/path.h"
#include "repo/revision.h"
#include "workspace/outputs-int.h"

#include <sys/stat.h>

/* A file of the commit that is being walked. */
struct found {
	char *path;
	char *blob;
};

static void found_free(struct found *found)
{
	g_free(found->path);
	g_free(found->blob);
	g_free(found);
}

/* A walk over many commits; what one of them holds is gathered, then taken as a whole. */
struct commit_walk {
	struct rooting *rooting;
	const char *commit; /* whose files are in `files`; NULL before the first */
	GPtrArray *files;   /* of struct found */
	GPtrArray *nested;  /* of char *: folders of nested projects */
};

static struct found *find(const struct commit_walk *walk, const char *path)
{
	for (guint i = 0; i < walk->files->len; i++) {
		struct found *found = walk->files->pdata[i];

		if (g_str_equal(found->path, path))
			return found;
	}
	return NULL;
}

/* Visit the outputs of a pipeline file with its lock, once for each pair of contents. */
static bool take_pipeline(struct commit_walk *walk, const struct found *file, const char *where, bool current,
			  GError **error)
{
	struct rooting *rooting = walk->rooting;
	const struct outputs_source source = {.ws = rooting->ws, .revision = walk->commit};
	const char *path = path_below(file->path, rooting->ws->git_prefix);
	g_autofree char *dir = path_parent(file->path), *lock = path_join(dir, rooting->ws->dialect->lock_name);
	const struct found *locked = find(walk, lock);
	const struct rooting_text text = {.path = file->path, .where = where, .current = current};
	autoptr(outputs) outputs = outputs_new();
	GError *reason = NULL;

	if (!g_hash_table_add(rooting->seen,
			      g_strconcat(file->path, "\n", file->blob, " ", locked ? locked->blob : "", NULL)))
		return true;
	if (!outputs_add_pipeline(outputs, &source, path, &reason) && !roots_add_problem(rooting, &text, reason, error))
		return false;
	return roots_take_outputs(rooting, outputs, where, current, error);
}

static bool is_nested(const struct commit_walk *walk, const char *path)
{
	for (guint i = 0; i < walk->nested->len; i++) {
		if (path_is_inside(path, walk->nested->pdata[i]))
			return true;
	}
	return false;
}

/* Take what the commit holds. */
static bool flush(struct commit_walk *walk, GError **error)
{
	struct rooting *rooting = walk->rooting;
	const struct dialect *dialect = rooting->ws->dialect;
	g_autofree char *where = walk->commit ? g_strdup_printf("commit %.10s", walk->commit) : NULL;
	bool current = walk->commit && g_str_equal(walk->commit, rooting->head);

	for (guint i = 0; i < walk->files->len; i++) {
		const struct found *file = walk->files->pdata[i];
		bool lock = g_str_equal(path_base(file->path), dialect->lock_name), ok;

		if (!rooting->everything && (lock || is_nested(walk, file->path)))
			continue;
		if (dialect_is_pipeline(dialect, file->path))
			ok = take_pipeline(walk, file, where, current, error);
		else
			ok = roots_take_blob(rooting, file->path, file->blob, where, current, error);
		if (!ok)
			return false;
	}
	g_ptr_array_set_size(walk->files, 0);
	g_ptr_array_set_size(walk->nested, 0);
	return true;
}

/* The folder that this file makes a nested project; NULL if it does not. New string. */
static char *nested_by(const struct commit_walk *walk, const char *path)
{
	g_autofree char *parent = path_parent(path);
	g_autofree char *dir = NULL;

	if (g_str_equal(path_base(path), dialect_native.marker))
		dir = g_steal_pointer(&parent);
	else if (g_str_equal(path_base(parent), dialect_dvc.marker))
		dir = path_parent(parent);
	if (!dir || g_str_equal(dir, walk->rooting->ws->git_prefix) ||
	    !path_is_inside(dir, walk->rooting->ws->git_prefix))
		return NULL;
	return g_steal_pointer(&dir);
}

static bool take_file(const struct revision_file *file, void *user, GError **error)
{
	struct commit_walk *walk = user;
	struct found *found;
	char *nested;

	if (walk->commit != file->commit) {
		if (!flush(walk, error))
			return false;
		walk->commit = file->commit;
	}
	if ((file->mode & S_IFMT) != S_IFREG)
		return true;
	nested = nested_by(walk, file->path);
	if (nested)
		g_ptr_array_add(walk->nested, nested);
	if (!roots_is_wanted(walk->rooting, file->path) ||
	    (!walk->rooting->everything && !path_is_inside(file->path, walk->rooting->ws->git_prefix)))
		return true;
	found = g_new(struct found, 1);
	found->path = g_strdup(file->path);
	found->blob = g_strdup(file->id);
	g_ptr_array_add(walk->files, found);
	return true;
}

static bool walk_commits(struct rooting *rooting, GPtrArray *commits, GError **error)
{
	struct commit_walk walk = {.rooting = rooting};
	bool ok;

	walk.files = g_ptr_array_new_with_free_func((GDestroyNotify)found_free);
	walk.nested = g_ptr_array_new_with_free_func(g_free);
	ok = revision_walk_many(rooting->ws->repo, commits, NULL, take_file, &walk, error) && flush(&walk, error);
	g_ptr_array_unref(walk.files);
	g_ptr_array_unref(walk.nested);
	return ok;
}

/* Add the commits of `from` that are not there yet; the list owns its strings and `known` borrows them. */
static void add_commits(GPtrArray *commits, GHashTable *known, GPtrArray *from)
{
	for (guint i = 0; i < from->len; i++) {
		if (g_hash_table_contains(known, from->pdata[i]))
			continue;

		char *id = g_strdup(from->pdata[i]);

		g_hash_table_add(known, id);
		g_ptr_array_add(commits, id);
	}
}

/* Add a named revision and as many first parents as were asked for. */
static bool add_revision(struct rooting *rooting, const char *name, GPtrArray *found, GError **error)
{
	char id[REVISION_ID_MAX];

	if (!revision_resolve(rooting->ws->repo, name, id, error))
		return false;
	g_ptr_array_add(found, g_strdup(id));
	for (int64_t i = 0; i < rooting->scope->ancestors; i++) {
		g_autofree char *parent = g_strdup_printf("%s^", id);

		if (!revision_resolve(rooting->ws->repo, parent, id, NULL))
			break;
		g_ptr_array_add(found, g_strdup(id));
	}
	return true;
}

static unsigned scopes_of(const struct roots_scope *scope)
{
	unsigned scopes = 0;

	scopes |= scope->branches ? REVISION_BRANCHES : 0;
	scopes |= scope->tags ? REVISION_TAGS : 0;
	scopes |= scope->remotes ? REVISION_REMOTES : 0;
	scopes |= scope->commits ? REVISION_ALL_COMMITS : 0;
	scopes |= scope->other_refs ? REVISION_OTHER_REFS : 0;
	scopes |= scope->reflogs ? REVISION_REFLOGS : 0;
	scopes |= scope->heads ? REVISION_HEADS : 0;
	return scopes;
}

/* The tips of experiments, by name. */
static bool add_experiments(struct rooting *rooting, GPtrArray *found, GError **error)
{
	g_autoptr(GPtrArray) refs = revision_refs(rooting->ws->repo, rooting->ws->dialect->experiment_refs, error);

	for (guint i = 0; refs && i < refs->len; i++) {
		char id[REVISION_ID_MAX];

		/* A reference that names no commit (DVC keeps some) holds no pointers. */
		if (revision_resolve(rooting->ws->repo, refs->pdata[i], id, NULL))
			g_ptr_array_add(found, g_strdup(id));
	}
	return refs;
}

/* All commits of the scope, each once. */
static GPtrArray *list_commits(struct rooting *rooting, GError **error)
{
	const struct roots_scope *scope = rooting->scope;
	g_autoptr(GPtrArray) commits = g_ptr_array_new_with_free_func(g_free), listed = NULL, since = NULL;
	g_autoptr(GPtrArray) named = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

	if (*rooting->head && (scope->heads || scope->commits))
		g_ptr_array_add(named, g_strdup(rooting->head));
	for (char **name = scope->revisions; name && *name; name++) {
		if (!add_revision(rooting, *name, named, error))
			return NULL;
	}
	if (scope->experiments && !add_experiments(rooting, named, error))
		return NULL;
	add_commits(commits, known, named);
	if (scope->since) {
		since = revision_since(rooting->ws->repo, scope->since, error);
		if (!since)
			return NULL;
		add_commits(commits, known, since);
	}
	if (!scopes_of(scope))
		return g_steal_pointer(&commits);
	listed = revision_list(rooting->ws->repo, scopes_of(scope), error);
	if (!listed)
		return NULL;
	add_commits(commits, known, listed);
	return g_steal_pointer(&commits);
}

bool roots_each_commit(struct rooting *rooting, GError **error)
{
	g_autoptr(GPtrArray) commits = list_commits(rooting, error);

	return commits && (!commits->len || walk_commits(rooting, commits, error));
}
