#include "pipeline/undeclared.h"

#include "base/path.h"
#include "base/quote.h"
#include "doc/yaml.h"

#include <stdlib.h>
#include <string.h>

/* So many files of one folder are reported as the folder. */
#define CROWD 20

/* Folders by their name that only Git and we use, and those that tools keep for speed. */
static const char *const private_names[] = {".git", ".hg", ".gitignore", ".gitattributes", ".gitmodules"};
static const char *const cache_names[] = {"__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache",
					  ".ruff_cache"};

/* What a folder holds that is a Python environment. */
static const char *const environment_marks[] = {"pyvenv.cfg", "conda-meta"};

/* One search. */
struct search {
	const struct stage *stage;
	const struct undeclared_world *world;
	GHashTable *inputs, *outs;  /* sets of declared paths, borrowed */
	GHashTable *above;          /* set of the folders that hold one of them */
	GHashTable *listed;         /* set of folders, borrowed from the report */
	GHashTable *private;        /* folder -> GINT_TO_POINTER(1 private, 2 not): what was asked already */
	GHashTable *reads, *writes, *caches; /* what was found: sets of paths */
	GPtrArray *found;
};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Call `visit` with each folder of path, from the outermost on, and at last with path itself, until one returns true. */
static bool along(struct search *search, const char *path, bool (*visit)(struct search *search, const char *path))
{
	g_autofree char *text = g_strdup(path);

	for (char *slash = strchr(text, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (visit(search, text))
			return true;
		*slash = '/';
	}
	return visit(search, text);
}

static bool is_input(struct search *search, const char *path)
{
	return g_hash_table_contains(search->inputs, path);
}

static bool is_out(struct search *search, const char *path)
{
	return g_hash_table_contains(search->outs, path);
}

static bool add_above(struct search *search, const char *path)
{
	if (!g_hash_table_contains(search->above, path))
		g_hash_table_add(search->above, g_strdup(path));
	return false;
}

/* Whether the last name of path is Git's or ours. */
static bool is_private_name(const char *name)
{
	if (is_one_of(name, private_names, G_N_ELEMENTS(private_names)))
		return true;
	for (const struct dialect *const *dialect = dialect_all; *dialect; dialect++)
		if (strcmp(name, (*dialect)->marker) == 0 || strcmp(name, (*dialect)->ignore_name) == 0 ||
		    strcmp(name, (*dialect)->lock_name) == 0 || dialect_is_pointer(*dialect, name) ||
		    dialect_is_pipeline(*dialect, name))
			return true;
	return false;
}

static bool is_environment(struct search *search, const char *path)
{
	for (size_t i = 0; i < G_N_ELEMENTS(environment_marks); i++) {
		g_autofree char *mark = path_join(path, environment_marks[i]);

		if (search->world->exists(mark, search->world->user))
			return true;
	}
	return false;
}

/* Whether a folder is nobody's input; asked once of each. */
static bool is_private(struct search *search, const char *path)
{
	int known = GPOINTER_TO_INT(g_hash_table_lookup(search->private, path));

	if (!known) {
		known = is_private_name(path_base(path)) || is_environment(search, path) ? 1 : 2;
		g_hash_table_insert(search->private, g_strdup(path), GINT_TO_POINTER(known));
	}
	return known == 1;
}

/* Remember the folder of a tool's cache, if path is one. */
static bool take_cache(struct search *search, const char *path)
{
	if (!is_one_of(path_base(path), cache_names, G_N_ELEMENTS(cache_names)))
		return false;
	g_hash_table_add(search->caches, g_strdup(path));
	return true;
}

static bool is_cache(struct search *search G_GNUC_UNUSED, const char *path)
{
	return is_one_of(path_base(path), cache_names, G_N_ELEMENTS(cache_names));
}

/* "src/__pycache__/util.cpython-311.opt-1.pyc" -> "src/util.py", if that is there; else NULL. */
static char *source_of(const struct search *search, const char *path)
{
	g_autofree char *folder = path_parent(path), *parent = path_parent(folder), *source = NULL, *name = NULL;
	const char *base = path_base(path), *dot = strchr(base, '.');

	if (!dot || !g_str_has_suffix(base, ".pyc") || strcmp(path_base(folder), "__pycache__") != 0)
		return NULL;
	name = g_strdup_printf("%.*s.py", (int)(dot - base), base);
	source = path_join(parent, name);
	return search->world->exists(source, search->world->user) ? g_steal_pointer(&source) : NULL;
}

/* Whether the path, or what it resolves to, is declared. */
static bool is_declared(struct search *search, const struct trace_file *file,
			bool (*declared)(struct search *search, const char *path))
{
	return along(search, file->path, declared) || (file->real && along(search, file->real, declared));
}

static void take_read(struct search *search, const struct trace_file *file)
{
	g_autofree char *source = NULL;

	if (is_declared(search, file, is_input) || is_declared(search, file, is_out))
		return;
	if (!along(search, file->path, is_cache)) {
		g_hash_table_add(search->reads, g_strdup(file->path));
		return;
	}
	source = source_of(search, file->path);
	if (source && !along(search, source, is_input) && !along(search, source, is_out))
		g_hash_table_add(search->reads, g_steal_pointer(&source));
}

static void take_file(struct search *search, const struct trace_file *file)
{
	g_autofree char *folder = path_parent(file->path);

	if (!*file->path || is_private_name(path_base(file->path)) || (*folder && along(search, folder, is_private)))
		return;
	if (file->use & TRACE_READ)
		take_read(search, file);
	/* What is gone by now was a temporary file. */
	if ((file->use & TRACE_WROTE) && search->world->exists(file->path, search->world->user) &&
	    !is_declared(search, file, is_out) && !along(search, file->path, take_cache))
		g_hash_table_add(search->writes, g_strdup(file->path));
	if (file->use & TRACE_LISTED)
		g_hash_table_add(search->listed, file->path);
}

/* What the stage declares. */
static void take_declared(struct search *search)
{
	const struct stage *stage = search->stage;
	GHashTableIter iter;
	gpointer path;

	for (guint i = 0; i < stage->deps->len; i++) {
		char *dep = g_array_index(stage->deps, struct stage_dep, i).path;

		if (dep)
			g_hash_table_add(search->inputs, dep);
	}
	for (guint i = 0; i < stage->params->len; i++)
		g_hash_table_add(search->inputs, g_array_index(stage->params, struct stage_params, i).path);
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct output *output = g_array_index(stage->outs, struct stage_out, i).output;

		if (output)
			g_hash_table_add(search->outs, output->path);
	}
	g_hash_table_iter_init(&iter, search->inputs);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		along(search, path, add_above);
	g_hash_table_iter_init(&iter, search->outs);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		along(search, path, add_above);
}

