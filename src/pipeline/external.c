#include "pipeline/external.h"

#include "base/error.h"
#include "base/path.h"
#include "base/proc.h"
#include "pipeline/external-answer.h"
#include "pipeline/external-int.h"

#include <string.h>

/* Longest answer of the network program. */
#define ANSWER_LIMIT ((gsize)64 << 20)

/* How much of a mark people are shown. */
#define SHORT_MARK 12

/* One place that was looked at. */
struct place {
	struct external_fact fact;
	GError *error; /* why it cannot be told; NULL if it can */
};

struct externals {
	struct workspace *ws;
	GHashTable *places; /* absolute path or URL -> struct place, owned */
};

static void place_free(void *data)
{
	struct place *place = data;

	g_free(place->fact.etag);
	g_clear_error(&place->error);
	g_free(place);
}

struct externals *externals_new(struct workspace *ws)
{
	struct externals *externals = g_new(struct externals, 1);

	externals->ws = ws;
	externals->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, place_free);
	return externals;
}

/* Where the dependency lies: a URL as it is, else an absolute path. New string. */
static char *place_name(const struct externals *externals, const struct stage *stage, const struct stage_dep *dep)
{
	g_autofree char *dir = NULL, *path = NULL;

	if (path_is_url(dep->written))
		return g_strdup(dep->written);
	dir = path_join(externals->ws->root, stage->wdir);
	path = path_join(dir, dep->written);
	return path_normal(path);
}

static struct place *add_place(struct externals *externals, const char *name)
{
	struct place *place = g_new0(struct place, 1);

	g_hash_table_insert(externals->places, g_strdup(name), place);
	return place;
}

/* The URLs of the stage that nobody has looked at, each with a NUL behind it; *names are they, borrowed from the stage. */
static GString *unknown_urls(const struct externals *externals, const struct stage *stage, GPtrArray *names)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < stage->deps->len; i++) {
		const struct stage_dep *dep = &g_array_index(stage->deps, struct stage_dep, i);

		if (dep->path || !path_is_url(dep->written) || g_hash_table_contains(externals->places, dep->written))
			continue;
		g_ptr_array_add(names, (gpointer)dep->written);
		g_string_append_len(text, dep->written, (gssize)strlen(dep->written) + 1);
	}
	return text;
}

static void take_answer(struct place *place, const struct external_answer *answer)
{
	struct external_fact *fact = &place->fact;

	if (answer->state == EXTERNAL_FAILED) {
		error_set(&place->error, ERROR_FAILED, "%s", answer->text);
		return;
	}
	fact->found = answer->state == EXTERNAL_FOUND;
	if (!fact->found)
		return;
	fact->has_size = answer->has_size;
	fact->size = answer->size;
	if (strcmp(answer->key, "md5") == 0) {
		oid_parse(&fact->oid, OID_MD5, answer->text, &place->error);
		return;
	}
	fact->etag = g_strdup(answer->text);
	fact->is_checksum = strcmp(answer->key, "checksum") == 0;
}

/* Take the child's answers to the questions about `names`. */
static bool take_answers(struct externals *externals, const GPtrArray *names, const struct proc_result *result,
			 GError **error)
{
	const char *at = result->out, *end = result->out + result->out_length;

	for (guint i = 0; i < names->len; i++) {
		struct external_answer answer;

		if (!external_answer_read(&at, end, &answer, error))
			return false;
		take_answer(add_place(externals, g_ptr_array_index(names, i)), &answer);
	}
	return true;
}

/* Ask the network program, which this program hands over to, about all URLs of the stage. */
static bool ask(struct externals *externals, const struct stage *stage, GError **error)
{
	static const char *const argv[] = {"/proc/self/exe", "ask-urls", NULL};
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(GString) question = unknown_urls(externals, stage, names);
	struct proc_result result;
	bool ok;

	if (!names->len)
		return true;
	if (!proc_run(argv, externals->ws->root, question->str, question->len, ANSWER_LIMIT, &result, error))
		return false;
	if (result.status != 0)
		error_set(error, ERROR_FAILED, "ask what lies at '%s': %s", (char *)names->pdata[0], g_strchomp(result.err));
	ok = result.status == 0 && take_answers(externals, names, &result, error);
	proc_result_clear(&result);
	return ok;
}

const struct external_fact *externals_at(struct externals *externals, const struct stage *stage,
					 const struct stage_dep *dep, GError **error)
{
	g_autofree char *name = place_name(externals, stage, dep);
	struct place *place = g_hash_table_lookup(externals->places, name);

	if (g_str_has_prefix(name, "ds://")) {
		error_set(error, ERROR_INVALID, "'%s': datasets cannot be dependencies here", name);
		return NULL;
	}
	if (!place && path_is_url(name)) {
		if (!ask(externals, stage, error))
			return NULL;
		place = g_hash_table_lookup(externals->places, name);
	} else if (!place) {
		place = add_place(externals, name);
		external_look_local(externals->ws, name, &place->fact, &place->error);
	}
	if (!place->error)
		return &place->fact;
	g_propagate_error(error, g_error_copy(place->error));
	return NULL;
}

void externals_forget(struct externals *externals, const struct stage *stage, const struct stage_dep *dep)
{
	g_autofree char *name = place_name(externals, stage, dep);

	g_hash_table_remove(externals->places, name);
}

bool external_is_same(const struct external_fact *fact, const struct entry *recorded)
{
	if (!fact->found || !recorded)
		return false;
	if (!fact->etag)
		return oid_equal(&fact->oid, &recorded->oid);
	if (!recorded->etag)
		return false;
	/* DVC reads what stands under `checksum` as lower case. */
	return fact->is_checksum ? g_ascii_strcasecmp(fact->etag, recorded->etag) == 0
				 : strcmp(fact->etag, recorded->etag) == 0;
}

void external_fill(struct entry *entry, const struct external_fact *fact)
{
	entry->oid = fact->oid;
	g_free(entry->etag);
	entry->etag = g_strdup(fact->etag);
	entry->etag_is_checksum = fact->is_checksum;
	entry->has_size = fact->has_size;
	entry->size = fact->size;
	entry->has_nfiles = fact->has_nfiles;
	entry->nfiles = fact->nfiles;
	entry->isexec = fact->isexec;
}

char *external_short_mark(const struct external_fact *fact, const struct entry *recorded)
{
	const char *etag = fact ? fact->etag : recorded ? recorded->etag : NULL;
	const struct oid *oid = fact ? &fact->oid : recorded ? &recorded->oid : NULL;
	char text[OID_TEXT_MAX];

	if (!etag && (!oid || oid_is_none(oid)))
		return NULL;
	return g_strndup(etag ? etag : oid_text(oid, text), SHORT_MARK);
}

void externals_free(struct externals *externals)
{
	if (!externals)
		return;
	g_hash_table_unref(externals->places);
	g_free(externals);
}
