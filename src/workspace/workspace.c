#include "workspace/workspace-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "hash/digest.h"
#include "repo/revision.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

/* Whether the folder `dir` is the root of a project of this dialect: a marker that is a file natively, a folder in DVC.
 */
static bool is_root(const char *dir, const struct dialect *dialect)
{
	g_autofree char *marker = path_join(dir, dialect->marker);
	struct stat st;

	if (stat(marker, &st))
		return false;
	return dialect == &dialect_dvc ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode);
}

char *workspace_find_root(const char *dir, const char *top, const struct dialect **dialect)
{
	g_autofree char *at = g_strdup(dir);

	while (path_is_inside(at, top)) {
		for (const struct dialect *const *d = dialect_all; *d; d++) {
			if (is_root(at, *d)) {
				*dialect = *d;
				return g_steal_pointer(&at);
			}
		}
		if (g_str_equal(at, "/"))
			break;
		char *parent = path_parent(at);

		g_free(at);
		at = parent;
	}
	return NULL;
}

/* Where the index and the locks are. Projects below the top of the work tree have a place of their own. */
static char *place_state(const struct workspace *ws)
{
	g_autofree char *base = NULL, *name = NULL;
	char text[OID_TEXT_MAX];
	struct oid oid;

	if (ws->dialect == &dialect_dvc && ws->root) {
		base = path_join(ws->root, dialect_dvc.marker);
		return path_join(base, "tmp/mlv");
	}
	base = path_join(ws->repo->git_dir, "mlv");
	if (!*ws->git_prefix)
		return g_steal_pointer(&base);
	digest_bytes(ws->git_prefix, strlen(ws->git_prefix), OID_SHA256, &oid);
	name = g_strdup_printf("projects/%.16s", oid_text(&oid, text));
	return path_join(base, name);
}

static struct workspace *workspace_new(struct repo *repo, const struct config *config, const struct dialect *dialect)
{
	struct workspace *ws = g_new0(struct workspace, 1);

	ws->repo = repo;
	ws->config = config;
	ws->dialect = dialect;
	ws->root_fd = -1;
	ws->lazy = g_new0(struct workspace_lazy, 1);
	return ws;
}

/* What both kinds of opening end with. */
static struct workspace *finish(struct workspace *opened, GError **error)
{
	autoptr(workspace) ws = opened;

	ws->state_dir = place_state(ws);
	ws->settings = settings_read(ws->repo, ws->config, ws->dialect, ws->root, error);
	return ws->settings ? g_steal_pointer(&ws) : NULL;
}

static struct workspace *open_root(struct repo *repo, const struct config *config, const char *root,
				   const struct dialect *dialect, GError **error)
{
	autoptr(workspace) ws = workspace_new(repo, config, dialect);
	g_autofree char *cwd = g_get_current_dir();
	const char *below = path_below(root, repo->work_tree), *at = path_below(cwd, root);

	ws->root = g_strdup(root);
	ws->git_prefix = g_strdup(below ? below : "");
	ws->cwd = g_strdup(at ? at : "");
	ws->root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ws->root_fd < 0) {
		error_set_errno(error, errno, "open '%s'", root);
		return NULL;
	}
	return finish(g_steal_pointer(&ws), error);
}

static void set_no_project(GError **error, const char *dir)
{
	error_set(error, ERROR_NOT_FOUND, "'%s' is not in a git-mlv or DVC project", dir);
	error_hint(error, "git mlv init");
}

/* Which dialect the project at the top of HEAD's tree speaks; NULL if there is none. */
static const struct dialect *dialect_of_head(struct repo *repo)
{
	char head[REVISION_ID_MAX];

	if (!revision_has_head(repo) || !revision_resolve(repo, "HEAD", head, NULL))
		return NULL;
	for (const struct dialect *const *d = dialect_all; *d; d++) {
		g_autofree char *path = *d == &dialect_dvc ? path_join((*d)->marker, "config") : g_strdup((*d)->marker);
		g_autofree char *text = NULL;

		if (revision_read(repo, head, path, G_MAXSSIZE, &text, NULL, NULL))
			return *d;
	}
	return NULL;
}

static struct workspace *open_bare(struct repo *repo, const struct config *config, const struct dialect *dialect,
				   GError **error)
{
	struct workspace *ws = workspace_new(repo, config, dialect);

	ws->git_prefix = g_strdup("");
	ws->cwd = g_strdup("");
	return finish(ws, error);
}

bool workspace_locate(struct repo *repo, char **root, const struct dialect **dialect, GError **error)
{
	g_autofree char *cwd = g_get_current_dir();

	*root = NULL;
	if (repo->work_tree)
		*root = workspace_find_root(path_is_inside(cwd, repo->work_tree) ? cwd : repo->work_tree,
					    repo->work_tree, dialect);
	else
		*dialect = dialect_of_head(repo);
	if (*root || (!repo->work_tree && *dialect))
		return true;
	set_no_project(error, repo->work_tree ? cwd : repo->git_dir);
	return false;
}

