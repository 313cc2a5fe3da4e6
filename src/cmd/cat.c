#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "cmd/show.h"
#include "repo/revision.h"
#include "store/manifest.h"

#include <fcntl.h>
#include <string.h>

/* Most bytes of a file that Git tracks and `cat` prints from a revision. */
#define CAT_GIT_LIMIT ((size_t)1 << 30)

static const struct option_spec cat_specs[] = { OPT_END };

/* Bytes read and written at once. */
#define CAT_CHUNK ((size_t)256 << 10)

/* Copy an open file to the results. */
static bool print_fd(struct view *view, int fd, GError **error)
{
	g_autofree char *buffer = g_malloc(CAT_CHUNK);
	ssize_t length;

	while ((length = read(fd, buffer, CAT_CHUNK)) != 0) {
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0) {
			error_set_errno(error, errno, "read");
			return false;
		}
		if (!cancel_check(error))
			return false;
		view_write(view, buffer, (size_t)length);
		if (view->write_error)
			return true;
	}
	return true;
}

/* What is to be printed. */
struct cat_target {
	char *path; /* relative to the project */
	char revision[REVISION_ID_MAX];
	bool at_revision;
};

/* "path@rev", unless a path of exactly that name is there: the last '@' separates. A bare repository is read at HEAD. */
static bool parse_target(struct context *context, const char *argument, struct cat_target *target, GError **error)
{
	const char *at = strrchr(argument, '@');
	g_autofree char *name = NULL;

	if (!at || at == argument || g_file_test(argument, G_FILE_TEST_EXISTS))
		name = g_strdup(argument);
	else
		name = g_strndup(argument, (gsize)(at - argument));
	const char *revision = strlen(name) < strlen(argument) ? at + 1 : context->ws->root ? NULL : "HEAD";

	target->at_revision = revision != NULL;
	if (revision && !revision_resolve(context->repo, revision, target->revision, error))
		return false;
	target->path = workspace_path(context->ws, name, error);
	return target->path != NULL;
}

/* The object behind `path`: an output itself, or a file inside a folder. */
static bool find_object(struct store *store, const struct output *output, const char *inside, struct oid *oid,
			GError **error)
{
	autoptr(manifest) manifest = NULL;
	const struct manifest_entry *entry;

	*oid = output->oid;
	if (!output->oid.dir && !*inside)
		return true;
	manifest = output->oid.dir ? manifest_load(store, &output->oid, error) : NULL;
	if (output->oid.dir && !manifest) {
		error_hint(error, "git mlv fetch %s", output->path);
		return false;
	}
	entry = manifest && *inside ? manifest_find(manifest, inside) : NULL;
	if (!entry || entry->mode == MANIFEST_EMPTY_DIR) {
		error_set(error, *inside ? ERROR_NOT_FOUND : ERROR_USAGE, *inside ? "'%s' has no file '%s'" : "'%s' is a folder%s",
			  output->path, inside);
		error_hint(error, "git mlv ls -R %s", output->path);
		return false;
	}
	*oid = entry->oid;
	return true;
}

/* A file that Git tracks, or that simply stands in the workspace. */
static bool cat_plain(struct context *context, const struct cat_target *target, GError **error)
{
	g_autofree char *git_path = workspace_git_path(context->ws, target->path), *data = NULL;
	size_t length;
	auto_fd int fd = -1;

	if (target->at_revision) {
		if (!revision_read(context->repo, target->revision, git_path, CAT_GIT_LIMIT, &data, &length, error))
			return false;
		view_write(context->view, data, length);
		return true;
	}
	fd = file_open_beneath(context->ws->root_fd, target->path, O_RDONLY, 0, error);
	return fd >= 0 && print_fd(context->view, fd, error);
}

static bool cat_target(struct context *context, const struct cat_target *target, GError **error)
{
	autoptr(outputs) outputs = outputs_load(context->ws, target->at_revision ? target->revision : NULL, error);
	struct store *store = outputs ? workspace_store(context->ws, error) : NULL;
	const struct output *output;
	const char *inside = "";
	struct oid oid;
	auto_fd int fd = -1;

	if (!store)
		return false;
	output = outputs_covering(outputs, target->path, &inside);
	if (!output)
		return cat_plain(context, target, error);
	if (oid_is_none(&output->oid)) {
		error_set(error, ERROR_NOT_FOUND, "'%s' has no recorded data yet", output->path);
		return false;
	}
	if (!find_object(store, output, inside, &oid, error))
		return false;
	fd = store_open_object(store, &oid, NULL, error);
	if (fd < 0) {
		error_hint(error, "git mlv fetch %s", output->path);
		return false;
	}
	return print_fd(context->view, fd, error);
}

static int cat_run(struct context *context, GError **error)
{
	for (char **argument = context->args; *argument; argument++) {
		struct cat_target target = { 0 };
		bool printed = parse_target(context, *argument, &target, error) && cat_target(context, &target, error);

		g_free(target.path);
		if (!printed) {
			g_prefix_error(error, "print '%s': ", *argument);
			return -1;
		}
	}
	return EXIT_DONE;
}

const struct command cmd_cat = {
	.name = "cat",
	.group = "Data",
	.synopsis = "[--] <path>[@<commit>]...",
	.summary = "Print the bytes of tracked files, now or at a commit",
	.needs = NEEDS_WORKSPACE,
	.options = cat_specs,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = cat_run,
};
