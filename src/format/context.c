#include "format/context-int.h"

#include "base/error.h"
#include "base/path.h"
#include "format/param-file.h"
#include "format/reference-int.h"

#include <string.h>

#define DEFAULT_FILE "params.yaml"

/* Longest name in an expression that can be the index of a list. */
#define INDEX_LENGTH 18

struct context {
	struct doc *arena;
	struct node *values; /* a map; may share nodes with files */
	GPtrArray *files;    /* of struct doc: the parameter files that were read */
	GHashTable *imports; /* path to the names taken from it (char **), none of them for a whole file */
	GHashTable *paths;   /* name of a file for messages to its path */
	GHashTable *origins; /* dotted name to where it was defined; what is inside a map may come from elsewhere */
	const struct node *item, *key;
};

/* One source being merged. */
struct merge {
	struct context *context;
	struct reading *reading;
	const struct doc *doc; /* of the source */
	const char *source;    /* its name for messages */
	bool shared;           /* the context owns doc, so its nodes can be taken as they are */
	GString *path;         /* dotted name of the map being merged, with a '.' at the end */
};

struct context *context_new(void)
{
	struct context *context = g_new0(struct context, 1);

	context->arena = doc_new();
	context->values = node_map(context->arena);
	context->files = g_ptr_array_new_with_free_func((GDestroyNotify)doc_free);
	context->imports = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
	context->paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	context->origins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return context;
}

struct context *context_clone(const struct context *context)
{
	struct context *clone = context_new();
	GHashTableIter iter;
	gpointer name, value;

	clone->values = node_copy(clone->arena, context->values);
	clone->item = context->item;
	clone->key = context->key;
	g_hash_table_iter_init(&iter, context->imports);
	while (g_hash_table_iter_next(&iter, &name, &value))
		g_hash_table_insert(clone->imports, g_strdup(name), g_strdupv(value));
	g_hash_table_iter_init(&iter, context->paths);
	while (g_hash_table_iter_next(&iter, &name, &value))
		g_hash_table_insert(clone->paths, g_strdup(name), g_strdup(value));
	g_hash_table_iter_init(&iter, context->origins);
	while (g_hash_table_iter_next(&iter, &name, &value))
		g_hash_table_insert(clone->origins, g_strdup(name), g_strdup(value));
	return clone;
}

void context_free(struct context *context)
{
	g_hash_table_unref(context->origins);
	g_hash_table_unref(context->paths);
	g_hash_table_unref(context->imports);
	g_ptr_array_unref(context->files);
	doc_free(context->arena);
	g_free(context);
}

/* Where a dotted name, or the nearest map around it, was defined. */
static const char *find_origin(const struct context *context, const char *name)
{
	g_autofree char *path = g_strdup(name);
	const char *origin;

	while (!(origin = g_hash_table_lookup(context->origins, path))) {
		char *dot = strrchr(path, '.');

		if (!dot)
			return "another place";
		*dot = '\0';
	}
	return origin;
}

static void merge_map(struct merge *merge, struct node *into, const struct node *from)
{
	struct context *context = merge->context;
	size_t prefix = merge->path->len;

	for (size_t i = 0; i < from->count; i++) {
		struct node *value = from->items[i], *existing;
		const char *name = from->keys[i]->text;

		if (from->keys[i]->kind != NODE_STRING)
			continue; /* no expression can name it */
		existing = node_get(into, name);
		g_string_append(merge->path, name);
		if (existing && existing->kind == NODE_MAP && value->kind == NODE_MAP) {
			g_string_append_c(merge->path, '.');
			merge_map(merge, existing, value);
		} else if (existing) {
			reading_problem(merge->reading, merge->doc, from->keys[i],
					"%s redefines '%s', which comes from %s", merge->source, merge->path->str,
					find_origin(context, merge->path->str));
		} else {
			node_set(context->arena, into, name, merge->shared ? value : node_copy(context->arena, value));
			g_hash_table_replace(context->origins, g_strdup(merge->path->str), g_strdup(merge->source));
		}
		g_string_truncate(merge->path, prefix);
	}
}

/* Note every date: DVC's templates cannot hold one, so a file with one does not work there either. */
static void refuse_dates(const struct merge *merge, const struct node *node)
{
	if (node->kind == NODE_DATE)
		reading_problem(merge->reading, merge->doc, node,
				"templates cannot use a date: put it in quotes to make it text");
	for (size_t i = 0; i < node->count; i++)
		refuse_dates(merge, node->items[i]);
}

