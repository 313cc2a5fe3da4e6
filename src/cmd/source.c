#include "cmd/source.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* "scheme://…" or "[user@]host:path": what git clone takes and is no local folder. */
static bool is_url(const char *argument)
{
	const char *colon = strchr(argument, ':');

	if (!colon)
		return false;
	return g_str_has_prefix(colon, "://") || !memchr(argument, '/', (size_t)(colon - argument));
}

bool source_is_repository(const char *argument)
{
	struct stat st;

	if (strcmp(argument, ".") == 0)
		return true;
	for (const struct dialect *const *dialect = dialect_all; *dialect; dialect++) {
		g_autofree char *marker = g_build_filename(argument, (*dialect)->marker, NULL);

		if (stat(marker, &st) == 0)
			return true;
	}
	return stat(argument, &st) != 0 && is_url(argument);
}

const char *source_revision(const struct source *source)
{
	return source->revision[0] ? source->revision : NULL;
}

static bool clone_url(struct source *source, const char *url, GError **error)
{
	source->clone = g_dir_make_tmp("git-mlv-XXXXXX", error);
	return source->clone && repo_clone(url, source->clone, error);
}

/* Open the repository and project at a folder into source. */
static bool open_at(struct source *source, const char *folder, GError **error)
{
	source->own = true;
	source->repo = repo_open_at(folder, error);
	source->config = source->repo ? config_read(source->repo, error) : NULL;
	if (!source->config)
		return false;
	source->ws = source->clone ? workspace_open(source->repo, source->config, error)
				   : workspace_open_at(source->repo, source->config, folder, error);
	return source->ws != NULL;
}

struct source *source_open(struct context *context, const char *where, const char *rev, GError **error)
{
	autoptr(source) source = g_new0(struct source, 1);

	if (!where || strcmp(where, ".") == 0) {
		source->repo = context->repo;
		source->config = context->config;
		source->ws = context->ws;
	} else {
		g_autofree char *folder = NULL;

		if (is_url(where) && !g_file_test(where, G_FILE_TEST_EXISTS) && !clone_url(source, where, error))
			return NULL;
		folder = source->clone ? g_strdup(source->clone) : g_canonicalize_filename(where, NULL);
		if (!open_at(source, folder, error))
			return NULL;
	}
	if (!rev && !source->ws->root)
		rev = "HEAD";
	if (rev && !revision_resolve(source->repo, rev, source->revision, error))
		return NULL;
	return g_steal_pointer(&source);
}

GPtrArray *source_list(struct context *context, const char *rev, struct listing_options *how, struct source **source,
		       char **path, GError **error)
{
	bool repository = context->arg_count > 0 && source_is_repository(context->args[0]);
	const char *argument = repository ? context->args[1] : context->args[0];

	if (context->arg_count == 2 && !repository) {
		error_set(error, ERROR_USAGE, "'%s' is no repository", context->args[0]);
		return NULL;
	}
	*source = source_open(context, repository ? context->args[0] : NULL, rev, error);
	if (!*source)
		return NULL;
	if (!argument)
		*path = g_strdup("");
	else
		*path = (*source)->own ? path_normal(argument) : workspace_path((*source)->ws, argument, error);
	if (!*path)
		return NULL;
	how->path = *path;
	how->revision = source_revision(*source);
	return listing_read((*source)->ws, how, error);
}

static void remove_clone(const char *place)
{
	g_autofree char *parent = path_parent(place);
	auto_fd int dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		file_remove_tree(dir, path_base(place), NULL);
}

void source_free(struct source *source)
{
	if (source->own) {
		g_clear_pointer(&source->ws, workspace_free);
		g_clear_pointer(&source->config, config_free);
		g_clear_pointer(&source->repo, repo_free);
	}
	if (source->clone)
		remove_clone(source->clone);
	g_free(source->clone);
	g_free(source);
}
