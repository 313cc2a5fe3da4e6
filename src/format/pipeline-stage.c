#include "format/pipeline-stage-int.h"

#include "format/scalar-text-int.h"

#define DEFAULT_PARAMS "params.yaml"

/* A string where a template may have left something else; NULL after noting that. */
static const char *need_string(struct reading *reading, const struct node *node, const char *what)
{
	if (node->kind == NODE_STRING)
		return node->text;
	reading_problem(reading, reading->doc, node, "%s must be a string, not %s", what, node_kind_name(node->kind));
	return NULL;
}

/* As need_string(), for paths, which are not empty. */
static const char *need_path(struct reading *reading, const struct node *node)
{
	const char *path = need_string(reading, node, "a path");

	if (!path || *path)
		return path;
	reading_problem(reading, reading->doc, node, "a path is empty");
	return NULL;
}

static void read_cmd(struct reading *reading, struct pipeline_stage *stage)
{
	const struct node *cmd = node_get(stage->body, "cmd");

	stage->cmd = cmd;
	if (cmd->kind != NODE_LIST)
		need_string(reading, cmd, "a command");
	for (size_t i = 0; cmd->kind == NODE_LIST && i < cmd->count; i++)
		need_string(reading, cmd->items[i], "a command");
}

static void read_deps(struct reading *reading, struct pipeline_stage *stage)
{
	const struct node *deps = node_get(stage->body, "deps");
	size_t count = deps ? deps->count : 0, filled = 0;

	stage->deps = g_new0(char *, count + 1);
	for (size_t i = 0; i < count; i++) {
		const char *path = need_path(reading, deps->items[i]);

		if (path)
			stage->deps[filled++] = g_strdup(path);
	}
}

static bool flag_is(const struct node *flags, const char *name, bool value)
{
	const struct node *flag = node_get(flags, name);

	return flag && flag->kind == NODE_BOOL && flag->boolean == value;
}

static void read_flags(struct reading *reading, struct entry *entry, const struct node *flags)
{
	const struct node *remote = node_get(flags, "remote");

	entry->no_cache = flag_is(flags, "cache", false);
	entry->no_push = flag_is(flags, "push", false);
	entry->persist = flag_is(flags, "persist", true);
	if (remote)
		entry->remote = g_strdup(need_string(reading, remote, "'remote'"));
}

/* The outputs of one section, while they are read. */
struct section {
	struct reading *reading;
	struct pipeline_stage *stage;
	GArray *info; /* of struct pipeline_out, for stage->outs */
	GHashTable
		*paths; /* path to its place in outs plus 1, of this section: a path that comes again adds its flags */
	enum pipeline_out_kind kind;
};

static const struct node *join_flags(struct doc *out, const struct node *a, const struct node *b)
{
	struct node *joined;

	if (!a || !b)
		return a ? a : b;
	joined = node_copy(out, a);
	for (size_t i = 0; i < b->count; i++)
		node_set(out, joined, b->keys[i]->text, b->items[i]);
	return joined;
}

static void add_output(struct section *section, const struct node *path_node, const struct node *flags)
{
	GPtrArray *outs = section->stage->outs;
	const char *path = need_path(section->reading, path_node);
	size_t at;

	if (!path)
		return;
	at = GPOINTER_TO_SIZE(g_hash_table_lookup(section->paths, path));
	if (!at) {
		struct entry *entry = g_new0(struct entry, 1);

		entry->path = g_strdup(path);
		g_ptr_array_add(outs, entry);
		g_array_append_vals(section->info, &(struct pipeline_out){.kind = section->kind, .path = path_node}, 1);
		at = outs->len;
		g_hash_table_insert(section->paths, entry->path, GSIZE_TO_POINTER(at));
	}
	if (flags) {
		struct pipeline_out *info = &g_array_index(section->info, struct pipeline_out, at - 1);
		struct entry *entry = outs->pdata[at - 1];

		info->flags = join_flags(section->reading->out, info->flags, flags);
		g_clear_pointer(&entry->remote, g_free);
		read_flags(section->reading, entry, info->flags);
	}
}

static void read_section(struct section *section, const char *name)
{
	const struct node *list = node_get(section->stage->body, name);

	section->paths = g_hash_table_new(g_str_hash, g_str_equal);
	for (size_t i = 0; list && i < list->count; i++) {
		const struct node *item = list->items[i];

		if (item->kind != NODE_MAP)
			add_output(section, item, NULL);
		for (size_t k = 0; item->kind == NODE_MAP && k < item->count; k++)
			add_output(section, item->keys[k], item->items[k]);
	}
	g_hash_table_unref(section->paths);
}

static void read_outs(struct reading *reading, struct pipeline_stage *stage)
{
	static const struct {
		const char *name;
		enum pipeline_out_kind kind;
	} sections[] = {{"outs", PIPELINE_OUT}, {"metrics", PIPELINE_METRIC}, {"plots", PIPELINE_PLOT}};
	struct section section = {reading, stage, g_array_new(FALSE, TRUE, sizeof(struct pipeline_out)), NULL, 0};

	stage->outs = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
		section.kind = sections[i].kind;
		read_section(&section, sections[i].name);
	}
	stage->out_info = (struct pipeline_out *)(void *)g_array_free(section.info, FALSE);
}

