#include "repo/revision.h"
#include "repo/object-int.h"
#include "repo/plumbing-int.h"
#include "repo/tree-int.h"

#include "base/error.h"
#include "base/quote.h"

#include <string.h>

bool revision_resolve(struct repo *repo, const char *rev, char id[REVISION_ID_MAX], GError **error)
{
	g_autofree char *shown = quote_path(rev), *name = NULL;
	g_autoptr(GError) failure = NULL;
	struct object commit;

	/* "^rev" and "a..b" are no commits either, but git knows that by itself. */
	if (*rev == '\0' || *rev == '-' || strchr(rev, '\n')) {
		error_set(error, ERROR_NOT_FOUND, "'%s' is not a revision", shown);
		return false;
	}
	/* All that follows ":/" is sought in messages, and finds commits only. */
	name = g_strconcat(rev, g_str_has_prefix(rev, ":/") ? "" : "^{commit}", NULL);
	if (object_find(repo, name, OBJECT_LIMIT, id, &commit, &failure)) {
		g_free(commit.data);
		return true;
	}
	if (error_is(failure, ERROR_NOT_FOUND))
		error_set(error, ERROR_NOT_FOUND, "no commit is named '%s'", shown);
	else
		g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

bool revision_has_head(struct repo *repo)
{
	char id[REVISION_ID_MAX];

	return revision_resolve(repo, "HEAD", id, NULL);
}

bool revision_tree(struct repo *repo, const char *id, char tree[REVISION_ID_MAX], GError **error)
{
	struct object commit;
	const char *end = NULL;
	bool good;

	if (!object_read(repo, id, OBJECT_LIMIT, &commit, error))
		return false;
	good = commit.type == OBJECT_COMMIT && g_str_has_prefix(commit.data, "tree ") &&
	       (end = strchr(commit.data, '\n')) && end - commit.data - strlen("tree ") < REVISION_ID_MAX;
	if (good)
		g_strlcpy(tree, commit.data + strlen("tree "), end - commit.data - strlen("tree ") + 1);
	else
		error_set(error, ERROR_CORRUPT, "object '%s' is not a commit", id);
	g_free(commit.data);
	return good;
}

bool revision_read_blob(struct repo *repo, const char *blob, size_t limit, char **data, size_t *length, GError **error)
{
	struct object object;

	if (!object_read(repo, blob, limit, &object, error))
		return false;
	if (object.type != OBJECT_BLOB) {
		g_free(object.data);
		error_set(error, ERROR_NOT_FOUND, "object '%s' is not a file", blob);
		return false;
	}
	*data = object.data;
	if (length)
		*length = object.length;
	return true;
}

bool revision_read(struct repo *repo, const char *id, const char *path, size_t limit, char **data, size_t *length,
		   GError **error)
{
	g_autofree char *shown = quote_path(path);
	char found[REVISION_ID_MAX];
	unsigned mode = 0;

	if (!revision_tree(repo, id, found, error) || !tree_find(repo, found, path, &mode, error)) {
		g_prefix_error(error, "'%s' in commit %.12s: ", shown, id);
		return false;
	}
	if (mode == 0 || TREE_IS_DIR(mode) || TREE_IS_SUBMODULE(mode)) {
		error_set(error, ERROR_NOT_FOUND, "commit %.12s has no file '%s'", id, shown);
		return false;
	}
	if (revision_read_blob(repo, found, limit, data, length, error))
		return true;
	g_prefix_error(error, "'%s' in commit %.12s: ", shown, id);
	return false;
}

GPtrArray *revision_refs(struct repo *repo, const char *prefix, GError **error)
{
	const char *const args[] = {"for-each-ref", "--sort=refname", "--format=%(refname)", "--", prefix, NULL};
	g_autofree char *out = plumbing_output(repo, args, NULL, error);
	GPtrArray *refs;
	char *end;

	if (!out)
		return NULL;
	refs = g_ptr_array_new_with_free_func(g_free);
	for (char *name = out; (end = strchr(name, '\n')); name = end + 1)
		g_ptr_array_add(refs, g_strndup(name, end - name));
	return refs;
}

char *revision_branch(struct repo *repo)
{
	const char *const args[] = {"symbolic-ref", "--quiet", "--short", "HEAD", NULL};
	char *out = plumbing_output(repo, args, NULL, NULL);

	return out ? g_strchomp(out) : NULL;
}