/* Where the stage says such a thing. */
static const char *section_of(enum undeclared_kind kind, const char *path)
{
	if (kind == UNDECLARED_READ)
		return strcmp(path_base(path), "params.yaml") == 0 ? "params" : "deps";
	return kind == UNDECLARED_WRITE ? "outs" : NULL;
}

/* The item of a list that names the path, as the pipeline file (or a pointer, whose items are maps) has it. */
static char *line_of(const struct search *search, const char *section, const char *path)
{
	autoptr(doc) doc = doc_new();
	struct node *list = node_list(doc), *item;
	g_autofree char *to = path_join("/", path), *from = path_join("/", search->stage->wdir);
	g_autofree char *shown = path_relative(to, from);
	GString *text;

	if (!search->stage->name || strcmp(section, "params") == 0) {
		item = node_map(doc);
		node_set(doc, item, search->stage->name ? shown : "path",
			 search->stage->name ? node_null(doc) : node_string(doc, shown));
	} else {
		item = node_string(doc, shown);
	}
	node_append(doc, list, item);
	text = yaml_write(list);
	g_string_truncate(text, text->len - (text->len && text->str[text->len - 1] == '\n'));
	return g_string_free(text, FALSE);
}

/* Whose output the path is, unless it is this stage's. */
static char *owner_of(const struct search *search, const char *path)
{
	const struct outputs *outputs = search->world->outputs;
	const struct output *output = outputs ? outputs_covering(outputs, path, NULL) : NULL;

	if (!output ||
	    (strcmp(output->file, search->stage->file) == 0 && g_strcmp0(output->stage, search->stage->name) == 0))
		return NULL;
	return g_strdup(output->address);
}

static void report(struct search *search, enum undeclared_kind kind, const char *path, guint files)
{
	struct undeclared *one = g_new0(struct undeclared, 1);

	one->kind = kind;
	if (kind == UNDECLARED_WRITE && along(search, path, is_input))
		one->kind = UNDECLARED_OWN_INPUT;
	one->path = g_strdup(path);
	one->files = files;
	one->owner = owner_of(search, path);
	/* Two stages cannot have one output. */
	one->section = one->owner && kind == UNDECLARED_WRITE ? NULL : section_of(one->kind, path);
	one->line = one->section ? line_of(search, one->section, path) : NULL;
	g_ptr_array_add(search->found, one);
}

/* Whether all of these are modules of Python, which lists each folder that it imports from. */
static bool are_modules(const struct search *search, char **first, char **end)
{
	for (char **path = first; path < end; path++)
		if (!g_str_has_suffix(*path, ".py") && !g_hash_table_contains(search->listed, *path))
			return false;
	return first < end;
}

/* Whether the files [first, end) in that folder are to be reported as the folder. It cannot be declared if something in it is. */
static bool folds(const struct search *search, enum undeclared_kind kind, const char *folder, char **first, char **end)
{
	if (g_hash_table_contains(search->above, folder))
		return false;
	if (end - first >= CROWD)
		return true;
	return kind == UNDECLARED_READ && g_hash_table_contains(search->listed, folder) &&
	       !are_modules(search, first, end);
}