struct workspace *workspace_open(struct repo *repo, const struct config *config, GError **error)
{
	g_autofree char *root = NULL;
	const struct dialect *dialect;

	if (!workspace_locate(repo, &root, &dialect, error))
		return NULL;
	return root ? open_root(repo, config, root, dialect, error) : open_bare(repo, config, dialect, error);
}

struct workspace *workspace_open_at(struct repo *repo, const struct config *config, const char *root, GError **error)
{
	g_autofree char *real = realpath(root, NULL);

	if (!real) {
		error_set_errno(error, errno, "open '%s'", root);
		return NULL;
	}
	for (const struct dialect *const *d = dialect_all; *d; d++) {
		if (is_root(real, *d))
			return open_root(repo, config, real, *d, error);
	}
	set_no_project(error, real);
	return NULL;
}

void workspace_free(struct workspace *ws)
{
	struct workspace_lazy *lazy;

	if (!ws)
		return;
	lazy = ws->lazy;
	if (lazy->index)
		index_free(lazy->index);
	if (lazy->store)
		store_free(lazy->store);
	if (lazy->ignore)
		ignore_free(lazy->ignore);
	g_clear_pointer(&lazy->documents, g_ptr_array_unref);
	g_clear_pointer(&lazy->nested, g_ptr_array_unref);
	g_clear_pointer(&lazy->ruled, g_hash_table_unref);
	workspace_unlock(ws);
	g_free(lazy);
	if (ws->settings)
		settings_free(ws->settings);
	if (ws->root_fd >= 0)
		close(ws->root_fd);
	g_free(ws->root);
	g_free(ws->git_prefix);
	g_free(ws->cwd);
	g_free(ws->state_dir);
	g_free(ws);
}

struct store *workspace_store(struct workspace *ws, GError **error)
{
	if (!ws->lazy->store)
		ws->lazy->store = store_open(ws->settings->store_root, &ws->settings->store, error);
	return ws->lazy->store;
}

unsigned workspace_set_aside(const struct workspace *ws)
{
	return ws->lazy->store ? __atomic_load_n(&ws->lazy->store->set_aside, __ATOMIC_RELAXED) : 0;
}

bool workspace_make_state_dir(struct workspace *ws, GError **error)
{
	return file_make_dirs(ws->state_dir, error);
}

struct index *workspace_index(struct workspace *ws, GError **error)
{
	g_autofree char *dir = NULL;

	if (!ws->lazy->index) {
		dir = path_join(ws->state_dir, "index");
		ws->lazy->index = index_open(dir, ws->root_fd, error);
	}
	return ws->lazy->index;
}

char *workspace_git_path(const struct workspace *ws, const char *path)
{
	return path_join(ws->git_prefix, path);
}

/* What is left of an absolute path below the root when the folders that lead there may be links; NULL if it lies
 * outside. */
static const char *below_root(const struct workspace *ws, const char *absolute)
{
	const char *below = path_below(absolute, ws->root);

	if (below)
		return below;
	for (const char *end = absolute + 1; end; end = *end ? end + 1 : NULL) {
		g_autofree char *above = NULL, *real = NULL;

		end += strcspn(end, "/");
		above = g_strndup(absolute, (gsize)(end - absolute));
		real = realpath(above, NULL);
		if (!real)
			return NULL;
		if (g_str_equal(real, ws->root))
			return *end ? end + 1 : end;
	}
	return NULL;
}

/* The same without a work tree: a path from the top of the project's tree; NULL if it can be none. New string. */
static char *path_in_tree(const char *argument)
{
	g_autofree char *normal = path_normal(argument);

	return *argument && *normal != '/' && !path_is_inside(normal, "..") ? g_steal_pointer(&normal) : NULL;
}

char *workspace_path(const struct workspace *ws, const char *argument, GError **error)
{
	g_autofree char *cwd = g_get_current_dir();
	g_autofree char *joined = path_join(cwd, argument);
	g_autofree char *absolute = path_normal(joined);
	const char *below = ws->root && *argument ? below_root(ws, absolute) : NULL;
	char *path = ws->root ? g_strdup(below) : path_in_tree(argument);

	if (!path)
		error_set(error, ERROR_USAGE, "'%s' is outside of the project '%s'", argument,
			  ws->root ? ws->root : ws->repo->git_dir);
	return path;
}

char *workspace_show_path(const struct workspace *ws, const char *path)
{
	g_autofree char *to = NULL, *from = NULL;

	if (!*ws->cwd)
		return g_strdup(*path ? path : ".");
	to = path_join(ws->root, path);
	from = path_join(ws->root, ws->cwd);
	return path_relative(to, from);
}
