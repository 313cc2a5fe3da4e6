#include "workspace/track-int.h"
#include "workspace/workspace-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"
#include "repo/worktree.h"

#include <sys/stat.h>

/* At most so many paths are named in one error. */
#define NAMED 10

/* Everything that is asked before a path may be tracked. */
struct candidate {
	struct workspace *ws;
	const struct outputs *outputs;
	const char *path;
	char *shown;                 /* quoted, as seen from the current directory */
	mode_t mode;                 /* of what stands there; 0 for nothing */
	const struct output *output; /* that covers it */
	const char *inside;
};

/* Set an error about the candidate, with a hint if one is given; false. */
static bool refuse(const struct candidate *candidate, GError **error, enum error_code code, const char *why,
		   const char *hint)
{
	error_set(error, code, "'%s' %s", candidate->shown, why);
	if (hint)
		error_hint(error, "%s", hint);
	return false;
}

/* A path that must not hold data at all. */
static bool check_place(const struct candidate *candidate, GError **error)
{
	const struct dialect *dialect = candidate->ws->dialect;
	const char *name = path_base(candidate->path);

	if (!*candidate->path)
		return refuse(candidate, error, ERROR_USAGE, "is the project itself", "name the folders in it");
	if (!path_check(candidate->path, error))
		return false;
	if (path_is_inside(candidate->path, dialect->marker))
		return refuse(candidate, error, ERROR_USAGE, "belongs to the project's own files", NULL);
	if (dialect_is_pointer(dialect, candidate->path) || dialect_is_pipeline(dialect, candidate->path))
		return refuse(candidate, error, ERROR_USAGE, "describes tracked data and is no data itself",
			      "name the data, not the pointer");
	if (!candidate->output && (strcmp(name, dialect->lock_name) == 0 || strcmp(name, dialect->ignore_name) == 0 ||
				   strcmp(name, ".gitignore") == 0))
		return refuse(candidate, error, ERROR_USAGE, "says how data are handled and is no data itself",
			      "git add keeps it");
	return true;
}

static bool check_kind(const struct candidate *candidate, GError **error)
{
	bool inside = candidate->output && *candidate->inside;
	g_autofree char *hint = NULL;

	if (!candidate->mode && !inside)
		return refuse(candidate, error, ERROR_NOT_FOUND, "does not exist", NULL);
	if (S_ISLNK(candidate->mode) && candidate->ws->dialect->keeps_links && !candidate->output) {
		hint = g_strdup_printf("git add %s", candidate->shown);
		return refuse(candidate, error, ERROR_USAGE, "is a symbolic link, which Git itself can keep", hint);
	}
	if (candidate->mode && !S_ISREG(candidate->mode) && !S_ISDIR(candidate->mode) && !S_ISLNK(candidate->mode))
		return refuse(candidate, error, ERROR_USAGE, "is neither a file nor a folder", NULL);
	return true;
}

static bool check_ignored(const struct candidate *candidate, GError **error)
{
	const struct ignore *ignore = workspace_ignore(candidate->ws, error);
	const struct ignore_rule *rule = NULL;

	if (!ignore)
		return false;
	if (!ignore_match(ignore, candidate->path, S_ISDIR(candidate->mode), &rule))
		return true;
	if (workspace_is_nested(candidate->ws, candidate->path))
		return refuse(candidate, error, ERROR_USAGE, "belongs to a project further down", "git -C <that folder> mlv add …");
	if (rule && *rule->source)
		error_set(error, ERROR_USAGE, "'%s' is ignored by %s:%u: %s", candidate->shown, rule->source,
			  rule->line, rule->pattern);
	else
		error_set(error, ERROR_USAGE, "'%s' is never tracked", candidate->shown);
	error_hint(error, "git mlv check-ignore -d %s", candidate->shown);
	return false;
}

static bool check_git(const struct candidate *candidate, GError **error)
{
	g_autofree char *git_path = workspace_git_path(candidate->ws, candidate->path), *hint = NULL;
	bool tracked;

	if (!worktree_is_tracked(candidate->ws->repo, git_path, &tracked, error))
		return false;
	if (!tracked)
		return true;
	hint = g_strdup_printf("git rm -r --cached %s", candidate->shown);
	return refuse(candidate, error, ERROR_USAGE,
		      S_ISDIR(candidate->mode) ? "is tracked by Git, or has files that are" : "is tracked by Git",
		      hint);
}

/* What other outputs have to do with it. */
static bool check_outputs(const struct candidate *candidate, bool force, GError **error)
{
	const struct output *output = candidate->output;
	g_autoptr(GString) below = NULL;
	guint count = 0;

	if (output && output->stage) {
		error_set(error, ERROR_USAGE, "'%s' is made by the stage %s", candidate->shown, output->address);
		error_hint(error, "git mlv commit %s", output->address);
		return false;
	}
	if (output && output->import && !force)
		return refuse(candidate, error, ERROR_USAGE, "is imported: its origin would be forgotten",
			      "git mlv commit keeps the origin, add --force drops it");
	if (output)
		return true;
	below = g_string_new(NULL);
	for (guint i = 0; i < candidate->outputs->list->len; i++) {
		const struct output *other = candidate->outputs->list->pdata[i];

		if (path_is_inside(other->path, candidate->path) && count++ < NAMED)
			g_string_append_printf(below, "%s%s", below->len ? ", " : "", other->address);
	}
	if (!count)
		return true;
	error_set(error, ERROR_USAGE, "'%s' holds data that are tracked on their own: %s%s", candidate->shown,
		  below->str, count > NAMED ? " …" : "");
	error_hint(error, "git mlv remove these first, or add the other files by name");
	return false;
}

