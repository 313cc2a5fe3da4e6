#include "format/configobj-int.h"

/* Indent of options. */
#define INDENT "    "

/* Characters that a value may not begin or end with unless it is quoted. */
#define NEEDS_QUOTES_OUTSIDE " \r\n\v\t'\""

static void append_value(GString *out, const char *value)
{
	size_t length = strlen(value);
	bool both = strchr(value, '\'') && strchr(value, '"');

	if (both || strchr(value, '\n')) {
		const char *mark = strstr(value, "\"\"\"") ? "\"\"\"" : "'''";

		g_string_append_printf(out, "%s%s%s", mark, value, mark);
	} else if (length > 0 && !strpbrk(value, ",#") && !strchr(NEEDS_QUOTES_OUTSIDE, *value) &&
		   !strchr(NEEDS_QUOTES_OUTSIDE, value[length - 1])) {
		g_string_append(out, value);
	} else {
		char quote = strchr(value, '"') ? '\'' : '"';

		g_string_append_printf(out, "%c%s%c", quote, value, quote);
	}
}

static void append_section(GString *out, const struct configobj_section *section)
{
	if (section->options->len == 0)
		return;
	g_string_append_c(out, '[');
	append_value(out, section->name);
	g_string_append(out, "]\n");
	for (guint i = 0; i < section->options->len; i++) {
		const struct configobj_option *option = g_ptr_array_index(section->options, i);

		g_string_append(out, INDENT);
		append_value(out, option->name);
		g_string_append(out, " = ");
		append_value(out, option->value);
		g_string_append_c(out, '\n');
	}
}

/* Its place in configobj_named_kinds from 1 on, 0 for a plain section. */
static unsigned kind_of(const struct configobj_section *section)
{
	for (unsigned i = 0; configobj_named_kinds[i]; i++)
		if (configobj_named(section->name, configobj_named_kinds[i]))
			return i + 1;
	return 0;
}

/* Sections that were read in their order, then new ones in that of DVC's schema; each kind of named ones in their order. */
static int compare_sections(gconstpointer a, gconstpointer b, gpointer config)
{
	const struct configobj_section *x = *(const struct configobj_section *const *)a;
	const struct configobj_section *y = *(const struct configobj_section *const *)b;
	unsigned kind_x = kind_of(x), kind_y = kind_of(y);
	guint place_x = 0, place_y = 0;

	if (kind_x != kind_y)
		return kind_x < kind_y ? -1 : 1;
	if (kind_x == 0 && x->read != y->read)
		return x->read ? -1 : 1;
	if (kind_x == 0 && !x->read && configobj_rank(x->name) != configobj_rank(y->name))
		return configobj_rank(x->name) < configobj_rank(y->name) ? -1 : 1;
	g_ptr_array_find(((const struct configobj *)config)->sections, x, &place_x);
	g_ptr_array_find(((const struct configobj *)config)->sections, y, &place_y);
	return place_x < place_y ? -1 : place_x > place_y;
}

char *configobj_write(const struct configobj *config, size_t *length)
{
	g_autoptr(GPtrArray) order = g_ptr_array_new();
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < config->sections->len; i++)
		g_ptr_array_add(order, g_ptr_array_index(config->sections, i));
	g_ptr_array_sort_with_data(order, compare_sections, (gpointer)config);
	for (guint i = 0; i < order->len; i++)
		append_section(out, g_ptr_array_index(order, i));
	if (out->len == 0)
		g_string_append_c(out, '\n');
	*length = out->len;
	return g_string_free(out, FALSE);
}
