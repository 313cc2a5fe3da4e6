#include "repo/object-int.h"
#include "repo/plumbing-int.h"
#include "repo/repo-int.h"
#include "repo/revision.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/trace.h"

#include <string.h>

/* From how many objects on libgit2 is worth its start. */
#define LIBGIT2_WORTH 200

/* The only size of ids that libgit2 knows. */
#define SHA1_SIZE 20

static bool type_from_name(const char *name, enum object_type *type)
{
	static const char *const names[] = {
		[OBJECT_COMMIT] = "commit", [OBJECT_TREE] = "tree", [OBJECT_BLOB] = "blob", [OBJECT_TAG] = "tag"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*type = i;
			return true;
		}
	}
	return false;
}

static bool cat_start(struct repo *repo, GError **error)
{
	struct objects *objects = &repo->backend->objects;
	g_autoptr(GPtrArray) argv = NULL;

	if (objects->git)
		return true;
	argv = plumbing_argv(repo, (const char *[]){"cat-file", "--batch", NULL});
	objects->git = proc_start((const char *const *)argv->pdata, plumbing_dir(repo), error);
	return objects->git;
}

/* The child cannot be asked on: it died, or would print more than anybody wants to read. */
static void cat_stop(struct objects *objects)
{
	g_clear_pointer(&objects->git, proc_free);
}

static bool cat_died(struct objects *objects, const char *name, GError **error)
{
	g_autofree char *shown = quote_path(name);

	cat_stop(objects);
	if (cancel_check(error))
		error_set(error, ERROR_CORRUPT, "git cat-file ended while it read object '%s'", shown);
	return false;
}

/* Split "ID TYPE SIZE", what git answers for an object that it has. */
static bool parse_header(const char *line, char *id, struct object *object)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 4);
	guint64 size;

	if (g_strv_length(words) != 3 || !type_from_name(words[1], &object->type) ||
	    g_strlcpy(id, words[0], REVISION_ID_MAX) >= REVISION_ID_MAX ||
	    !g_ascii_string_to_unsigned(words[2], 10, 0, G_MAXSSIZE - 1, &size, NULL))
		return false;
	object->length = size;
	return true;
}

static bool cat_ask(struct proc *git, const char *name, char **line)
{
	g_autofree char *text = NULL;
	size_t room = 0;
	ssize_t length;

	if (fprintf(git->to, "%s\n", name) < 0 || fflush(git->to) != 0)
		return false;
	length = getline(&text, &room, git->from);
	if (length <= 0 || text[length - 1] != '\n')
		return false;
	text[length - 1] = '\0';
	*line = g_steal_pointer(&text);
	return true;
}

static bool too_large(const char *name, size_t limit, GError **error)
{
	g_autofree char *shown = quote_path(name);

	error_set(error, ERROR_UNSAFE, "object '%s' has more than %zu bytes", shown, limit);
	return false;
}

bool object_find(struct repo *repo, const char *name, size_t limit, char *id, struct object *object, GError **error)
{
	struct objects *objects = &repo->backend->objects;
	g_autofree char *line = NULL, *shown = NULL, *data = NULL;

	if (!cat_start(repo, error))
		return false;
	if (!cat_ask(objects->git, name, &line))
		return cat_died(objects, name, error);
	if (!parse_header(line, id, object)) {
		shown = quote_path(name);
		error_set(error, ERROR_NOT_FOUND,
			  g_str_has_suffix(line, " ambiguous") ? "'%s' names several objects" : "no object '%s'",
			  shown);
		return false;
	}
	if (object->length > limit) {
		cat_stop(objects);
		return too_large(name, limit, error);
	}
	data = g_malloc(object->length + 1);
	if (fread(data, 1, object->length + 1, objects->git->from) != object->length + 1)
		return cat_died(objects, name, error);
	data[object->length] = '\0'; /* in place of the newline that follows */
	object->data = g_steal_pointer(&data);
	return true;
}

/* libgit2 does not know of replaced objects. */
static bool has_replacements(struct repo *repo)
{
	g_autofree char *refs =
		plumbing_output(repo, (const char *[]){"for-each-ref", "--count=1", "refs/replace/", NULL}, NULL, NULL);

	return !refs || *refs;
}

/* libgit2 if this run is one for it. */
static struct libgit2 *choose_libgit2(struct repo *repo)
{
	struct objects *objects = &repo->backend->objects;
	const char *choice;

	if (objects->libgit2 || objects->libgit2_refused)
		return objects->libgit2;
	choice = g_getenv("GIT_MLV_PLUMBING");
	if (g_strcmp0(choice, "1") == 0) {
		objects->libgit2_refused = true;
		return NULL;
	}
	if (g_strcmp0(choice, "0") != 0 && ++objects->asked < LIBGIT2_WORTH)
		return NULL;
	if (repo->backend->id_size == SHA1_SIZE && !has_replacements(repo))
		objects->libgit2 = libgit2_open(repo->common_dir);
	objects->libgit2_refused = !objects->libgit2;
	trace("repo", "objects come from %s", objects->libgit2 ? "libgit2" : "git");
	return objects->libgit2;
}

bool object_read(struct repo *repo, const char *id, size_t limit, struct object *object, GError **error)
{
	struct libgit2 *libgit2 = choose_libgit2(repo);
	enum libgit2_answer answer = LIBGIT2_UNKNOWN;
	char found[REVISION_ID_MAX];

	if (libgit2)
		answer = libgit2_read(libgit2, id, limit, object);
	switch (answer) {
	case LIBGIT2_READ:
		return true;
	case LIBGIT2_TOO_LARGE:
		return too_large(id, limit, error);
	case LIBGIT2_UNKNOWN:
		break;
	}
	return object_find(repo, id, limit, found, object, error);
}

void objects_clear(struct objects *objects)
{
	cat_stop(objects);
	g_clear_pointer(&objects->libgit2, libgit2_free);
}