/* A file of the pointer's name that says something else, or nothing that can be read. */
static bool check_pointer(const struct candidate *candidate, const char *pointer, bool force, GError **error)
{
	g_autofree char *full = path_join(candidate->ws->root, pointer), *quoted = quote_path(pointer);

	if (candidate->output || force || access(full, F_OK))
		return true;
	error_set(error, ERROR_CONFLICT, "'%s' exists, but does not track '%s'", quoted, candidate->shown);
	error_hint(error, "look at it, then remove it or use --force");
	return false;
}

bool track_check_new(struct workspace *ws, const struct outputs *outputs, const char *path,
		     const struct track_options *options, GError **error)
{
	g_autofree char *shown = workspace_show_path(ws, path), *quoted = quote_path(shown);
	g_autofree char *pointer = g_strconcat(path, ws->dialect->pointer_suffix, NULL);
	struct candidate candidate = {.ws = ws, .outputs = outputs, .path = path, .shown = quoted};
	g_autoptr(GPtrArray) pointers = g_ptr_array_new();

	g_ptr_array_add(pointers, pointer);
	candidate.output = outputs_covering(outputs, path, &candidate.inside);
	return check_place(&candidate, error) && check_ignored(&candidate, error) &&
	       check_outputs(&candidate, options->force, error) && check_git(&candidate, error) &&
	       check_pointer(&candidate, pointer, options->force, error) &&
	       track_check_pointers(ws, pointers, error);
}

/* Judge one path and, if it may be tracked, make it work of the session. */
static bool take_path(struct track_session *session, const struct outputs *outputs, const char *path, GError **error)
{
	struct workspace *ws = session->ws;
	g_autofree char *shown = workspace_show_path(ws, path), *quoted = quote_path(shown);
	g_autofree char *pointer = g_strconcat(path, ws->dialect->pointer_suffix, NULL);
	struct candidate candidate = {.ws = ws, .outputs = outputs, .path = path, .shown = quoted};
	struct track_work *last = session->works->len ? session->works->pdata[session->works->len - 1] : NULL;

	candidate.output = outputs_covering(outputs, path, &candidate.inside);
	if (last && path_is_inside(path, last->path) && !last->insides)
		return true;
	if (!check_place(&candidate, error) || !track_kind(ws, path, &candidate.mode, error) ||
	    !check_kind(&candidate, error) || !check_ignored(&candidate, error) ||
	    !check_outputs(&candidate, session->options->force, error) || !check_git(&candidate, error) ||
	    !check_pointer(&candidate, pointer, session->options->force, error))
		return false;
	if (!candidate.output) {
		track_session_add(session, path, pointer, NULL);
		return true;
	}
	if (!last || last->output != candidate.output)
		last = track_session_add(session, candidate.output->path, candidate.output->file, candidate.output);
	if (*candidate.inside) {
		if (!last->insides)
			last->insides = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(last->insides, g_strdup(candidate.inside));
	}
	return true;
}

/* By components, so that a folder comes right before all that is in it. */
static int compare_paths(const void *a, const void *b)
{
	const unsigned char *x = *(unsigned char *const *)a, *y = *(unsigned char *const *)b;

	while (*x && *x == *y) {
		x++;
		y++;
	}
	return (*x == '/' ? 1 : *x + (*x != 0)) - (*y == '/' ? 1 : *y + (*y != 0));
}

/* New pointers must be seen by Git. */
static bool check_new_pointers(const struct track_session *session, GError **error)
{
	g_autoptr(GPtrArray) pointers = g_ptr_array_new();

	for (guint i = 0; i < session->works->len; i++) {
		const struct track_work *work = session->works->pdata[i];

		if (!work->output)
			g_ptr_array_add(pointers, work->file);
	}
	return track_check_pointers(session->ws, pointers, error);
}

struct track_result *track_add(struct workspace *ws, const struct outputs *outputs, char **paths,
			       const struct track_options *options, GError **error)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	struct track_result *result = NULL;
	struct track_session session;
	bool ok = outputs_check_clashes(outputs, error);

	for (char **path = paths; *path; path++)
		g_ptr_array_add(sorted, *path);
	if (sorted->len)
		qsort(sorted->pdata, sorted->len, sizeof(*sorted->pdata), compare_paths);
	track_session_init(&session, ws, options);
	for (guint i = 0; ok && i < sorted->len; i++)
		ok = take_path(&session, outputs, sorted->pdata[i], error);
	if (ok && check_new_pointers(&session, error) && track_session_run(&session, error))
		result = g_steal_pointer(&session.result);
	track_session_clear(&session);
	return result;
}
