#include "base/error.h"
#include "base/path.h"
#include "cmd/show.h"
#include "cmd/source.h"
#include "view/json-out.h"

struct ls_options {
	bool recursive, tracked_only, json, size, show_hash;
	char *rev;
};

static const struct option_spec ls_specs[] = {
	OPT_FLAG(ls_options, 'R', "recursive", recursive, "list every file below"),
	OPT_FLAG(ls_options, 0, "dvc-only", tracked_only, "only what pointers and pipelines track"),
	{ .kind = OPTION_STRING, .long_name = "rev", .offset = offsetof(struct ls_options, rev), .value = "<commit>",
	  .help = "at this commit, not in the workspace", .completion = COMPLETE_REVISION },
	OPT_FLAG(ls_options, 0, "size", size, "print sizes"),
	OPT_FLAG(ls_options, 0, "show-hash", show_hash, "print object ids"),
	OPT_FLAG(ls_options, 0, "json", json, "print JSON (git-mlv-json(5))"),
	OPT_END,
};

/* Paths go out relative to what was asked for at a revision or in another repository, else relative to the current directory. */
static char *shown_path(const struct context *context, const struct source *source, const char *base, const char *path)
{
	if (source->own || source_revision(source) || *base) {
		const char *below = path_below(path, base);

		return g_strdup(below && *below ? below : path_base(path));
	}
	return workspace_show_path(context->ws, path);
}

static void show_json(struct context *context, const struct source *source, const char *base, const GPtrArray *entries)
{
	const struct ls_options *options = context->options;
	struct json_out *json = json_out_new(context->view);
	char text[OID_TEXT_MAX];

	json_out_array(json, NULL);
	for (guint i = 0; i < entries->len; i++) {
		const struct listing_entry *entry = g_ptr_array_index(entries, i);
		g_autofree char *path = shown_path(context, source, base, entry->path);

		json_out_object(json, NULL);
		json_out_bool(json, "isout", entry->tracked);
		json_out_bool(json, "isdir", entry->is_dir);
		json_out_bool(json, "isexec", entry->executable);
		if (entry->size == LISTING_NO_SIZE)
			json_out_null(json, "size");
		else
			json_out_uint(json, "size", entry->size);
		if (options->show_hash || entry->tracked)
			json_out_string(json, "md5", oid_is_none(&entry->oid) ? NULL : oid_text(&entry->oid, text));
		else
			json_out_null(json, "md5");
		json_out_string(json, "path", path);
		json_out_end(json);
	}
	json_out_end(json);
	json_out_finish(json);
}

static void show_lines(struct context *context, const struct source *source, const char *base, const GPtrArray *entries)
{
	const struct ls_options *options = context->options;
	char text[OID_TEXT_MAX], size[16];

	for (guint i = 0; i < entries->len; i++) {
		const struct listing_entry *entry = g_ptr_array_index(entries, i);
		g_autofree char *path = shown_path(context, source, base, entry->path);

		if (options->size)
			view_print(context->view, VIEW_PLAIN, "%10s  ",
				   entry->size == LISTING_NO_SIZE ? "-" : view_size(size, entry->size));
		if (options->show_hash)
			view_print(context->view, VIEW_DIM, "%-36s  ",
				   oid_is_none(&entry->oid) ? "-" : oid_text(&entry->oid, text));
		view_path(context->view, VIEW_PLAIN, path, -1);
		view_print(context->view, VIEW_PLAIN, "%s\n", entry->is_dir ? "/" : "");
	}
}

static int ls_run(struct context *context, GError **error)
{
	const struct ls_options *options = context->options;
	struct listing_options how = { .recursive = options->recursive, .tracked_only = options->tracked_only };
	autoptr(source) source = NULL;
	g_autofree char *path = NULL;
	g_autoptr(GPtrArray) entries = source_list(context, options->rev, &how, &source, &path, error);

	if (!entries)
		return -1;
	if (options->json)
		show_json(context, source, path, entries);
	else
		show_lines(context, source, path, entries);
	return EXIT_DONE;
}

/* Both names of it. */
#define LS_COMMAND(name_, summary_)                                                                                      \
	{                                                                                                               \
		.name = name_, .group = "Data", .summary = summary_, .needs = NEEDS_WORKSPACE | WANTS_PAGER,            \
		.synopsis = "[-R] [--dvc-only] [--rev <commit>] [--size] [--show-hash] [--json] [<repository>] [<path>]", \
		.options_size = sizeof(struct ls_options), .options = ls_specs, .max_args = 2,                          \
		.arguments = COMPLETE_FILE, .run = ls_run,                                                              \
	}

const struct command cmd_ls = LS_COMMAND("ls", "List files, Git's and tracked data together");
const struct command cmd_list = LS_COMMAND("list", "The same as ls, by DVC's name");
