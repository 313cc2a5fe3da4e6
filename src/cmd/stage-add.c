#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "cli/handover.h"
#include "cmd/show.h"
#include "cmd/stage.h"
#include "doc/yaml.h"
#include "format/stage-edit.h"
#include "pipeline/graph.h"

#include <string.h>

struct stage_add_options {
	char *name, *wdir, *desc;
	char **deps, **params;
	char **outs, **outs_no_cache, **outs_persist, **outs_persist_no_cache;
	char **metrics, **metrics_no_cache, **plots, **plots_no_cache;
	bool always_changed, force, run;
};

#define OPT_PATHS(c, name, member, text)                                                                                \
	{                                                                                                               \
		.kind = OPTION_STRINGS, .short_name = c, .long_name = name,                                             \
		.offset = offsetof(struct stage_add_options, member), .value = "<path>", .help = text,                  \
		.completion = COMPLETE_FILE                                                                             \
	}

static const struct option_spec add_specs[] = {
	OPT_STRING(stage_add_options, 'n', "name", name, "<name>", "what the stage is called"),
	OPT_PATHS('d', "deps", deps, "it reads this file, folder or URL"),
	OPT_STRINGS(stage_add_options, 'p', "params", params, "[<file>:]<key>[,<key>...]", "it reads these parameters"),
	OPT_PATHS('o', "outs", outs, "it writes this file or folder"),
	OPT_PATHS('O', "outs-no-cache", outs_no_cache, "the same, kept in Git, not in the store"),
	OPT_PATHS(0, "outs-persist", outs_persist, "the same as -o, left in place when the stage runs"),
	OPT_PATHS(0, "outs-persist-no-cache", outs_persist_no_cache, "left in place, and kept in Git"),
	OPT_PATHS('m', "metrics", metrics, "it writes metrics to this file"),
	OPT_PATHS('M', "metrics-no-cache", metrics_no_cache, "the same, kept in Git"),
	OPT_PATHS(0, "plots", plots, "it writes data or an image of a plot to this file"),
	OPT_PATHS(0, "plots-no-cache", plots_no_cache, "the same, kept in Git"),
	{ .kind = OPTION_STRING, .short_name = 'w', .long_name = "wdir", .offset = offsetof(struct stage_add_options, wdir),
	  .value = "<dir>", .help = "run the command there; paths are relative to it", .completion = COMPLETE_DIR },
	OPT_FLAG(stage_add_options, 0, "always-changed", always_changed, "run it every time"),
	OPT_STRING(stage_add_options, 0, "desc", desc, "<text>", "what it is for"),
	OPT_FLAG(stage_add_options, 'f', "force", force, "replace a stage of that name"),
	OPT_FLAG(stage_add_options, 0, "run", run, "run it at once"),
	OPT_END,
};

/* One new stage on its way into its file. */
struct adding {
	struct context *context;
	const struct stage_add_options *options;
	char *file, *shown;     /* the pipeline file, relative to the project, and from here */
	char *wdir;             /* relative to the file; NULL for its own folder */
	char *place;            /* absolute: where paths start from */
	GPtrArray *paths;       /* owns strings of deps and outs */
	GPtrArray *deps;        /* of char *, borrowed from paths, NULL-terminated */
	GArray *outs;           /* of struct stage_edit_out */
	char *command;
};

static void adding_clear(struct adding *adding)
{
	g_free(adding->file);
	g_free(adding->shown);
	g_free(adding->wdir);
	g_free(adding->place);
	g_free(adding->command);
	g_ptr_array_unref(adding->paths);
	g_ptr_array_unref(adding->deps);
	g_array_unref(adding->outs);
}

/* A path as it shall stand in the file; kept until the end. */
static const char *written_path(struct adding *adding, const char *path)
{
	g_autofree char *normal = path_is_url(path) ? g_strdup(path) : path_normal(path);
	char *written = NULL;

	if (*normal == '/' && path_is_inside(normal, adding->context->ws->root))
		written = path_relative(normal, adding->place);
	else
		written = g_strdup(*normal ? normal : ".");
	g_ptr_array_add(adding->paths, written);
	return written;
}

static void add_outs(struct adding *adding, char **paths, struct stage_edit_out out)
{
	for (; paths && *paths; paths++) {
		out.path = written_path(adding, *paths);
		g_array_append_val(adding->outs, out);
	}
}

