#include "workspace/roots.h"

#include "base/error.h"
#include "base/path.h"
#include "repo/revision.h"
#include "repo/worktree.h"
#include "workspace/outputs-int.h"

#include <sys/stat.h>

/* Most commits that -n may ask for before each --rev. */
#define ANCESTOR_LIMIT 1000000

const struct roots_scope roots_scope_all = {
	.workspace = true, .worktrees = true, .branches = true, .remotes = true, .tags = true, .commits = true,
	.experiments = true, .other_refs = true, .reflogs = true, .heads = true,
};

void roots_problem_free(struct roots_problem *problem)
{
	g_free(problem->where);
	g_free(problem->file);
	g_free(problem->text);
	g_free(problem->source);
	g_free(problem);
}

/* A visit under way. */
struct rounds {
	struct workspace *ws;
	roots_visit visit;
	void *user;
	GPtrArray *problems; /* NULL: the first one is the error */
	GHashTable *seen;    /* "BLOB FILE" of texts that were read; keys owned */
	const char *where;   /* in words, for an index; NULL: the commit that is walked */
	bool current;        /* what cannot be read here must stop a collection */
	char head[REVISION_ID_MAX]; /* "" before the first commit */
};

/* Note what could not be read; takes cause and source. false if that ends the visit. */
static bool problem_add(struct rounds *rounds, const char *where, const char *file, GError *cause, char *source,
			GError **error)
{
	struct roots_problem *problem;

	if (!rounds->problems || error_is(cause, ERROR_CANCELLED)) {
		g_free(source);
		g_propagate_prefixed_error(error, cause, "%s: ", where);
		return false;
	}
	problem = g_new0(struct roots_problem, 1);
	problem->where = g_strdup(where);
	problem->file = g_strdup(file);
	problem->text = g_strdup(cause->message);
	problem->current = rounds->current;
	problem->source = source;
	g_ptr_array_add(rounds->problems, problem);
	g_error_free(cause);
	return true;
}

static bool visit_outputs(struct rounds *rounds, const struct outputs *outputs, const char *where, GError **error)
{
	for (guint i = 0; i < outputs->list->len; i++)
		if (!rounds->visit(outputs->list->pdata[i], where, rounds->user, error))
			return false;
	return true;
}

/* The outputs of a whole loaded project: of this worktree or another one. */
static bool visit_project(struct rounds *rounds, struct workspace *ws, const char *where, GError **error)
{
	autoptr(outputs) outputs = outputs_load(ws, NULL, error);

	if (!outputs || !visit_outputs(rounds, outputs, where, error))
		return false;
	for (guint i = 0; i < outputs->problems->len; i++) {
		const GError *cause = outputs->problems->pdata[i];

		if (!problem_add(rounds, where, "", g_error_copy(cause), NULL, error))
			return false;
	}
	return true;
}

/*
 * The outputs of a lock file in a commit: with the flags that its pipeline file gives them, or without where that cannot be
 * read, since the hashes are in the lock.
 */
static struct outputs *read_lock(struct rounds *rounds, const struct revision_file *file, const char *path,
				 const char *text, size_t length, GError **error)
{
	autoptr(outputs) outputs = outputs_new();
	const struct outputs_source source = {rounds->ws, file->commit};
	g_autofree char *dir = path_parent(path), *pipeline = path_join(dir, rounds->ws->dialect->pipeline_name);

	if (file->commit && outputs_add_pipeline(outputs, &source, pipeline, NULL))
		return g_steal_pointer(&outputs);
	return outputs_read(rounds->ws, path, text, length, error);
}

/* A file of a commit or an index, which may be a pointer or a lock. Each text is read once. */
static bool visit_file(const struct revision_file *file, void *user, GError **error)
{
	struct rounds *rounds = user;
	const struct dialect *dialect = rounds->ws->dialect;
	const char *path = path_below(file->path, rounds->ws->git_prefix);
	bool lock = path && g_str_equal(path_base(path), dialect->lock_name);
	g_autofree char *text = NULL, *where = NULL;
	autoptr(outputs) outputs = NULL;
	GError *cause = NULL;
	size_t length = 0;

	if (!path || !*path || (file->mode & S_IFMT) != S_IFREG || !(lock || dialect_is_pointer(dialect, path)) ||
	    !g_hash_table_add(rounds->seen, g_strconcat(file->id, " ", path, NULL)))
		return true;
	where = rounds->where ? g_strdup(rounds->where) : g_strdup_printf("commit %.10s", file->commit);
	if (revision_read_blob(rounds->ws->repo, file->id, POINTER_SIZE_LIMIT, &text, &length, &cause))
		outputs = lock ? read_lock(rounds, file, path, text, length, &cause)
			       : outputs_read(rounds->ws, path, text, length, &cause);
	if (!outputs) {
		bool current = rounds->current;
		bool going_on;

		rounds->current = current || (file->commit && g_str_equal(file->commit, rounds->head));
		going_on = problem_add(rounds, where, path, cause, g_steal_pointer(&text), error);
		rounds->current = current;
		return going_on;
	}
	return visit_outputs(rounds, outputs, where, error);
}