/* Whether the source would redefine what the generated stage was given. */
static bool takes_reserved(const struct merge *merge, const struct node *from)
{
	const struct context *context = merge->context;
	const char *name = NULL;

	if (context->item && node_get(from, "item"))
		name = "item";
	else if (context->key && node_get(from, "key"))
		name = "key";
	if (name)
		reading_problem(merge->reading, merge->doc, from, "%s defines '%s', which foreach and matrix set",
				merge->source, name);
	return name;
}

static void merge_source(struct merge *merge, const struct node *from)
{
	g_autoptr(GString) path = g_string_new(NULL);

	if (takes_reserved(merge, from))
		return;
	refuse_dates(merge, from);
	merge->path = path;
	merge_map(merge, merge->context->values, from);
}

/* The name of a file beside the pipeline file, as the user knows it. */
static char *shown_path(const struct reading *reading, const char *path)
{
	g_autofree char *dir = path_parent(reading->doc->name);
	g_autofree char *joined = path_join(dir, path);

	return path_normal(joined);
}

/* Read a file and keep it; NULL after noting why not. A file that may be absent is not missed: `at` is NULL then. */
static const struct doc *load_file(struct context *context, struct reading *reading, const char *path,
				   const struct node *at)
{
	g_autoptr(GError) error = NULL;
	size_t length = 0;
	g_autofree char *text = reading->loader(path, &length, reading->user, &error);
	g_autofree char *name = shown_path(reading, path);
	struct doc *doc = text ? param_file_read(text, length, name, &error) : NULL;

	if (!doc && error)
		reading_error(reading, g_steal_pointer(&error));
	else if (!doc && at)
		reading_problem(reading, reading->doc, at, "there is no file '%s'", name);
	if (!doc)
		return NULL;
	g_ptr_array_add(context->files, doc);
	g_hash_table_replace(context->paths, g_strdup(doc->name), g_strdup(path));
	if (doc->root->kind == NODE_MAP)
		return doc;
	reading_problem(reading, doc, doc->root, "a file of variables must hold a map, not %s",
			node_kind_name(doc->root->kind));
	return NULL;
}

void context_load_default(struct context *context, struct reading *reading)
{
	const struct doc *doc = load_file(context, reading, DEFAULT_FILE, NULL);
	struct merge merge = {context, reading, doc, doc ? doc->name : NULL, true, NULL};

	if (!doc)
		return;
	merge_source(&merge, doc->root);
	g_hash_table_insert(context->imports, g_strdup(DEFAULT_FILE), g_new0(char *, 1));
}

/* A map of some entries of a file; NULL after noting that one is not there. */
static const struct node *pick(struct context *context, struct reading *reading, const struct doc *doc, char **names,
			       const struct node *at)
{
	struct node *picked = node_map(context->arena);

	for (char **name = names; *name; name++) {
		struct node *value = node_get(doc->root, *name);

		if (!value) {
			reading_problem(reading, reading->doc, at, "there is no '%s' in '%s'", *name, doc->name);
			return NULL;
		}
		node_set(context->arena, picked, *name, value);
		picked->keys[picked->count - 1]->place = value->place;
	}
	return picked;
}

static bool shares_name(char **a, char **b)
{
	for (char **name = a; *name; name++)
		if (g_strv_contains((const char *const *)b, *name))
			return true;
	return false;
}

/*
 * Whether the file must be read for these names (none: all of it): a file may be named twice only whole, or in parts
 * that have nothing in common.
 */
static bool must_load(const struct context *context, struct reading *reading, const char *path, char **names,
		      const struct node *at)
{
	char **loaded = g_hash_table_lookup(context->imports, path);

	if (!loaded)
		return true;
	if (!*names && !*loaded)
		return false;
	if (*names && *loaded && !shares_name(names, loaded))
		return true;
	reading_problem(reading, reading->doc, at, "'%s' is already loaded%s", path, *loaded ? " in part" : "");
	return false;
}

/* Remember that these names of the file are loaded, beside those that were. */
static void note_import(struct context *context, const char *path, char **names)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	char **loaded = g_hash_table_lookup(context->imports, path);

	for (char **name = loaded; name && *name; name++)
		g_ptr_array_add(all, g_strdup(*name));
	for (char **name = names; *name; name++)
		g_ptr_array_add(all, g_strdup(*name));
	g_ptr_array_add(all, NULL);
	g_hash_table_replace(context->imports, g_strdup(path), (char **)g_ptr_array_steal(all, NULL));
}

