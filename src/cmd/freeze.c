#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "cmd/show.h"
#include "doc/yaml.h"
#include "format/stage-edit.h"

static const struct option_spec freeze_specs[] = { OPT_END };

/* One run of the command. */
struct freezing {
	struct context *context;
	const struct outputs *outputs;
	bool frozen;       /* what is asked for */
	GHashTable *files; /* path -> GString: the new text, so that two stages of a file can change */
	GPtrArray *order;  /* of the paths, borrowed from files */
};

/* The text of a file as it is by now; NULL with the error set. */
static GString *text_of(struct freezing *freezing, const char *path, GError **error)
{
	GString *known = g_hash_table_lookup(freezing->files, path);
	g_autofree char *full = NULL, *text = NULL, *key = NULL;
	size_t length;

	if (known)
		return known;
	full = path_join(freezing->context->ws->root, path);
	if (!file_read(full, YAML_SIZE_LIMIT, &text, &length, error))
		return NULL;
	known = g_string_new_len(text, (gssize)length);
	key = g_strdup(path);
	g_ptr_array_add(freezing->order, key);
	g_hash_table_insert(freezing->files, g_steal_pointer(&key), known);
	return known;
}

/* Take the new text over, and tell. `now` NULL is a failure. */
static bool replace(struct freezing *freezing, GString *text, const char *now, size_t length, const char *what)
{
	const char *verb = freezing->frozen ? "frozen" : "not frozen";

	if (!now)
		return false;
	if (text->len == length && memcmp(text->str, now, length) == 0)
		view_note(freezing->context->view, "%s is %s already", what, verb);
	else
		view_note(freezing->context->view, "%s is %s now", what, verb);
	g_string_truncate(text, 0);
	g_string_append_len(text, now, (gssize)length);
	return true;
}

static bool freeze_stage(struct freezing *freezing, const struct target_stage *stage, GError **error)
{
	GString *text = text_of(freezing, stage->file, error);
	g_autofree char *shown = workspace_show_path(freezing->context->ws, stage->file);
	g_autofree char *what = g_strdup_printf("stage '%s' in '%s'", stage->name, shown);
	autoptr(doc) doc = text ? yaml_read(text->str, text->len, shown, error) : NULL;
	g_autofree char *now = NULL;
	size_t length = 0;

	if (doc)
		now = stage_edit_freeze(doc, stage->name, freezing->frozen, &length, error);
	return replace(freezing, text, now, length, what);
}

static bool freeze_pointer(struct freezing *freezing, const char *file, GError **error)
{
	GString *text = text_of(freezing, file, error);
	g_autofree char *shown = workspace_show_path(freezing->context->ws, file);
	g_autofree char *what = g_strdup_printf("'%s'", shown);
	autoptr(pointer) pointer = NULL;
	g_autofree char *now = NULL;
	size_t length = 0;

	if (text)
		pointer = pointer_read(text->str, text->len, shown, freezing->context->ws->dialect, error);
	if (pointer) {
		pointer->frozen = freezing->frozen;
		now = pointer_write(pointer, &length);
	}
	return replace(freezing, text, now, length, what);
}

/* The pointer that an argument names by its own path or that of its data; NULL if there is none. */
static const char *find_pointer(const struct freezing *freezing, const char *argument)
{
	g_autofree char *path = workspace_path(freezing->context->ws, argument, NULL);
	const struct output *output = path ? outputs_find(freezing->outputs, path) : NULL;

	for (guint i = 0; path && i < freezing->outputs->pointers->len; i++) {
		const struct outputs_pointer *kept = freezing->outputs->pointers->pdata[i];

		if (g_str_equal(kept->file, path))
			return kept->file;
	}
	return output && !output->stage ? output->file : NULL;
}

static bool freeze_one(struct freezing *freezing, const char *argument, GError **error)
{
	struct target_stage *stage = target_find_stage(freezing->context->ws, freezing->outputs, argument);
	const char *pointer = stage ? NULL : find_pointer(freezing, argument);
	g_autofree char *quoted = quote_path(argument);
	bool ok;

	if (stage) {
		ok = freeze_stage(freezing, stage, error);
		target_stage_free(stage);
		return ok;
	}
	if (pointer)
		return freeze_pointer(freezing, pointer, error);
	error_set(error, ERROR_NOT_FOUND, "'%s' is neither a stage nor a pointer", quoted);
	error_hint(error, "git mlv stage list --all");
	return false;
}

static void free_text(gpointer text)
{
	g_string_free(text, TRUE);
}

/* Write all files that changed. */
static int write_all(const struct freezing *freezing, GError **error)
{
	g_autoptr(GArray) texts = g_array_new(FALSE, FALSE, sizeof(struct track_text));

	for (guint i = 0; i < freezing->order->len; i++) {
		const char *path = freezing->order->pdata[i];
		const GString *text = g_hash_table_lookup(freezing->files, path);
		struct track_text entry = { path, text->str, text->len };

		g_array_append_val(texts, entry);
	}
	return show_track(freezing->context, track_rewrite(freezing->context->ws, texts, NULL, error));
}

static int freeze(struct context *context, bool frozen, GError **error)
{
	autoptr(outputs) outputs = show_load(context, error);
	g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_text);
	g_autoptr(GPtrArray) order = g_ptr_array_new();
	struct freezing freezing = { context, outputs, frozen, files, order };

	if (!outputs)
		return -1;
	for (char **argument = context->args; *argument; argument++) {
		if (!freeze_one(&freezing, *argument, error))
			return -1;
	}
	return write_all(&freezing, error);
}

static int freeze_run(struct context *context, GError **error)
{
	return freeze(context, true, error);
}

static int unfreeze_run(struct context *context, GError **error)
{
	return freeze(context, false, error);
}

/* Both commands are the same but for what they do. */
#define FREEZE_COMMAND(name_, summary_, run_)                                                                            \
	{                                                                                                               \
		.name = name_, .group = "Pipelines", .synopsis = "[--] <target>...", .summary = summary_,               \
		.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK, .options = freeze_specs, .min_args = 1,        \
		.max_args = ARGS_ANY, .arguments = COMPLETE_STAGE, .run = run_,                                         \
	}

const struct command cmd_freeze =
	FREEZE_COMMAND("freeze", "Keep stages and imports as they are, whatever they depend on", freeze_run);
const struct command cmd_unfreeze = FREEZE_COMMAND("unfreeze", "Let stages and imports follow what they depend on", unfreeze_run);