static void collect_paths(struct adding *adding)
{
	const struct stage_add_options *options = adding->options;

	for (char **dep = options->deps; dep && *dep; dep++)
		g_ptr_array_add(adding->deps, (gpointer)written_path(adding, *dep));
	g_ptr_array_add(adding->deps, NULL);
	/* In DVC's order, which .gitignore keeps. */
	add_outs(adding, options->outs_persist, (struct stage_edit_out){ .kind = PIPELINE_OUT, .persist = true });
	add_outs(adding, options->outs_persist_no_cache,
		 (struct stage_edit_out){ .kind = PIPELINE_OUT, .no_cache = true, .persist = true });
	add_outs(adding, options->metrics_no_cache, (struct stage_edit_out){ .kind = PIPELINE_METRIC, .no_cache = true });
	add_outs(adding, options->metrics, (struct stage_edit_out){ .kind = PIPELINE_METRIC });
	add_outs(adding, options->plots_no_cache, (struct stage_edit_out){ .kind = PIPELINE_PLOT, .no_cache = true });
	add_outs(adding, options->plots, (struct stage_edit_out){ .kind = PIPELINE_PLOT });
	add_outs(adding, options->outs_no_cache, (struct stage_edit_out){ .kind = PIPELINE_OUT, .no_cache = true });
	add_outs(adding, options->outs, (struct stage_edit_out){ .kind = PIPELINE_OUT });
}

/* The arguments as one command line, as DVC makes it: blanks in an argument are quoted, all else is the user's. New string. */
static char *command_line(char **arguments)
{
	GString *line = g_string_new(arguments[0]);

	if (!arguments[1])
		return g_string_free(line, FALSE);
	g_string_truncate(line, 0);
	for (; *arguments; arguments++) {
		bool quoted = strchr(*arguments, ' ') && !strchr(*arguments, '"');

		g_string_append_printf(line, "%s%s%s%s", line->len > 0 ? " " : "", quoted ? "\"" : "", *arguments,
				       quoted ? "\"" : "");
	}
	return g_string_free(line, FALSE);
}

/* Where the command is to run: a folder of the project that is there. */
static bool find_wdir(struct adding *adding, GError **error)
{
	const char *given = adding->options->wdir;
	struct workspace *ws = adding->context->ws;
	g_autofree char *here = path_join(ws->root, ws->cwd), *path = NULL, *quoted = given ? quote_path(given) : NULL;

	if (!given) {
		adding->place = g_steal_pointer(&here);
		return true;
	}
	path = workspace_path(ws, given, error);
	if (!path)
		return false;
	adding->place = path_join(ws->root, path);
	if (!g_file_test(adding->place, G_FILE_TEST_IS_DIR)) {
		error_set(error, ERROR_NOT_FOUND, "there is no folder '%s' to run the command in", quoted);
		error_hint(error, "mkdir -p %s", quoted);
		return false;
	}
	adding->wdir = path_relative(adding->place, here);
	if (g_str_equal(adding->wdir, "."))
		g_clear_pointer(&adding->wdir, g_free);
	return true;
}

static bool prepare(struct adding *adding, GError **error)
{
	struct workspace *ws = adding->context->ws;
	char **arguments = adding->context->args;

	if (!adding->options->name) {
		error_set(error, ERROR_USAGE, "what is the stage called? -n tells");
		return false;
	}
	if (!stage_edit_check_name(adding->options->name, error))
		return false;
	adding->command = arguments[0] ? command_line(arguments) : g_strdup("");
	if (!*g_strstrip(adding->command)) {
		error_set(error, ERROR_USAGE, "which command shall the stage run?");
		return false;
	}
	adding->file = workspace_path(ws, ws->dialect->pipeline_name, error);
	if (!adding->file || !find_wdir(adding, error))
		return false;
	adding->shown = workspace_show_path(ws, adding->file);
	collect_paths(adding);
	return true;
}

static struct stage_edit_spec spec_of(const struct adding *adding)
{
	const struct stage_add_options *options = adding->options;

	return (struct stage_edit_spec){
		.name = options->name,
		.cmd = adding->command,
		.desc = options->desc && *options->desc ? options->desc : NULL,
		.wdir = adding->wdir,
		.deps = (const char *const *)adding->deps->pdata,
		.params = (const char *const *)options->params,
		.outs = adding->outs,
		.always_changed = options->always_changed,
	};
}

/* The pipeline file as it is; an empty document if there is none. */
static struct doc *read_file(const struct adding *adding, GError **error)
{
	g_autofree char *full = path_join(adding->context->ws->root, adding->file), *text = NULL;
	g_autoptr(GError) reason = NULL;
	size_t length = 0;

