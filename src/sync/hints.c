/*
 * The file: a first line that says what it is, then one line a manifest, the latest first: "<algo> <id> <path>", the path
 * quoted as Git quotes. That there is such a file says that the remote had objects. It is named by a hash of the remote's place, which may hold a password.
 */
#include "sync/hints.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/trace.h"
#include "hash/digest.h"

#include <string.h>

#define HEADER "mlv-remote-hints 1\n"

/* More is not from us: so many lines of long, quoted paths. */
#define FILE_LIMIT ((size_t)HINTS_MAX * 16384)

struct hints {
	char *dir, *file; /* NULL: nothing is kept */
	char *text;       /* what the file had, NULL if nothing of use */
	GPtrArray *list;  /* of struct hint, owned */
	bool used;        /* the remote had objects */
};

static void hint_free(gpointer data)
{
	struct hint *hint = data;
	g_free(hint->path);
	g_free(hint);
}

/* The name of the remote's file. New string. */
static char *file_name(const struct remote_spec *spec)
{
	const char *endpoint = remote_spec_get(spec, "endpointurl");
	g_autofree char *place = g_strconcat(spec->url, "\n", endpoint ? endpoint : "", NULL);
	struct oid oid;
	char text[OID_TEXT_MAX];
	digest_bytes(place, strlen(place), OID_SHA256, &oid);
	return g_strdup(oid_text(&oid, text));
}

/* A new hint of one line; NULL if it is none. */
static struct hint *parse_line(const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	if (g_strv_length(words) != 3)
		return NULL;
	struct oid oid;
	enum oid_algo algo = oid_algo_named(words[0]);
	g_autofree char *path = quote_decode(words[2], strlen(words[2]), NULL);
	if (algo == OID_NONE || !path || !oid_parse(&oid, algo, words[1], NULL) || !oid.dir)
		return NULL;
	struct hint *hint = g_new(struct hint, 1);
	*hint = (struct hint){oid, g_steal_pointer(&path)};
	return hint;
}

static void read_file(struct hints *hints)
{
	g_autofree char *text = NULL;
	if (!file_read(hints->file, FILE_LIMIT, &text, NULL, NULL) || !g_str_has_prefix(text, HEADER))
		return;
	g_auto(GStrv) lines = g_strsplit(text + strlen(HEADER), "\n", -1);
	for (char **line = lines; *line && hints->list->len < HINTS_MAX; line++) {
		struct hint *hint = parse_line(*line);
		if (hint)
			g_ptr_array_add(hints->list, hint);
	}
	hints->text = g_steal_pointer(&text);
	hints->used = true;
}

struct hints *hints_load(const char *dir, const struct remote_spec *spec)
{
	struct hints *hints = g_new0(struct hints, 1);
	hints->list = g_ptr_array_new_with_free_func(hint_free);
	if (!dir)
		return hints;
	g_autofree char *name = file_name(spec);
	hints->dir = g_strdup(dir);
	hints->file = path_join(dir, name);
	read_file(hints);
	return hints;
}

guint hints_count(const struct hints *hints)
{
	return hints->list->len;
}

const struct hint *hints_get(const struct hints *hints, guint i)
{
	return g_ptr_array_index(hints->list, i);
}

void hints_drop(struct hints *hints, const struct oid *oid)
{
	for (guint i = hints->list->len; i-- > 0;)
		if (oid_equal(&hints_get(hints, i)->oid, oid))
			g_ptr_array_remove_index(hints->list, i);
}

void hints_note(struct hints *hints, const struct oid *oid, const char *path)
{
	struct hint *hint = g_new(struct hint, 1);
	*hint = (struct hint){*oid, g_strdup(path)};
	hints->used = true;
	hints_drop(hints, oid);
	g_ptr_array_insert(hints->list, 0, hint);
	if (hints->list->len > HINTS_MAX)
		g_ptr_array_set_size(hints->list, HINTS_MAX);
}

void hints_note_use(struct hints *hints)
{
	hints->used = true;
}

bool hints_has_use(const struct hints *hints)
{
	return hints->used;
}

static void save(const struct hints *hints)
{
	g_autoptr(GString) text = g_string_new(HEADER);
	g_autoptr(GError) error = NULL;
	for (guint i = 0; i < hints->list->len; i++) {
		const struct hint *hint = hints_get(hints, i);
		char id[OID_TEXT_MAX];
		g_string_append_printf(text, "%s %s ", oid_algo_name(hint->oid.algo), oid_text(&hint->oid, id));
		quote_append(text, hint->path, false);
		g_string_append_c(text, '\n');
	}
	bool same = hints->text ? strcmp(text->str, hints->text) == 0 : !hints->used;
	if (!same && (!file_make_dirs(hints->dir, &error) ||
		      !file_replace(hints->file, text->str, text->len, 0600, &error)))
		trace("sync", "what the remote has is not remembered: %s", error->message);
}

void hints_free(struct hints *hints)
{
	if (!hints)
		return;
	if (hints->file)
		save(hints);
	g_ptr_array_unref(hints->list);
	g_free(hints->dir);
	g_free(hints->file);
	g_free(hints->text);
	g_free(hints);
}
