#include "format/reading-int.h"

#include "base/error.h"

#include <stdarg.h>

/* How many errors are listed; the rest is counted. */
#define LIST_LIMIT 20

void reading_begin(struct reading *reading, const struct doc *doc, struct doc *out)
{
	*reading = (struct reading){
		.doc = doc,
		.out = out,
		.memory_left = READING_MEMORY_LIMIT,
		.stages_left = READING_STAGE_LIMIT,
		.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.uses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.problems = g_string_new(NULL),
	};
}

/* List an error, `key` telling whether it was listed before. */
static void list_problem(struct reading *reading, const char *key, const char *text)
{
	reading->problem_count++;
	if (!g_hash_table_add(reading->seen, g_strdup(key)))
		return;
	if (g_hash_table_size(reading->seen) <= LIST_LIMIT)
		g_string_append_printf(reading->problems, "%s%s", reading->problems->len ? "\n" : "", text);
}

void reading_error(struct reading *reading, GError *error)
{
	list_problem(reading, error->message, error->message);
	g_error_free(error);
}

void reading_problem(struct reading *reading, const struct doc *doc, const struct node *node, const char *format, ...)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL, *key = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	key = g_strdup_printf("%s:%zu %s", doc->name, node->place.start, text);
	node_error(&error, doc, node, reading->stage ? "%s (in stage '%s')" : "%s", text, reading->stage);
	list_problem(reading, key, error->message);
}

void reading_use(struct reading *reading, const char *file, const char *key, const struct node *value)
{
	struct pipeline_variable *variable;
	g_autofree char *id = g_strdup_printf("%s:%s", file, key);

	if (!g_hash_table_add(reading->uses, g_steal_pointer(&id)))
		return;
	variable = g_new(struct pipeline_variable, 1);
	variable->file = g_strdup(file);
	variable->key = g_strdup(key);
	variable->value = node_copy(reading->out, value);
	g_ptr_array_add(reading->used, variable);
}

bool reading_end(struct reading *reading, GError **error)
{
	g_autoptr(GString) problems = g_steal_pointer(&reading->problems);
	guint all = g_hash_table_size(reading->seen);

	g_clear_pointer(&reading->seen, g_hash_table_unref);
	g_clear_pointer(&reading->uses, g_hash_table_unref);
	if (all == 0)
		return true;
	if (all > LIST_LIMIT)
		g_string_append_printf(problems, "\n%s: %u more errors", reading->doc->name, all - LIST_LIMIT);
	error_set(error, ERROR_CORRUPT, "%s", problems->str);
	return false;
}
