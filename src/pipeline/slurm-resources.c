#include "pipeline/slurm-resources.h"

#include "base/error.h"
#include "base/quote.h"

#include <string.h>

/* The longest value. */
#define VALUE_LIMIT 1024

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* What may stand for a key, and how to say so. */
enum shape { SHAPE_WORDS, SHAPE_COUNT, SHAPE_NUMBER, SHAPE_TIME, SHAPE_MEMORY, SHAPE_SWITCH };

static const char *const shape_words[] = {
	[SHAPE_WORDS] = "names without blanks",
	[SHAPE_COUNT] = "a number above 0",
	[SHAPE_NUMBER] = "a number",
	[SHAPE_TIME] = "minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes[:seconds] or UNLIMITED",
	[SHAPE_MEMORY] = "a number with K, M, G or T (none: M)",
	[SHAPE_SWITCH] = "true or false",
};

/* One key. Slurm's own long names, and shorter ones for what nearly everybody needs. */
struct resource {
	const char *key;
	enum shape shape;
	const char *option; /* NULL: as the key */
};

static const struct resource known[] = {
	{"account", SHAPE_WORDS, NULL},
	{"constraint", SHAPE_WORDS, NULL},
	{"cpus", SHAPE_COUNT, "cpus-per-task"},
	{"cpus-per-task", SHAPE_COUNT, NULL},
	{"exclude", SHAPE_WORDS, NULL},
	{"exclusive", SHAPE_SWITCH, NULL},
	{"gpus", SHAPE_WORDS, NULL},
	{"gpus-per-node", SHAPE_WORDS, NULL},
	{"gres", SHAPE_WORDS, NULL},
	{"licenses", SHAPE_WORDS, NULL},
	{"mem", SHAPE_MEMORY, NULL},
	{"mem-per-cpu", SHAPE_MEMORY, NULL},
	{"mem-per-gpu", SHAPE_MEMORY, NULL},
	{"nice", SHAPE_NUMBER, NULL},
	{"nodelist", SHAPE_WORDS, NULL},
	{"nodes", SHAPE_WORDS, NULL},
	{"ntasks", SHAPE_COUNT, NULL},
	{"partition", SHAPE_WORDS, NULL},
	{"qos", SHAPE_WORDS, NULL},
	{"reservation", SHAPE_WORDS, NULL},
	{"time", SHAPE_TIME, NULL},
	{"tmp", SHAPE_MEMORY, NULL},
};

/* Whether the text is `pattern`, in which 9 is one or more digits and all else itself. */
static bool has_form(const char *text, const char *pattern)
{
	for (; *pattern; pattern++) {
		size_t digits = strspn(text, DIGITS);

		if (*pattern == '9' ? !digits : *text != *pattern)
			return false;
		text += *pattern == '9' ? digits : 1;
	}
	return !*text;
}

static bool is_time(const char *text)
{
	static const char *const forms[] = {"9", "9:9", "9:9:9", "9-9", "9-9:9", "9-9:9:9", "UNLIMITED"};

	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		if (has_form(text, forms[i]))
			return true;
	}
	return false;
}

static bool is_memory(const char *text)
{
	size_t digits = strspn(text, DIGITS);

	return digits && (!text[digits] || (strchr("KMGTkmgt", text[digits]) && !text[digits + 1]));
}

static bool fits(enum shape shape, const char *text)
{
	if (!*text || strlen(text) > VALUE_LIMIT)
		return false;
	switch (shape) {
	case SHAPE_WORDS:
		/* Also lists, counts, node ranges and the operators of constraints. */
		return strspn(text, DIGITS LETTERS "_-.,:/=+*&|!()[]@") == strlen(text) && *text != '-';
	case SHAPE_COUNT:
		return has_form(text, "9") && strspn(text, "0") < strlen(text);
	case SHAPE_NUMBER:
		return has_form(text + (*text == '-'), "9");
	case SHAPE_TIME:
		return is_time(text);
	case SHAPE_MEMORY:
		return is_memory(text);
	case SHAPE_SWITCH:
		return g_str_equal(text, "true") || g_str_equal(text, "false");
	}
	return false;
}

/* A value as text; NULL for what is none. Templates give strings where numbers and switches are meant. New string. */
static char *value_text(const struct node *value)
{
	switch (value->kind) {
	case NODE_BOOL:
		return g_strdup(value->boolean ? "true" : "false");
	case NODE_INT:
		return g_strdup_printf("%" G_GINT64_FORMAT, value->integer);
	case NODE_STRING:
		return g_strdup(value->text);
	default:
		return NULL;
	}
}

/* The index in `known` of a key as people write it, with '_' or '-'; -1 if there is none. */
static int find_resource(const struct node *key)
{
	g_autofree char *name = g_strdelimit(g_strdup(key->kind == NODE_STRING ? key->text : ""), "_", '-');

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		if (g_str_equal(known[i].key, name))
			return (int)i;
	}
	return -1;
}

static void G_GNUC_PRINTF(3, 4) complain(GString *problems, const struct node *node, const char *format, ...)
{
	va_list args;

	if (problems->len)
		g_string_append(problems, "; ");
	/* What a template made has no place. */
	if (node->place.line)
		g_string_append_printf(problems, "line %u: ", node->place.line);
	va_start(args, format);
	g_string_append_vprintf(problems, format, args);
	va_end(args);
}

/* Put the option for one pair into its place in `options`. */
static void take(const struct node *key, const struct node *value, char **options, GString *problems)
{
	g_autofree char *shown = quote_path(key->kind == NODE_STRING ? key->text : node_kind_name(key->kind));
	g_autofree char *text = value_text(value);
	int at = find_resource(key);

	if (at < 0) {
		complain(problems, key, "meta.slurm has no key '%s'", shown);
	} else if (options[at]) {
		complain(problems, key, "'%s' is there twice", shown);
	} else if (!text || !fits(known[at].shape, text)) {
		complain(problems, value, "'%s' wants %s", shown, shape_words[known[at].shape]);
	} else if (known[at].shape == SHAPE_SWITCH) {
		options[at] = g_strconcat(g_str_equal(text, "true") ? "--" : "", g_str_equal(text, "true") ? known[at].key : "", NULL);
	} else {
		options[at] = g_strconcat("--", known[at].option ? known[at].option : known[at].key, "=", text, NULL);
	}
}

static void hint_keys(GError **error)
{
	g_autoptr(GString) keys = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		g_string_append_printf(keys, "%s%s", i ? ", " : "", known[i].key);
	error_hint(error, "the keys are: %s", keys->str);
}

char **slurm_resources(const struct node *resources, GError **error)
{
	char *found[G_N_ELEMENTS(known)] = {NULL};
	g_autoptr(GString) problems = g_string_new(NULL);
	g_autoptr(GPtrArray) options = g_ptr_array_new_with_free_func(g_free);

	if (resources && resources->kind != NODE_MAP)
		complain(problems, resources, "meta.slurm is %s, not a map", node_kind_name(resources->kind));
	for (size_t i = 0; resources && resources->kind == NODE_MAP && i < resources->count; i++)
		take(resources->keys[i], resources->items[i], found, problems);
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		if (found[i] && *found[i])
			g_ptr_array_add(options, found[i]);
		else
			g_free(found[i]);
	}
	if (problems->len) {
		error_set(error, ERROR_INVALID, "%s", problems->str);
		hint_keys(error);
		return NULL;
	}
	g_ptr_array_add(options, NULL);
	return (char **)g_ptr_array_steal(options, NULL);
}
