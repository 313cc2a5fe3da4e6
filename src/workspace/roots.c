#include "workspace/roots-int.h"

#include "base/error.h"
#include "base/path.h"
#include "repo/revision.h"

const struct roots_scope roots_scope_all = {
	.workspace = true,
	.worktrees = true,
	.branches = true,
	.remotes = true,
	.tags = true,
	.commits = true,
	.experiments = true,
	.other_refs = true,
	.reflogs = true,
	.heads = true,
};

void roots_problem_free(struct roots_problem *problem)
{
	g_free(problem->where);
	g_free(problem->file);
	g_free(problem->text);
	g_free(problem->source);
	g_free(problem);
}

bool roots_add_problem(struct rooting *rooting, const struct rooting_text *text, GError *reason, GError **error)
{
	struct roots_problem *problem;

	if (!rooting->problems || error_is(reason, ERROR_CANCELLED)) {
		g_propagate_prefixed_error(error, reason, "in %s: ", text->where);
		return false;
	}
	problem = g_new(struct roots_problem, 1);
	problem->where = g_strdup(text->where);
	problem->file = g_strdup(text->path);
	problem->text = g_strdup(reason->message);
	problem->current = text->current;
	problem->source = text->text ? g_strndup(text->text, text->length) : NULL;
	g_ptr_array_add(rooting->problems, problem);
	g_error_free(reason);
	return true;
}

static bool visit_list(struct rooting *rooting, const struct outputs *outputs, const char *where, GError **error)
{
	for (guint i = 0; i < outputs->list->len; i++) {
		const struct output *output = outputs->list->pdata[i];

		if (!oid_is_none(&output->oid) && !rooting->visit(output, where, rooting->user, error))
			return false;
	}
	return true;
}

bool roots_take_outputs(struct rooting *rooting, const struct outputs *outputs, const char *where, bool current,
			GError **error)
{
	const struct rooting_text text = {.path = "", .where = where, .current = current};

	for (guint i = 0; i < outputs->problems->len; i++) {
		if (!roots_add_problem(rooting, &text, g_error_copy(outputs->problems->pdata[i]), error))
			return false;
	}
	return visit_list(rooting, outputs, where, error);
}

bool roots_take_text(struct rooting *rooting, const struct rooting_text *text, GError **error)
{
	const char *below = path_below(text->path, rooting->ws->git_prefix);
	g_autoptr(GError) reason = NULL;
	autoptr(outputs) outputs = NULL;

	outputs = outputs_read(rooting->ws, below ? below : text->path, text->text, text->length, &reason);
	if (!outputs)
		return roots_add_problem(rooting, text, g_steal_pointer(&reason), error);
	/* An output that is refused still names an object. */
	for (guint i = 0; i < outputs->problems->len; i++) {
		if (!roots_add_problem(rooting, text, g_error_copy(outputs->problems->pdata[i]), error))
			return false;
	}
	return visit_list(rooting, outputs, text->where, error);
}

bool roots_take_blob(struct rooting *rooting, const char *path, const char *blob, const char *where, bool current,
		     GError **error)
{
	struct rooting_text text = {.path = path, .where = where, .current = current};
	g_autofree char *data = NULL;
	GError *reason = NULL;

	if (!g_hash_table_add(rooting->seen, g_strconcat(path, "\n", blob, NULL)))
		return true;
	if (!revision_read_blob(rooting->ws->repo, blob, POINTER_SIZE_LIMIT, &data, &text.length, &reason))
		return roots_add_problem(rooting, &text, reason, error);
	text.text = data;
	return roots_take_text(rooting, &text, error);
}

bool roots_is_wanted(const struct rooting *rooting, const char *path)
{
	const struct dialect *dialect = rooting->ws->dialect;

	return dialect_is_pointer(dialect, path) || g_str_equal(path_base(path), dialect->lock_name) ||
	       (!rooting->everything && dialect_is_pipeline(dialect, path));
}

static bool each(struct rooting *rooting, GError **error)
{
	bool ok;

	rooting->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	ok = !revision_has_head(rooting->ws->repo) || revision_resolve(rooting->ws->repo, "HEAD", rooting->head, error);
	ok = ok && roots_each_worktree(rooting, error) && roots_each_commit(rooting, error);
	g_hash_table_unref(rooting->seen);
	return ok;
}

bool roots_each(struct workspace *ws, const struct roots_scope *scope, roots_visit visit, void *user,
		GPtrArray *problems, GError **error)
{
	struct rooting rooting = {.ws = ws, .scope = scope, .visit = visit, .user = user, .problems = problems};

	return each(&rooting, error);
}

bool roots_each_shared(struct workspace *ws, const struct roots_scope *scope, roots_visit visit, void *user,
		       GPtrArray *problems, GError **error)
{
	struct rooting rooting = {
		.ws = ws, .scope = scope, .visit = visit, .user = user, .problems = problems, .everything = true};

	return each(&rooting, error);
}
