#include "pipeline/facts.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "doc/yaml.h"
#include "format/param-file.h"
#include "pipeline/external-int.h"
#include "pipeline/value.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* To hash so many bytes once more costs more than to write down their ids. */
#define LARGE ((uint64_t)8 << 20)

/* All that is known of one path. */
struct place {
	char *path;
	struct fact *by_algo[OID_MD5_2X + 1];
	struct fact *elsewhere; /* what links lead to outside of the project */
	struct doc *params;   /* NULL if absent, broken or not asked for yet */
	GError *params_error; /* why it cannot be read; every asker is told */
	bool params_read;
	struct stamp seen; /* of the file when it was asked for first; all zero for what is none */
};

/* Sorted by path, so that all below a path can be forgotten at once. */
struct facts {
	struct workspace *ws;
	GTree *places; /* of struct place, by its path */
	struct externals *externals;
};

static void fact_free(struct fact *fact)
{
	if (fact->manifest)
		manifest_free(fact->manifest);
	g_free(fact);
}

static void place_free(gpointer data)
{
	struct place *place = data;

	for (size_t i = 0; i < G_N_ELEMENTS(place->by_algo); i++)
		g_clear_pointer(&place->by_algo[i], fact_free);
	g_clear_pointer(&place->elsewhere, fact_free);
	g_clear_pointer(&place->params, doc_free);
	g_clear_error(&place->params_error);
	g_free(place->path);
	g_free(place);
}

static gint compare_paths(gconstpointer a, gconstpointer b, gpointer user)
{
	(void)user;
	return strcmp(a, b);
}

struct facts *facts_new(struct workspace *ws)
{
	struct facts *facts = g_new(struct facts, 1);

	facts->ws = ws;
	facts->externals = externals_new(ws);
	facts->places = g_tree_new_full(compare_paths, NULL, NULL, place_free);
	return facts;
}

struct externals *facts_externals(struct facts *facts)
{
	return facts->externals;
}

struct workspace *facts_workspace(const struct facts *facts)
{
	return facts->ws;
}

/* What stat() says of a file, links followed; all zero for what is none. */
static struct stamp look_at(const struct facts *facts, const char *path)
{
	struct stat st;

	return fstatat(facts->ws->root_fd, path, &st, 0) || !S_ISREG(st.st_mode) ? (struct stamp){0} : stamp_of(&st);
}

static struct place *place_at(struct facts *facts, const char *path)
{
	struct place *place = g_tree_lookup(facts->places, path);

	if (place)
		return place;
	place = g_new0(struct place, 1);
	place->path = g_strdup(path);
	place->seen = look_at(facts, path);
	g_tree_insert(facts->places, place->path, place);
	return place;
}

static struct fact *look(struct workspace *ws, const char *path, enum oid_algo algo, GError **error)
{
	const struct scan_options options = {.path = path, .algo = algo};
	autoptr(scan) scan = scan_path(ws, &options, error);
	struct fact *fact;

	if (!scan)
		return NULL;
	fact = g_new0(struct fact, 1);
	fact->kind = scan->kind;
	fact->oid = scan->oid;
	fact->size = scan->size;
	fact->isexec = scan_is_exec(scan);
	fact->kept = scan->kind == SCAN_FILE || scan->kind == SCAN_DIR;
	fact->manifest = g_steal_pointer(&scan->manifest);
	fact->nfiles = fact->manifest ? manifest_files(fact->manifest) : 0;
	return fact;
}

const struct fact *facts_at(struct facts *facts, const char *path, enum oid_algo algo, GError **error)
{
	struct place *place = place_at(facts, path);

	if (!place->by_algo[algo])
		place->by_algo[algo] = look(facts->ws, path, algo, error);
	return place->by_algo[algo];
}

void facts_know(struct facts *facts, const char *path, enum oid_algo algo, const struct fact *fact)
{
	struct fact **kept = &place_at(facts, path)->by_algo[algo];

	g_clear_pointer(kept, fact_free);
	*kept = g_memdup2(fact, sizeof(*fact));
	(*kept)->manifest = NULL;
}

const struct fact *facts_against(struct facts *facts, const char *path, const struct entry *recorded, GError **error)
{
	enum oid_algo usual = facts->ws->dialect->algo,
		      algo = recorded && !oid_is_none(&recorded->oid) ? (enum oid_algo)recorded->oid.algo : usual;
	const struct fact *fact = facts_at(facts, path, algo, error);

	if (!fact || algo == usual || oid_equal(&fact->oid, &recorded->oid))
		return fact;
	return facts_at(facts, path, usual, error);
}

/* What lies at an absolute path outside of the project. */
static const struct fact *look_elsewhere(struct facts *facts, const char *path, const char *real, GError **error)
{
	struct place *place = place_at(facts, path);
	struct external_fact found = {0};
	struct fact *fact;

	if (place->elsewhere)
		return place->elsewhere;
	if (!external_look_local(facts->ws, real, &found, error))
		return NULL;
	fact = g_new0(struct fact, 1);
	fact->kind = !found.found ? SCAN_ABSENT : found.has_nfiles ? SCAN_DIR : SCAN_FILE;
	fact->oid = found.oid;
	fact->size = found.size;
	fact->nfiles = found.nfiles;
	fact->isexec = found.isexec;
	fact->kept = found.found;
	place->elsewhere = fact;
	return fact;
}

