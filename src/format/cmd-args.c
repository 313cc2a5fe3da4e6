#include "format/cmd-args-int.h"

#include "base/error.h"
#include "format/scalar-text-int.h"

#include <string.h>

struct args {
	GString *out;
	GString *name; /* of the option: keys of the maps around it, joined by dots */
	const struct pipeline_options *options;
};

/* Append text so that a shell reads it as one word, quoted only if it must be and the way Python's shlex does it. */
static void append_word(GString *out, const char *text)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";

	if (*text && !text[strspn(text, safe)]) {
		g_string_append(out, text);
		return;
	}
	g_string_append_c(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			g_string_append(out, "'\"'\"'");
		else
			g_string_append_c(out, *text);
	}
	g_string_append_c(out, '\'');
}

static void append_value(GString *out, const struct node *value)
{
	g_string_append_c(out, ' ');
	if (value->kind == NODE_STRING)
		append_word(out, value->text);
	else if (value->kind == NODE_BOOL) /* only in lists: Python's own names, as DVC has it */
		g_string_append(out, value->boolean ? "True" : "False");
	else
		scalar_text_append(out, value);
}

/* Append " --name". */
static void append_option(const struct args *args)
{
	g_string_append(args->out, " --");
	g_string_append_len(args->out, args->name->str, (gssize)args->name->len);
}

static bool append_list(const struct args *args, const struct node *list, GError **error)
{
	for (size_t i = 0; i < list->count; i++) {
		enum node_kind kind = list->items[i]->kind;

		if (kind == NODE_LIST || kind == NODE_MAP) {
			error_set(error, ERROR_CORRUPT, "the list '%s' holds %s, which has no form as an option",
				  args->name->str, node_kind_name(kind));
			return false;
		}
		if (i == 0 || args->options->list_append)
			append_option(args);
		append_value(args->out, list->items[i]);
	}
	return true;
}

static bool append_map(const struct args *args, const struct node *map, GError **error);

static bool append_pair(const struct args *args, const struct node *value, GError **error)
{
	switch (value->kind) {
	case NODE_MAP:
		g_string_append_c(args->name, '.');
		return append_map(args, value, error);
	case NODE_LIST:
		return append_list(args, value, error);
	case NODE_BOOL:
		if (value->boolean)
			append_option(args);
		else if (args->options->bool_optional)
			g_string_append_printf(args->out, " --no-%s", args->name->str);
		return true;
	default:
		append_option(args);
		append_value(args->out, value);
		return true;
	}
}

static bool append_map(const struct args *args, const struct node *map, GError **error)
{
	size_t prefix = args->name->len;

	for (size_t i = 0; i < map->count; i++) {
		if (map->keys[i]->kind != NODE_STRING)
			continue;
		g_string_append(args->name, map->keys[i]->text);
		if (!append_pair(args, map->items[i], error))
			return false;
		g_string_truncate(args->name, prefix);
	}
	return true;
}

bool cmd_args_append(GString *out, const struct node *map, const struct pipeline_options *options, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL), name = g_string_new(NULL);
	const struct args args = {text, name, options};

	if (!append_map(&args, map, error))
		return false;
	g_string_append(out, text->len ? text->str + 1 : ""); /* every option brought a blank before it */
	return true;
}