	if (!file_read(full, YAML_SIZE_LIMIT, &text, &length, &reason) && !error_is(reason, ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return NULL;
	}
	return yaml_read(text ? text : "", length, adding->shown, error);
}

/* The text of the file with the stage; *fresh tells whether there was none of that name. NULL with the error set. */
static char *edited(const struct adding *adding, size_t *length, bool *fresh, GError **error)
{
	const struct stage_edit_spec spec = spec_of(adding);
	autoptr(doc) values = doc_new();
	autoptr(doc) doc = NULL;

	if (!stage_edit_check(&spec, error))
		return NULL;
	doc = read_file(adding, error);
	if (!doc)
		return NULL;
	*fresh = !node_get(node_get(doc->root, "stages"), spec.name);
	if (!*fresh && !adding->options->force) {
		error_set(error, ERROR_USAGE, "'%s' has a stage '%s' already", adding->shown, spec.name);
		error_hint(error, "--force replaces it");
		return NULL;
	}
	return stage_edit_put(doc, spec.name, stage_edit_body(values, &spec), length, error);
}

/* Whether the whole project still makes sense with the new text: nothing written twice, no circle. */
static bool check_draft(const struct adding *adding, const struct outputs *outputs, GError **error)
{
	autoptr(stages) stages = NULL;
	autoptr(graph) graph = NULL;

	if (!outputs_check(outputs, error))
		return false;
	stages = stages_new(adding->context->ws, outputs, error);
	graph = stages ? graph_new_sound(stages, error) : NULL;
	return graph;
}

/* The outputs of the new stage that Git is to ignore. */
static GPtrArray *cached_outputs(const struct adding *adding, const struct outputs *outputs)
{
	GPtrArray *paths = g_ptr_array_new();

	for (guint i = 0; i < adding->outs->len; i++) {
		const struct stage_edit_out *out = &g_array_index(adding->outs, struct stage_edit_out, i);
		g_autofree char *joined = path_join(adding->place, out->path), *full = path_normal(joined);
		const char *path = path_below(full, adding->context->ws->root);
		const struct output *output = path ? outputs_find(outputs, path) : NULL;

		if (output && !output->no_cache)
			g_ptr_array_add(paths, output->path);
	}
	return paths;
}

static int add(struct adding *adding, GError **error)
{
	struct workspace *ws = adding->context->ws;
	bool fresh = false;
	size_t length = 0;
	g_autofree char *text = edited(adding, &length, &fresh, error);
	const struct outputs_draft draft = { adding->file, text, length };
	const struct track_text entry = { adding->file, text, length };
	g_autoptr(GArray) texts = g_array_new(FALSE, FALSE, sizeof(struct track_text));
	autoptr(outputs) outputs = text ? outputs_load_draft(ws, &draft, error) : NULL;
	g_autoptr(GPtrArray) ignored = NULL;
	struct track_result *result;

	if (!outputs || !check_draft(adding, outputs, error))
		return -1;
	ignored = cached_outputs(adding, outputs);
	g_array_append_val(texts, entry);
	result = track_rewrite(ws, texts, ignored, error);
	if (result)
		view_note(adding->context->view, "%s stage '%s' in '%s'", fresh ? "added" : "changed", adding->options->name,
			  adding->shown);
	return show_track(adding->context, result);
}

/* Run the stage alone, as `repro -s` does; the lock is another process's to take. */
static int run_it(const struct adding *adding, GError **error)
{
	const char *const arguments[] = { "repro", "-s", "--", adding->options->name, NULL };

	workspace_unlock(adding->context->ws);
	fflush(adding->context->view->out);
	return handover_run(arguments, error);
}

static int add_run(struct context *context, GError **error)
{
	struct adding adding = { .context = context, .options = context->options };
	int code = -1;

	adding.paths = g_ptr_array_new_with_free_func(g_free);
	adding.deps = g_ptr_array_new();
	adding.outs = g_array_new(FALSE, FALSE, sizeof(struct stage_edit_out));
	if (prepare(&adding, error))
		code = add(&adding, error);
	if (code == EXIT_DONE && adding.options->run)
		code = run_it(&adding, error);
	adding_clear(&adding);
	return code;
}

const struct command stage_add_command = {
	.name = "add",
	.synopsis = "-n <name> [-f] [--run] [-d <path>]... [-p <params>]... [-o <path>]... [-O <path>]...\n"
		    "[-m <path>]... [-M <path>]... [-w <dir>] [<options>] [--] <command>...",
	.summary = "Write a stage into the pipeline file",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options_size = sizeof(struct stage_add_options),
	.options = add_specs,
	.max_args = ARGS_ANY,
	.command_line = true,
	.run = add_run,
};