const struct fact *facts_input(struct facts *facts, const char *path, const struct entry *recorded, GError **error)
{
	const struct fact *fact = facts_against(facts, path, recorded, error);
	g_autofree char *full = path_join(facts->ws->root, path);
	char resolved[PATH_MAX];
	const char *inside;

	/* To the scan nothing stands behind a link, since nothing may be written there. */
	if (!fact || (fact->kind != SCAN_ABSENT && fact->kind != SCAN_LINK) || !realpath(full, resolved))
		return fact;
	inside = path_below(resolved, facts->ws->root);
	if (!inside)
		return look_elsewhere(facts, path, resolved, error);
	return path_check(inside, NULL) ? facts_against(facts, inside, recorded, error) : fact;
}

/* Read a file of parameters; NULL with the error unset if there is none. */
static struct doc *read_params(const struct facts *facts, const char *path, GError **error)
{
	g_autofree char *full = path_join(facts->ws->root, path), *text = NULL;
	g_autoptr(GError) reason = NULL;
	size_t length;

	if (file_read(full, YAML_SIZE_LIMIT, &text, &length, &reason))
		return param_file_read(text, length, path, error);
	if (!error_is(reason, ERROR_NOT_FOUND))
		g_propagate_error(error, g_steal_pointer(&reason));
	return NULL;
}

const struct node *facts_params(struct facts *facts, const char *path, GError **error)
{
	struct place *place = place_at(facts, path);

	if (!place->params_read) {
		place->params = read_params(facts, path, &place->params_error);
		place->params_read = true;
	}
	if (place->params_error && error)
		*error = g_error_copy(place->params_error);
	return place->params ? place->params->root : NULL;
}

/* The item of a list that this text counts to; NULL for text that is no number, or too large a one. */
static const struct node *item_at(const struct node *list, const char *text)
{
	char *end;
	guint64 index = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, 10) : G_MAXUINT64;

	return index < list->count && !*end ? list->items[index] : NULL;
}

const struct node *facts_value(const struct node *document, const char *key)
{
	g_autofree char *path = g_strdup(key);
	const struct node *value = document;
	char *to = path, *next = path;

	/* a[0] is another way to write a.0 */
	for (const char *from = path; *from; from++) {
		if (*from != ']')
			*to++ = *from == '[' ? '.' : *from;
	}
	*to = '\0';
	while (value && next) {
		char *name = next, *dot = strchr(name, '.');

		next = dot ? dot + 1 : NULL;
		if (dot)
			*dot = '\0';
		value = value->kind == NODE_LIST ? item_at(value, name) : value_member(value, name);
	}
	return value;
}

/* Forget all that lies below a path: what begins with it and a '/' stands together. */
static void forget_below(struct facts *facts, const char *path)
{
	g_autofree char *prefix = *path ? g_strconcat(path, "/", NULL) : g_strdup("");

	for (;;) {
		GTreeNode *node = g_tree_lower_bound(facts->places, prefix);

		if (!node || !g_str_has_prefix(g_tree_node_key(node), prefix))
			return;
		g_tree_remove(facts->places, g_tree_node_key(node));
	}
}

void facts_forget(struct facts *facts, const char *path)
{
	g_autofree char *above = g_strdup(path);

	forget_below(facts, path);
	while (*above) {
		char *slash = strrchr(above, '/');

		g_tree_remove(facts->places, above);
		if (!slash)
			break;
		*slash = '\0';
	}
	g_tree_remove(facts->places, "");
}

void facts_forget_input(struct facts *facts, const char *path)
{
	g_autofree char *full = path_join(facts->ws->root, path);
	char resolved[PATH_MAX];
	const char *inside;

	facts_forget(facts, path);
	inside = realpath(full, resolved) ? path_below(resolved, facts->ws->root) : NULL;
	if (inside && strcmp(inside, path) != 0)
		facts_forget(facts, inside);
}

/* Whether so much was hashed at a place that it should not be done again. */
static bool is_large(const struct place *place)
{
	bool large = place->elsewhere && place->elsewhere->size >= LARGE;

	for (size_t i = 0; i < G_N_ELEMENTS(place->by_algo); i++)
		large = large || (place->by_algo[i] && place->by_algo[i]->size >= LARGE);
	return large;
}

void facts_refresh(struct facts *facts, const char *path)
{
	const struct place *place = g_tree_lookup(facts->places, path);
	struct stamp now = look_at(facts, path);

	if (place && S_ISREG(now.mode) && stamp_same(&place->seen, &now))
		return;
	if (place && is_large(place))
		facts_commit(facts);
	facts_forget_input(facts, path);
}

void facts_commit(struct facts *facts)
{
	struct index *index = workspace_index(facts->ws, NULL);

	if (index)
		index_commit(index, NULL);
}

void facts_free(struct facts *facts)
{
	g_tree_destroy(facts->places);
	externals_free(facts->externals);
	g_free(facts);
}