/* The names in "a,b", empty ones left out. */
static char **split_names(const char *list)
{
	g_auto(GStrv) parts = g_strsplit(list, ",", -1);
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (char **part = parts; *part; part++)
		if (**part)
			g_ptr_array_add(names, g_strdup(*part));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_steal(names, NULL);
}

/* Load "file" or "file:key,key". */
static void load_item(struct context *context, struct reading *reading, const struct node *at, const char *wdir)
{
	const char *colon = strchr(at->text, ':');
	g_auto(GStrv) names = split_names(colon ? colon + 1 : "");
	g_autofree char *file = colon ? g_strndup(at->text, colon - at->text) : g_strdup(at->text);
	g_autofree char *joined = path_join(wdir, file);
	g_autofree char *path = path_normal(joined);
	const struct doc *doc;
	const struct node *from;
	struct merge merge = {context, reading, NULL, NULL, true, NULL};

	if (!must_load(context, reading, path, names, at) || !(doc = load_file(context, reading, path, at)))
		return;
	from = *names ? pick(context, reading, doc, names, at) : doc->root;
	if (!from)
		return;
	merge.doc = doc;
	merge.source = doc->name;
	merge_source(&merge, from);
	note_import(context, path, names);
}

void context_load_vars(struct context *context, struct reading *reading, const struct node *vars, const char *wdir)
{
	if (reference_is_in(vars)) {
		reading_problem(reading, reading->doc, vars, "vars cannot use ${} themselves");
		return;
	}
	for (size_t i = 0; i < vars->count; i++) {
		const struct node *entry = vars->items[i];
		g_autofree char *source = g_strdup_printf("vars[%zu]", i);
		struct merge merge = {context, reading, reading->doc, source, false, NULL};

		if (entry->kind == NODE_STRING)
			load_item(context, reading, entry, wdir);
		else
			merge_source(&merge, entry);
	}
}

void context_set_item(struct context *context, const struct node *item, const struct node *key)
{
	context->item = item;
	context->key = key;
}

/* The item that a name from an expression picks from a list. */
static const struct node *list_item(const struct node *list, const char *name)
{
	gint64 index;
	char *end;

	if (strlen(name) > INDEX_LENGTH || !*name)
		return NULL;
	index = g_ascii_strtoll(name, &end, 10);
	if (*end)
		return NULL;
	if (index < 0)
		index += (gint64)list->count;
	return index >= 0 && (size_t)index < list->count ? list->items[index] : NULL;
}

static const struct node *first_value(const struct context *context, const char *name)
{
	if (context->item && strcmp(name, "item") == 0)
		return context->item;
	if (context->key && strcmp(name, "key") == 0)
		return context->key;
	return node_get(context->values, name);
}

/* The names of an expression, without blanks around them. a[b] is another way to write a.b */
static char **split_expression(const char *expression, size_t length)
{
	g_autofree char *path = g_strndup(expression, length);
	char **names, *to = path;

	for (const char *from = path; *from; from++)
		if (*from != ']')
			*to++ = *from == '[' ? '.' : *from;
	*to = '\0';
	names = g_strsplit(path, ".", -1);
	for (char **name = names; *name; name++)
		g_strstrip(*name);
	return names;
}

const struct node *context_find(const struct context *context, const char *expression, size_t length)
{
	g_auto(GStrv) names = split_expression(expression, length);
	const struct node *value;

	if (!names[0])
		return NULL;
	value = first_value(context, names[0]);
	for (char **name = names + 1; value && *name; name++)
		value = value->kind == NODE_LIST ? list_item(value, *name) : node_get(value, *name);
	return value;
}

const char *context_source(const struct context *context, const char *expression, size_t length, char **name)
{
	g_auto(GStrv) names = split_expression(expression, length);
	g_autofree char *joined = g_strjoinv(".", names);
	const char *path;

	if (!names[0] || first_value(context, names[0]) != node_get(context->values, names[0]))
		return NULL; /* of the stage's own */
	path = g_hash_table_lookup(context->paths, find_origin(context, joined));
	if (path)
		*name = g_steal_pointer(&joined);
	return path;
}
