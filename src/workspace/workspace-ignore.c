#include "workspace/workspace-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "repo/worktree.h"

/* Longest ignore file accepted, in bytes. */
#define IGNORE_SIZE_LIMIT ((size_t)16 << 20)

/* Append text so that a glob (Git's pathspecs, gitignore rules) takes every character as itself. */
static void append_literal(GString *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("*?[]\\!#", *text))
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
}

/* The pathspec for every file of that name pattern in the project. */
static char *pathspec(const struct workspace *ws, const char *pattern)
{
	GString *out = g_string_new(":(top,glob)");

	append_literal(out, ws->git_prefix);
	g_string_append_printf(out, "%s**/%s", *ws->git_prefix ? "/" : "", pattern);
	return g_string_free(out, false);
}

GPtrArray *workspace_documents(struct workspace *ws, GError **error)
{
	const struct dialect *dialect = ws->dialect;
	g_autofree char *suffix = g_strconcat("*", dialect->pointer_suffix, NULL);
	g_autofree char *dvc_marker = path_join(dialect_dvc.marker, "config");
	const char *const patterns[] = {suffix, dialect->pipeline_name, dialect->ignore_name, dialect_native.marker,
					dvc_marker};
	g_autoptr(GPtrArray) found = NULL;
	g_autoptr(GPtrArray) specs = g_ptr_array_new_with_free_func(g_free);
	GPtrArray *files;

	if (ws->lazy->documents)
		return ws->lazy->documents;
	for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++)
		g_ptr_array_add(specs, pathspec(ws, patterns[i]));
	g_ptr_array_add(specs, NULL);
	found = worktree_files(ws->repo, (const char *const *)specs->pdata, error);
	if (!found)
		return NULL;
	files = g_ptr_array_new_full(found->len, g_free);
	for (guint i = 0; i < found->len; i++) {
		const char *below = path_below(found->pdata[i], ws->git_prefix);

		if (below)
			g_ptr_array_add(files, g_strdup(below));
	}
	ws->lazy->documents = files;
	return files;
}

/* The folder that a marker makes a project, relative to the root; NULL if the path is no marker. New string. */
static char *project_of(const char *path)
{
	g_autofree char *parent = path_parent(path);

	if (g_str_equal(path_base(path), dialect_native.marker))
		return g_steal_pointer(&parent);
	if (g_str_equal(path_base(path), "config") && g_str_equal(path_base(parent), dialect_dvc.marker))
		return path_parent(parent);
	return NULL;
}

/* Ignore the folder of a nested project, and remember it. */
static void leave_out(struct workspace *ws, const char *dir)
{
	g_autoptr(GString) rule = g_string_new("/");

	append_literal(rule, dir);
	g_string_append(rule, "/\n");
	ignore_add(ws->lazy->ignore, "", "", rule->str, rule->len);
	g_ptr_array_add(ws->lazy->nested, g_strdup(dir));
}

bool workspace_add_rules(struct workspace *ws, const char *path, GError **error)
{
	g_autofree char *full = path_join(ws->root, path), *dir = path_parent(path), *text = NULL;
	g_autoptr(GError) reason = NULL;
	size_t length;

	if (!g_hash_table_add(ws->lazy->ruled, g_strdup(path)))
		return true;
	if (file_read(full, IGNORE_SIZE_LIMIT, &text, &length, &reason)) {
		ignore_add(ws->lazy->ignore, dir, path, text, length);
		return true;
	}
	if (error_is(reason, ERROR_NOT_FOUND))
		return true;
	g_propagate_error(error, g_steal_pointer(&reason));
	return false;
}

static gint by_depth(gconstpointer a, gconstpointer b)
{
	const char *const *x = a, *const *y = b;
	size_t depth[2] = {0, 0};

	for (const char *p = *x; *p; p++)
		depth[0] += *p == '/';
	for (const char *p = *y; *p; p++)
		depth[1] += *p == '/';
	return depth[0] != depth[1] ? (depth[0] < depth[1] ? -1 : 1) : strcmp(*x, *y);
}

/* The ignore files, those of outer folders first, so that the rules of a folder are known before its inner files are
 * looked at. */
static GPtrArray *list_ignore_files(struct workspace *ws, GError **error)
{
	GPtrArray *documents = workspace_documents(ws, error), *files;

	if (!documents)
		return NULL;
	files = g_ptr_array_new();
	g_ptr_array_add(files, (void *)ws->dialect->ignore_name);
	for (guint i = 0; i < documents->len; i++) {
		const char *path = documents->pdata[i];
		g_autofree char *project = project_of(path);

		if (project && *project)
			leave_out(ws, project);
		else if (strchr(path, '/') && g_str_equal(path_base(path), ws->dialect->ignore_name))
			g_ptr_array_add(files, (void *)path);
	}
	g_ptr_array_sort(files, by_depth);
	return files;
}

struct ignore *workspace_ignore(struct workspace *ws, GError **error)
{
	g_autoptr(GPtrArray) files = NULL;

	if (ws->lazy->ignore)
		return ws->lazy->ignore;
	ws->lazy->ignore = ignore_new();
	ws->lazy->nested = g_ptr_array_new_with_free_func(g_free);
	ws->lazy->ruled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	files = list_ignore_files(ws, error);
	for (guint i = 0; files && i < files->len; i++) {
		g_autofree char *dir = path_parent(files->pdata[i]);

		if (*dir && ignore_match(ws->lazy->ignore, files->pdata[i], false, NULL))
			continue;
		if (!workspace_add_rules(ws, files->pdata[i], error))
			g_clear_pointer(&files, g_ptr_array_unref);
	}
	if (!files) {
		g_clear_pointer(&ws->lazy->ignore, ignore_free);
		g_clear_pointer(&ws->lazy->nested, g_ptr_array_unref);
		g_clear_pointer(&ws->lazy->ruled, g_hash_table_unref);
	}
	return ws->lazy->ignore;
}

bool workspace_is_nested(const struct workspace *ws, const char *path)
{
	for (guint i = 0; ws->lazy->nested && i < ws->lazy->nested->len; i++) {
		if (path_is_inside(path, ws->lazy->nested->pdata[i]))
			return true;
	}
	return false;
}