/* Report sorted paths [first, end), which share their first `skip` bytes. */
static void report_range(struct search *search, enum undeclared_kind kind, char **first, char **end, size_t skip)
{
	while (first < end) {
		g_autofree char *top = g_strndup(*first, skip + strcspn(*first + skip, "/"));
		bool itself = strcmp(*first, top) == 0;
		char **inside = first + itself, **last = inside;

		while (last < end && path_is_inside(*last, top))
			last++;
		if (inside == last)
			report(search, kind, top, 0);
		else if (folds(search, kind, top, inside, last))
			report(search, kind, top, (guint)(last - inside));
		else
			report_range(search, kind, inside, last, strlen(top) + 1);
		first = last;
	}
}

/* By name, a folder just before what is in it. */
static int compare(const void *a, const void *b)
{
	const char *one = *(char *const *)a, *two = *(char *const *)b;

	while (*one && *one == *two) {
		one++;
		two++;
	}
	return (*one == '/' ? 1 : (unsigned char)*one) - (*two == '/' ? 1 : (unsigned char)*two);
}

static void report_set(struct search *search, enum undeclared_kind kind, GHashTable *set)
{
	guint count;
	g_autofree char **paths = (char **)g_hash_table_get_keys_as_array(set, &count);

	qsort(paths, count, sizeof(*paths), compare);
	if (kind != UNDECLARED_CACHE)
		report_range(search, kind, paths, paths + count, 0);
	for (guint i = 0; kind == UNDECLARED_CACHE && i < count; i++)
		report(search, kind, paths[i], 0);
}

/* A folder of which only the names were read is an input, too: it joins the files that were read. */
static void take_listed(struct search *search)
{
	GHashTableIter iter;
	gpointer path;

	g_hash_table_iter_init(&iter, search->listed);
	while (g_hash_table_iter_next(&iter, &path, NULL)) {
		struct trace_file folder = {.path = path};

		if (!g_hash_table_contains(search->above, path) && !is_declared(search, &folder, is_input) &&
		    !is_declared(search, &folder, is_out) && !along(search, path, is_cache) &&
		    search->world->exists(path, search->world->user))
			g_hash_table_add(search->reads, g_strdup(path));
	}
}

static GHashTable *new_set(bool owned)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, owned ? g_free : NULL, NULL);
}

static void search_init(struct search *search)
{
	search->inputs = new_set(false);
	search->outs = new_set(false);
	search->listed = new_set(false);
	search->above = new_set(true);
	search->private = new_set(true);
	search->reads = new_set(true);
	search->writes = new_set(true);
	search->caches = new_set(true);
	search->found = g_ptr_array_new_with_free_func(undeclared_free);
}

static void search_clear(struct search *search)
{
	GHashTable *const sets[] = {search->inputs, search->outs,  search->listed, search->above,
				    search->private, search->reads, search->writes, search->caches};

	for (size_t i = 0; i < G_N_ELEMENTS(sets); i++)
		g_hash_table_unref(sets[i]);
}

GPtrArray *undeclared_find(const struct stage *stage, const struct trace_report *trace,
			   const struct undeclared_world *world)
{
	struct search search = {.stage = stage, .world = world};
	g_autoptr(GPtrArray) files = trace_report_list(trace);
	bool walked = false;

	search_init(&search);
	take_declared(&search);
	for (guint i = 0; i < files->len; i++) {
		const struct trace_file *file = g_ptr_array_index(files, i);

		/* Who lists the root walks through all, as Git does to find out what changed: then lists alone say nothing. */
		walked |= !*file->path;
		take_file(&search, file);
	}
	if (!walked)
		take_listed(&search);
	report_set(&search, UNDECLARED_READ, search.reads);
	report_set(&search, UNDECLARED_WRITE, search.writes);
	report_set(&search, UNDECLARED_CACHE, search.caches);
	search_clear(&search);
	return search.found;
}

bool undeclared_is_fault(const struct undeclared *one)
{
	return one->kind != UNDECLARED_CACHE;
}

static const char *verb(enum undeclared_kind kind)
{
	switch (kind) {
	case UNDECLARED_READ:
		return "reads";
	case UNDECLARED_WRITE:
		return "writes";
	case UNDECLARED_OWN_INPUT:
		return "changes its own input";
	case UNDECLARED_CACHE:
		return "keeps a cache in";
	}
	return "uses";
}

char *undeclared_text(const struct stage *stage, const struct undeclared *one)
{
	g_autofree char *path = quote_path(one->path), *name = g_strdup(stage->name ? stage->name : stage->file);
	GString *text = g_string_new(verb(one->kind));

	/* A generated stage is written down under the name of its template. */
	if (stage->name)
		*strchrnul(name, '@') = '\0';
	g_string_append_printf(text, " '%s'", path);
	if (one->files)
		g_string_append_printf(text, " (%u files)", one->files);
	if (one->owner)
		g_string_append_printf(text, ", an output of '%s',", one->owner);
	if (one->kind == UNDECLARED_READ || one->kind == UNDECLARED_WRITE)
		g_string_append(text, " undeclared");
	if (one->line)
		g_string_append_printf(text, ": add '%s' to %s of '%s' in %s", one->line, one->section, name, stage->file);
	return g_string_free(text, FALSE);
}

void undeclared_free(void *data)
{
	struct undeclared *one = data;

	g_free(one->path);
	g_free(one->owner);
	g_free(one->line);
	g_free(one);
}