static void params_free(gpointer data)
{
	struct pipeline_params *params = data;

	g_free(params->file);
	g_strfreev(params->keys);
	g_free(params);
}

/* The keys wanted of one file, while they are collected. */
struct wanted {
	GPtrArray *keys;
	bool whole;
};

static void wanted_free(gpointer data)
{
	struct wanted *wanted = data;

	g_ptr_array_unref(wanted->keys);
	g_free(wanted);
}

/* What is wanted of a file; in `files` names stay in the order of first mention. */
static struct wanted *want(GHashTable *table, GPtrArray *files, const char *file)
{
	struct wanted *wanted = g_hash_table_lookup(table, file);

	if (wanted)
		return wanted;
	wanted = g_new0(struct wanted, 1);
	wanted->keys = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_insert(table, (gpointer)file, wanted);
	g_ptr_array_add(files, (gpointer)file);
	return wanted;
}

static void want_key(struct reading *reading, struct wanted *wanted, const struct node *node)
{
	const char *key = need_string(reading, node, "a parameter");

	if (key && !g_ptr_array_find_with_equal_func(wanted->keys, key, g_str_equal, NULL))
		g_ptr_array_add(wanted->keys, g_strdup(key));
}

/* One pair of `file: [keys]`; no keys mean the whole file. */
static void want_file(struct reading *reading, struct wanted *wanted, const struct node *keys)
{
	if (keys->kind == NODE_NULL || (keys->kind == NODE_LIST && keys->count == 0))
		wanted->whole = true;
	else if (keys->kind != NODE_LIST)
		reading_problem(reading, reading->doc, keys, "the parameters of a file must be a list, not %s",
				node_kind_name(keys->kind));
	for (size_t i = 0; keys->kind == NODE_LIST && i < keys->count; i++)
		want_key(reading, wanted, keys->items[i]);
}

static void read_params(struct reading *reading, struct pipeline_stage *stage)
{
	const struct node *list = node_get(stage->body, "params");
	g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, wanted_free);
	g_autoptr(GPtrArray) files = g_ptr_array_new();

	for (size_t i = 0; list && i < list->count; i++) {
		const struct node *item = list->items[i];

		if (item->kind != NODE_MAP)
			want_key(reading, want(table, files, DEFAULT_PARAMS), item);
		for (size_t k = 0; item->kind == NODE_MAP && k < item->count; k++) {
			const char *file = need_path(reading, item->keys[k]);

			if (file)
				want_file(reading, want(table, files, file), item->items[k]);
		}
	}
	stage->params = g_ptr_array_new_with_free_func(params_free);
	for (guint i = 0; i < files->len; i++) {
		struct pipeline_params *params = g_new0(struct pipeline_params, 1);
		struct wanted *wanted = g_hash_table_lookup(table, files->pdata[i]);

		params->file = g_strdup(files->pdata[i]);
		g_ptr_array_add(wanted->keys, NULL);
		if (!wanted->whole)
			params->keys = (char **)g_ptr_array_steal(wanted->keys, NULL);
		g_ptr_array_add(stage->params, params);
	}
}

/* The text of an optional key that may have become any scalar; NULL if it is not there. New string. */
static char *read_text(struct reading *reading, const struct node *body, const char *name)
{
	const struct node *node = node_get(body, name);
	g_autoptr(GString) text = NULL;

	if (!node)
		return NULL;
	if (node->kind == NODE_LIST || node->kind == NODE_MAP)
		return g_strdup(need_string(reading, node, name));
	text = g_string_new(NULL);
	scalar_text_append(text, node);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

struct pipeline_stage *pipeline_stage_new(struct reading *reading, const char *name, const struct node *body)
{
	autoptr(pipeline_stage) stage = g_new0(struct pipeline_stage, 1);
	unsigned before = reading->problem_count;

	stage->name = g_strdup(name);
	stage->body = body;
	stage->wdir = read_text(reading, body, "wdir");
	if (!stage->wdir || !*stage->wdir) {
		g_free(stage->wdir);
		stage->wdir = g_strdup(".");
	}
	stage->desc = read_text(reading, body, "desc");
	stage->frozen = flag_is(body, "frozen", true);
	stage->always_changed = flag_is(body, "always_changed", true);
	read_cmd(reading, stage);
	read_deps(reading, stage);
	read_outs(reading, stage);
	read_params(reading, stage);
	return reading->problem_count == before ? g_steal_pointer(&stage) : NULL;
}

void pipeline_stage_free(struct pipeline_stage *stage)
{
	g_free(stage->name);
	g_free(stage->wdir);
	g_strfreev(stage->deps);
	g_ptr_array_unref(stage->outs);
	g_free(stage->out_info);
	g_ptr_array_unref(stage->params);
	g_free(stage->desc);
	g_free(stage);
}