/* Add what `rev` names and the first parents before it, as far as there are any. */
static bool add_revision(struct rounds *rounds, const char *rev, int64_t ancestors, GPtrArray *commits, GError **error)
{
	char id[REVISION_ID_MAX];

	if (!revision_resolve(rounds->ws->repo, rev, id, error))
		return false;
	g_ptr_array_add(commits, g_strdup(id));
	for (int64_t i = 1; i <= MIN(ancestors, ANCESTOR_LIMIT); i++) {
		g_autofree char *older = g_strdup_printf("%s~1", id);

		if (!revision_resolve(rounds->ws->repo, older, id, NULL))
			break;
		g_ptr_array_add(commits, g_strdup(id));
	}
	return true;
}

/* Add the strings of `more`, which may be NULL after an error. */
static bool add_all(GPtrArray *commits, GPtrArray *more)
{
	if (!more)
		return false;
	for (guint i = 0; i < more->len; i++)
		g_ptr_array_add(commits, g_strdup(more->pdata[i]));
	g_ptr_array_unref(more);
	return true;
}

static bool add_experiments(struct rounds *rounds, GPtrArray *commits, GError **error)
{
	g_autoptr(GPtrArray) refs = revision_refs(rounds->ws->repo, rounds->ws->dialect->experiment_refs, error);

	for (guint i = 0; refs && i < refs->len; i++)
		if (!add_revision(rounds, refs->pdata[i], 0, commits, error))
			return false;
	return refs != NULL;
}

/* Every commit of the scope. */
static GPtrArray *scope_commits(struct rounds *rounds, const struct roots_scope *scope, GError **error)
{
	g_autoptr(GPtrArray) commits = g_ptr_array_new_with_free_func(g_free);
	unsigned scopes = (scope->branches ? REVISION_BRANCHES : 0) | (scope->tags ? REVISION_TAGS : 0) |
			  (scope->remotes ? REVISION_REMOTES : 0) | (scope->commits ? REVISION_ALL_COMMITS : 0) |
			  (scope->other_refs ? REVISION_OTHER_REFS : 0) | (scope->reflogs ? REVISION_REFLOGS : 0) |
			  (scope->heads ? REVISION_HEADS : 0);

	/* HEAD comes first: then a broken text that HEAD still has is met there, and known to be current. */
	if (*rounds->head && scopes)
		g_ptr_array_add(commits, g_strdup(rounds->head));
	if (scopes && !add_all(commits, revision_list(rounds->ws->repo, scopes, error)))
		return NULL;
	if (scope->experiments && !add_experiments(rounds, commits, error))
		return NULL;
	if (scope->since && !add_all(commits, revision_since(rounds->ws->repo, scope->since, error)))
		return NULL;
	for (char **rev = scope->revisions; rev && *rev; rev++)
		if (!add_revision(rounds, *rev, scope->ancestors, commits, error))
			return NULL;
	return g_steal_pointer(&commits);
}

/* Pointers on disk in another worktree, if it is there and holds the project. */
static bool visit_other_worktree(struct rounds *rounds, const struct worktree *worktree, const char *where, GError **error)
{
	g_autofree char *root = path_join(worktree->path, rounds->ws->git_prefix);
	const struct dialect *dialect = NULL;
	g_autofree char *found = workspace_find_root(root, worktree->path, &dialect);
	autoptr(repo) repo = NULL;
	autoptr(config) config = NULL;
	autoptr(workspace) ws = NULL;

	if (!found || !g_str_equal(found, root) || dialect != rounds->ws->dialect)
		return true;
	repo = repo_open_at(worktree->path, error);
	config = repo ? config_read(repo, error) : NULL;
	ws = config ? workspace_open_at(repo, config, root, error) : NULL;
	return ws && visit_project(rounds, ws, where, error);
}

/* The Git index of every worktree and the pointers on disk in the others. */
static bool visit_worktrees(struct rounds *rounds, GError **error)
{
	g_autoptr(GPtrArray) worktrees = worktree_list(rounds->ws->repo, error);

	for (guint i = 0; worktrees && i < worktrees->len; i++) {
		const struct worktree *worktree = worktrees->pdata[i];
		const char *place = worktree->path ? worktree->path : worktree->git_dir;
		g_autofree char *index = g_strdup_printf("the index of %s", place);
		bool other = worktree->path && g_strcmp0(worktree->path, rounds->ws->repo->work_tree) != 0;
		bool done;

		rounds->where = index;
		done = worktree_index(rounds->ws->repo, worktree->git_dir, visit_file, rounds, error);
		rounds->where = NULL;
		if (!done || (other && !worktree->missing && !visit_other_worktree(rounds, worktree, place, error)))
			return false;
	}
	return worktrees != NULL;
}

bool roots_each(struct workspace *ws, const struct roots_scope *scope, roots_visit visit, void *user, GPtrArray *problems,
		GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct rounds rounds = {.ws = ws, .visit = visit, .user = user, .problems = problems, .seen = seen, .current = true};
	g_autoptr(GPtrArray) commits = NULL;

	if (scope->workspace && ws->root && !visit_project(&rounds, ws, "the workspace", error))
		return false;
	if (scope->worktrees && !visit_worktrees(&rounds, error))
		return false;
	rounds.current = false;
	if (revision_has_head(ws->repo) && !revision_resolve(ws->repo, "HEAD", rounds.head, error))
		return false;
	commits = scope_commits(&rounds, scope, error);
	return commits && revision_walk_many(ws->repo, commits, NULL, visit_file, &rounds, error);
}
