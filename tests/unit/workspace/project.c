#include "project.h"

#include "base/file.h"
#include "base/path.h"
#include "hash/digest.h"
#include "workspace/scan.h"

#include <stdarg.h>
#include <sys/stat.h>

static void open_all(struct project *project)
{
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(chdir(project->root), ==, 0);
	project->repo = repo_open(&error);
	g_assert_no_error(error);
	project->config = config_read(project->repo, &error);
	g_assert_no_error(error);
	project->ws = workspace_open(project->repo, project->config, &error);
	g_assert_no_error(error);
}

static void close_all(struct project *project)
{
	g_clear_pointer(&project->ws, workspace_free);
	g_clear_pointer(&project->config, config_free);
	g_clear_pointer(&project->repo, repo_free);
}

/* The marker that makes a folder a project. */
static void make_marker(const char *root, const struct dialect *dialect)
{
	g_autofree char *marker = path_join(root, dialect->marker), *config = path_join(marker, "config");
	g_autofree char *ignored = path_join(marker, ".gitignore");

	if (dialect == &dialect_native) {
		kit_write(marker, "");
		return;
	}
	kit_write(config, "");
	kit_write(ignored, "/config.local\n/tmp\n/cache\n");
}

void project_set_up(struct project *project, gconstpointer dialect)
{
	/* kit_init() made the test's directory the home; what tap.h knows stays in the file of main(). */
	g_autofree char *pattern = path_join(g_getenv("HOME"), "XXXXXX"), *made = g_strdup(g_mkdtemp(pattern));
	g_autofree char *dir = realpath(made, NULL);

	project->dir = path_join(dir, "w");
	project->root = g_strdup(project->dir);
	kit_git(dir, "init", "-q", project->dir);
	make_marker(project->root, dialect);
	open_all(project);
}

void project_tear_down(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	close_all(project);
	g_assert_cmpint(chdir(g_getenv("HOME")), ==, 0);
	g_free(project->dir);
	g_free(project->root);
}

void project_reopen(struct project *project)
{
	close_all(project);
	open_all(project);
}

void project_enter(struct project *project, const char *below)
{
	const struct dialect *dialect = project->ws->dialect;

	close_all(project);
	g_free(project->root);
	project->root = path_join(project->dir, below);
	make_marker(project->root, dialect);
	open_all(project);
}

void project_write(struct project *project, const char *path, const char *text)
{
	g_autofree char *full = path_join(project->root, path);

	/* A link or a read-only file is replaced, not written through. */
	unlink(full);
	kit_write(full, text);
}

char *project_read(struct project *project, const char *path)
{
	g_autofree char *full = path_join(project->root, path);

	return kit_read(full);
}

bool project_has(struct project *project, const char *path)
{
	g_autofree char *full = path_join(project->root, path);
	struct stat st;

	return !lstat(full, &st);
}

void project_delete(struct project *project, const char *path)
{
	g_autoptr(GError) error = NULL;
	const char *name;
	int dir = file_open_parent(project->ws->root_fd, path, false, &name, &error);

	g_assert_no_error(error);
	file_remove_tree(dir, name, &error);
	g_assert_no_error(error);
	close(dir);
}

void project_assert(struct project *project, const char *path, const char *text)
{
	g_autofree char *now = project_read(project, path);

	g_assert_cmpstr(now, ==, text);
}

struct outputs *project_outputs(struct project *project)
{
	g_autoptr(GError) error = NULL;
	struct outputs *outputs = outputs_load(project->ws, NULL, &error);

	g_assert_no_error(error);
	return outputs;
}

struct oid project_oid(struct project *project, const char *path)
{
	const struct scan_options options = {.path = path, .algo = project->ws->dialect->algo};
	g_autoptr(GError) error = NULL;
	autoptr(scan) scan = scan_path(project->ws, &options, &error);

	g_assert_no_error(error);
	return scan->oid;
}

struct track_result *project_add_some(struct project *project, const char *path, ...)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new();
	autoptr(outputs) outputs = project_outputs(project);
	const struct track_options options = {0};
	g_autoptr(GError) error = NULL;
	struct track_result *result;
	va_list rest;

	va_start(rest, path);
	for (const char *p = path; p; p = va_arg(rest, const char *))
		g_ptr_array_add(paths, (void *)p);
	va_end(rest);
	g_ptr_array_add(paths, NULL);
	result = track_add(project->ws, outputs, (char **)paths->pdata, &options, &error);
	g_assert_no_error(error);
	return result;
}

char *project_refuse(struct project *project, const char *path, enum error_code code)
{
	char *paths[] = {(char *)path, NULL};
	autoptr(outputs) outputs = project_outputs(project);
	const struct track_options options = {0};
	g_autoptr(GError) error = NULL;

	g_assert_null(track_add(project->ws, outputs, paths, &options, &error));
	g_assert_error(error, MLV_ERROR, (int)code);
	return g_strdup(error->message);
}

GPtrArray *project_targets(struct project *project, struct outputs *outputs, const char *argument)
{
	char *arguments[] = {(char *)argument, NULL};
	g_autoptr(GError) error = NULL;
	GPtrArray *targets = target_resolve(project->ws, outputs, arguments, NULL, &error);

	g_assert_no_error(error);
	return targets;
}

struct checkout_plan *project_plan(struct project *project, const struct checkout_options *options)
{
	autoptr(outputs) outputs = project_outputs(project);
	g_autoptr(GError) error = NULL;
	struct checkout_plan *plan = checkout_plan_new(project->ws, outputs, NULL, options, &error);

	g_assert_no_error(error);
	return plan;
}

size_t project_checkout(struct project *project, const struct checkout_options *options)
{
	static const struct checkout_options none;
	autoptr(checkout_plan) plan = project_plan(project, options ? options : &none);
	struct checkout_result result;
	g_autoptr(GError) error = NULL;

	checkout_plan_run(project->ws, plan, &result, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < result.failed->len; i++)
		g_error("%s", ((GError *)result.failed->pdata[i])->message);
	checkout_result_clear(&result);
	return plan->conflicts->len + plan->missing->len;
}

void project_commit(struct project *project, const char *message)
{
	kit_git(project->dir, "add", "-A");
	kit_git(project->dir, "commit", "-q", "--allow-empty", "-m", message);
}

void project_lose(struct project *project, const struct oid *oid)
{
	g_autoptr(GError) error = NULL;
	struct store *store = workspace_store(project->ws, &error);
	g_autofree char *below = store_object_path(oid), *path = path_join(store->root, below);

	g_assert_cmpint(unlink(path), ==, 0);
}
